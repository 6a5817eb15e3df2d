import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {type Output, run} from '../container/container.ts'
import {repository} from '../container/paths.ts'
import {shell} from './shell.ts'

/** The units that we ship. */
const shipped = join(repository, 'packaging/systemd')

/** Puts the program and its units where a package puts them. */
export async function install(instance: number): Promise<void> {
  await shell(
    instance,
    `ln -sf /usr/local/bin/prism-doctor /usr/bin/prism-doctor
    mkdir -p /usr/lib/systemd/system
    cp /opt/prism-doctor/packaging/systemd/* /usr/lib/systemd/system/
    systemctl daemon-reload`,
  )
}

/** Adds settings to a unit; an empty list takes them away again. */
export async function adjust(
  instance: number,
  unit: string,
  lines: readonly string[],
): Promise<void> {
  const directory = `/run/systemd/system/${unit}.d`
  const file = `${directory}/of-a-test.conf`
  const script =
    lines.length === 0
      ? `rm -f ${file}; systemctl daemon-reload`
      : `mkdir -p ${directory}; cat > ${file}; systemctl daemon-reload`
  const input = lines.map(line => `${line}\n`).join('')
  const {exitCode, stderr} = await run(instance, ['sh', '-euc', script], {input})
  if (exitCode !== 0) throw new Error(`${unit} could not be adjusted: ${stderr}`)
}

/** Settings that have the unit run the doctor otherwise. */
export const running = (...argv: readonly string[]): readonly string[] => [
  '[Service]',
  'ExecStart=',
  `ExecStart=/usr/bin/prism-doctor ${argv.join(' ')}`,
]

/** Starts the unit and waits for its end, well or not. */
export const start = (instance: number, unit: string): Promise<Output> =>
  run(instance, ['sh', '-c', `systemctl start ${unit}; systemctl reset-failed ${unit}`], {
    timeout: 120,
  })

/** What a shipped unit says of a setting; its continued lines are one. */
export function settingOf(unit: string, name: string): string {
  const text = readFileSync(join(shipped, unit), 'utf8').replaceAll(/\\\n\s*/g, '')
  const value = new RegExp(`^${name}=(.*)$`, 'm').exec(text)?.[1]
  if (value === undefined) throw new Error(`${unit} has no ${name}=`)
  return value
}
