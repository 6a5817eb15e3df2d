import {CannotLook, type Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import type {Target} from '../target/target.ts'
import {scriptText} from './script.ts'

/** A path of the Nix store, up to the name of the package. */
export const storePath = /\/nix\/store\/[0-9a-z]{32}-[^/\s"':]+/g

/** "prism-django-unstable": the name of a store path without its hash. */
function packageName(path: string): string {
  return path.replace(/^\/nix\/store\/[0-9a-z]{32}-/, '')
}

/**
 * The package that the main process runs from, where the unit names another of the same name by
 * now; else null.
 * @throws CannotLook where this user may not see what it runs from.
 */
export async function olderPackage(
  host: Host,
  {unit, package: store, running}: Target,
): Promise<string | null> {
  const pid = Number(unit.get('MainPID'))
  if (!store || !pid) return null
  const cwd = await ifSeen(host.stat(`/proc/${pid}/cwd`))
  if (cwd === null && running === null) {
    throw new CannotLook('what the process runs from may not be read by this user', {
      privilege: true,
    })
  }
  // What the wrapper exported tells as much as where it was started.
  const texts = [cwd?.link ?? '', running?.get('PYTHONPATH') ?? '', running?.get('PWD') ?? '']
  const paths = texts.flatMap(text => [...text.matchAll(storePath)].map(([path]) => path))
  const own = paths.filter(path => packageName(path) === packageName(store))
  const [old] = own
  return old === undefined || own.includes(store) ? null : old
}

/**
 * The package that the unit has in the current system of NixOS, where systemd has loaded another;
 * else null.
 */
export async function packageOfSystem(
  host: Host,
  {unit, package: store}: Target,
): Promise<string | null> {
  if (!store) return null
  const text = await scriptText(host, `/run/current-system/etc/systemd/system/${unit.name}`)
  if (text === null || text.includes(store)) return null
  return text.match(storePath)?.find(path => packageName(path) === packageName(store)) ?? null
}
