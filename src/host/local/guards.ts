import {posix} from 'node:path'
import {Refused} from '../hands.ts'
import {mountOf} from './descriptors.ts'
import {withDirectory} from './path-resolution.ts'

/**
 * Directories of the system, and what no deployment keeps its state in: a change of everything
 * below would be a mistake.
 */
const systemTrees = /^\/(?:bin|boot|dev|etc|lib|lib32|lib64|nix|proc|run|sbin|sys|usr)(?:\/|$)/

/** Directories that hold many deployments: only below them may be changed. */
const shared =
  /^\/(?:home|home\/[^/]+|media|mnt|opt|root|srv|tmp|var|var\/(?:lib|cache|log|tmp|spool|www|backups?|mail|opt)|var\/lib\/(?:private|postgresql|mysql|docker|containers|systemd|nixos|redis|machines))?$/

/**
 * The bound that a path lies in. Bounds come from the unit and the configuration alone.
 * @throws Refused where it lies in none, or where the bound is the size of a mistake.
 */
export function boundOf(path: string, bounds: readonly string[]): string {
  if (!isPlain(path)) throw new Refused(`${path} is not a plain absolute path`)
  const around = bounds.filter(each => path === each || path.startsWith(`${each}/`))
  const bound = around.find(each => !isShared(each)) ?? around[0]
  if (bound === undefined)
    throw new Refused(
      `${path} lies outside ${bounds.join(' and ') || 'everything that the unit names'}`,
    )
  if (!isPlain(bound)) throw new Refused(`${bound} is not a plain absolute path`)
  if (isShared(bound))
    throw new Refused(
      `${bound} does not belong to one deployment alone: changing everything below it would be a mistake`,
    )
  return bound
}

function isShared(path: string): boolean {
  return systemTrees.test(path) || shared.test(path)
}

function isPlain(path: string): boolean {
  return (
    path.startsWith('/') && posix.normalize(path) === path && (path === '/' || !path.endsWith('/'))
  )
}

/**
 * Runs with the directory that an entry lies in; everything from the bound on lies in the bound's
 * own mount.
 */
export function withParent<T>(
  path: string,
  bound: string,
  use: (parent: number, name: string) => T,
): T {
  // What a journal says is held against the same guards.
  boundOf(path, [bound])
  const parent = posix.dirname(path)
  return withDirectory(parent, directory => {
    if (path !== bound) assertSameMount(bound, directory, parent)
    return use(directory, posix.basename(path))
  })
}

function assertSameMount(bound: string, descriptor: number, path: string): void {
  const mount = withDirectory(bound, mountOf)
  if (mountOf(descriptor) !== mount) throw new Refused(`${path} is another mount than ${bound}`)
}
