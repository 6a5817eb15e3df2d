import {rm} from 'node:fs/promises'
import {join} from 'node:path'
import {bootImage, run} from '../container/container.ts'
import {units} from './deployment.ts'
import {midship} from './paths.ts'

export const boot = (instance: number): Promise<void> => bootImage(instance, midship)

/** Boots a machine whose application has not been started yet, and is as enabled as ever. */
export async function bootUnstarted(instance: number): Promise<void> {
  const [unit, target] = units['unit-prism']
  const link = `etc/systemd/system/${target}.wants/${unit}`
  await bootImage(instance, midship, root => rm(join(root, link)))
  const {exitCode, stderr} = await run(instance, [
    'sh',
    '-c',
    `ln -s ../${unit} /${link} && systemctl daemon-reload`,
  ])
  if (exitCode !== 0) throw new Error(`${unit} could not be enabled again: ${stderr}`)
}
