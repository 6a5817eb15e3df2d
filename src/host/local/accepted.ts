import {CannotLook} from '../host.ts'
import type {Setting} from './shown.ts'

/**
 * Settings that this systemd says of a unit and does not take for a transient one, as NAME=VALUE.
 */
const refused = new Set<string>()

/** What a program must not be run without, or it would get more than the unit has. */
const sandbox =
  /Protect|Private|Restrict|Capabilit|NoNew|SystemCall|Path|User|Group|Root|Bind|FileSystem|Mount|IPAddress|Device|Secure|Lock|Exec|Namespace|Proc|Keyring|MemoryDeny|UMask|Context|Profile|Label|Personality|Joins/

/**
 * The words of a setting that this systemd takes; none where it takes none, and nothing depends on
 * it.
 * @throws CannotLook where the sandbox would be weaker without it.
 */
export function accepted(setting: Setting): readonly Setting[] {
  if (!refused.has(`${setting.name}=${setting.value}`)) return [setting]
  if (setting.or) return accepted(setting.or)
  if (sandbox.test(setting.name))
    throw new CannotLook(`systemd-run does not take ${setting.name}=${setting.value}`)
  return []
}

/**
 * Notes the setting that systemd-run complains of.
 * @throws CannotLook when it complains of something else.
 */
export function refuse(stderr: string, args: readonly string[]): void {
  const name = /(?:Unknown assignment:?|Cannot set property|Failed to parse) (\w+)/.exec(
    stderr,
  )?.[1]
  const given = args.filter(
    (arg, at) => args[at - 1] === '-p' && arg.startsWith(`${name}=`) && !refused.has(arg),
  )
  if (given.length === 0)
    throw new CannotLook(`systemd-run did not start it: ${lastLine(stderr) || 'it says nothing'}`)
  for (const setting of given) refused.add(setting)
}

export function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? ''
}
