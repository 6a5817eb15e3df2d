import type {Host, Stat} from '../../host/host.ts'

export {isBelow} from '../../host/path.ts'

/** One component on the way to a path, as lstat(2) sees it. */
export interface Component {
  readonly path: string
  readonly stat: Stat
}

/** Where a path leads. */
export interface Resolved {
  /** The path without links; null when a component is missing or links lead in a circle. */
  readonly path: string | null
  readonly stat: Stat | null
  /** Every directory and link that was passed, "/" first, the end last. */
  readonly components: readonly Component[]
  /** The first component that is not there. */
  readonly missing: string | null
}

/** As many links as the kernel follows (path_resolution(7)). */
const maxLinks = 40

/**
 * Resolves an absolute path as the kernel does, by components, so that each can be judged.
 * @throws CannotLook where a directory on the way may not be searched.
 */
export async function resolvePath(host: Host, path: string): Promise<Resolved> {
  const root = await host.stat('/')
  const components: Component[] = root ? [{path: '/', stat: root}] : []
  let pending = parts(path)
  const passed: Component[] = [...components]
  let links = 0
  while (pending.length > 0) {
    const [name = '', ...rest] = pending
    pending = rest
    if (name === '..') {
      if (passed.length > 1) passed.pop()
      continue
    }
    const here = passed.at(-1)?.path ?? '/'
    const next = here === '/' ? `/${name}` : `${here}/${name}`
    const stat = await host.stat(next)
    if (!stat) return {path: null, stat: null, components, missing: next}
    components.push({path: next, stat})
    if (stat.type !== 'symlink') {
      passed.push({path: next, stat})
      continue
    }
    links += 1
    if (links > maxLinks) return {path: null, stat: null, components, missing: next}
    const to = stat.link ?? ''
    if (to.startsWith('/')) passed.splice(1)
    pending = [...parts(to), ...pending]
  }
  const end = passed.at(-1)
  return {path: end?.path ?? '/', stat: end?.stat ?? null, components, missing: null}
}

function parts(path: string): string[] {
  return path.split('/').filter(part => part !== '' && part !== '.')
}
