import {mkdir, symlink} from 'node:fs/promises'
import {join} from 'node:path'
import {bootImage} from '../container/container.ts'
import type {Deployment} from './deployments.ts'
import {harbour} from './paths.ts'

/** Enables units as `systemctl enable` would, in a root that does not run. */
async function enable(root: string, units: readonly string[]): Promise<void> {
  for (const unit of units) {
    const target = unit.endsWith('.socket') ? 'sockets.target' : 'multi-user.target'
    const wants = join(root, `etc/systemd/system/${target}.wants`)
    await mkdir(wants, {recursive: true})
    // Where this host's own units are; systemd looks a name up wherever the link leads.
    await symlink(`../${unit}`, join(wants, unit))
  }
}

/** Boots a machine on which this deployment runs, and its front. */
export async function boot(instance: number, {enabled, front}: Deployment): Promise<void> {
  await bootImage(instance, harbour, root => enable(root, [...enabled, front]))
}
