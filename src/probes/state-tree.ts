import {visible} from '../escape.ts'
import type {Host, WalkAnswer} from '../host/host.ts'
import type {Target} from '../target.ts'
import {type Component, isBelow, type Resolved, resolvePath} from './paths.ts'

/** A directory and everything below it, as one walk found it; paths of entries are relative to the top. */
export interface Tree extends WalkAnswer {
  /** The directory itself, links followed. */
  readonly top: Component
}

/** The state directory and all below it; null where there is none. Every check walks it by this one question. */
export async function walkState(host: Host, target: Target): Promise<Tree | null> {
  if (!target.stateDirectory) return null
  return walked(host, await resolvePath(host, target.stateDirectory))
}

/** A directory in the state directory (one walk tells of all) or elsewhere; null when there is no directory. */
export async function walkDirectory(host: Host, target: Target, path: string): Promise<Tree | null> {
  const [found, state] = await Promise.all([
    resolvePath(host, path),
    target.stateDirectory ? resolvePath(host, target.stateDirectory) : null,
  ])
  const inside = found.path && state?.path && isBelow(found.path, state.path) && found.stat?.dev === state.stat?.dev
  // Another filesystem below the state directory is not in the walk of that.
  const whole = inside ? await walkState(host, target) : null
  if (!whole || !found.path || found.stat?.type !== 'directory') return walked(host, found)
  if (found.path === whole.top.path) return whole
  const prefix = `${found.path.slice(whole.top.path.length + 1)}/`
  return {
    top: {path: found.path, stat: found.stat},
    entries: whole.entries
      .filter(entry => entry.path.startsWith(prefix))
      .map(entry => ({...entry, path: entry.path.slice(prefix.length)})),
    unreadable: whole.unreadable.filter(directory => isBelow(directory, found.path ?? '')),
    truncated: whole.truncated,
  }
}

async function walked(host: Host, {path, stat}: Resolved): Promise<Tree | null> {
  if (!path || stat?.type !== 'directory') return null
  return {top: {path, stat}, ...(await host.walk(path))}
}

/** So many are named; the others are counted. */
const named = 3

/** "a, b, c and 9 more", on one line whatever the names hold. */
export function firstFew(names: readonly string[]): string {
  const few = names.slice(0, named).map(visible).join(', ')
  return names.length > named ? `${few} and ${names.length - named} more` : few
}
