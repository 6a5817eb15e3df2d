import {mkdir, symlink} from 'node:fs/promises'
import {join} from 'node:path'
import {bootImage, run} from '../container/container.ts'
import type {Deployment} from './deployments.ts'
import {checkHealth} from './health.ts'
import {harbour} from './paths.ts'

/** Where `systemctl enable` puts its link; all of these units say so in their [Install]. */
const wants = (unit: string): string =>
  `etc/systemd/system/${unit.endsWith('.socket') ? 'sockets' : 'multi-user'}.target.wants`

async function enable(root: string, units: readonly string[]): Promise<void> {
  for (const unit of units) {
    await mkdir(join(root, wants(unit)), {recursive: true})
    // systemd goes by the link's name.
    await symlink(`../${unit}`, join(root, wants(unit), unit))
  }
}

/**
 * Boots a machine on which this deployment and its front run, and waits until a visitor sees it.
 */
export async function boot(instance: number, deployment: Deployment): Promise<void> {
  await bootImage(instance, harbour, root =>
    enable(root, [...deployment.enabled, deployment.front]),
  )
  await checkHealth(instance, deployment)
}

/** Boots a machine whose application has not been started yet, and is as enabled as ever. */
export async function bootUnstarted(
  instance: number,
  {enabled, front, unit}: Deployment,
): Promise<void> {
  await bootImage(instance, harbour, root =>
    enable(root, [...enabled.filter(name => name !== unit), front]),
  )
  const link = `ln -s ../${unit} /${wants(unit)}/ && systemctl daemon-reload`
  const {exitCode, stderr} = await run(instance, ['sh', '-c', link])
  if (exitCode !== 0) throw new Error(`${unit} could not be enabled again: ${stderr}`)
}
