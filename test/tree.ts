import {
  type CountedWalk,
  type Entry,
  type EntryKind,
  type Host,
  type ListedWalk,
  NotRecorded,
  type Stat,
} from '../src/host/host.ts'
import {type Edits, fixture, machine, recorded} from './machine.ts'

export const stateDirectory = '/var/lib/prism-django'

/** The healthy machine's answer to a question. */
export function healthy<T>(kind: 'stat' | 'walk' | 'readFile', key: string): T {
  return recorded('healthy', kind, key) as T
}

/**
 * The one recorded question that starts and ends so: paths hold process ids and hashes of the
 * store.
 */
export function question(kind: 'readFile' | 'stat' | 'walk' | 'list', pattern: RegExp): string {
  const found = Object.keys(fixture('healthy').answers[kind] ?? {}).find(key => pattern.test(key))
  if (!found) throw new Error(`the healthy machine was never asked for ${kind} ${pattern}`)
  return found
}

export function healthyStat(path: string): Stat {
  return healthy<Stat>('stat', path)
}

/** The healthy state directory with its entries changed, and others added. */
export function walkWith(
  change: (entry: Entry) => Entry,
  ...added: readonly Partial<Entry>[]
): ListedWalk {
  const walk = healthy<ListedWalk>('walk', stateDirectory)
  const [model] = walk.entries.filter(({type}) => type === 'file')
  if (!model) throw new Error('the healthy machine has no file in its state directory')
  return {
    ...walk,
    entries: [
      ...walk.entries.map(change),
      ...added.map(entry => ({...model, nlink: 1, size: 1, ...entry})),
    ],
  }
}

/** The entries whose path matches, changed. */
export function walkChanging(path: RegExp, change: Partial<Entry>): ListedWalk {
  return walkWith(entry => (path.test(entry.path) ? {...entry, ...change} : entry))
}

/** A million uploads in the state directory, and others besides, as a walk counts them. */
export function countedWalk(
  kinds: readonly (Partial<EntryKind> & {readonly path: string})[],
  unjudged = 0,
): CountedWalk {
  const own = {path: 'media/1', apart: 'media', count: 1_000_000}
  const all = [own, {...own, path: 'media', type: 'directory' as const, mode: 0o755, count: 1}]
  return {
    truncated: true,
    unjudged,
    unreadable: [],
    kinds: [...all, ...kinds].map(({path, ...kind}) => {
      const model = healthyEntry(/^staticfiles\/staticfiles\.json$/)
      const {type, mode, uid, gid} = {...model, ...kind}
      const first = {...model, path, type, mode, uid, gid}
      const known = {compressed: /\.(?:gz|br)$/.test(path), apart: null, count: 1, named: [first]}
      return {type, mode, uid, gid, ...known, ...kind} as EntryKind
    }),
  }
}

function healthyEntry(path: RegExp): Entry {
  const {entries} = healthy<ListedWalk>('walk', stateDirectory)
  const found = entries.find(entry => path.test(entry.path))
  if (!found) throw new Error(`the healthy machine has no ${path}`)
  return found
}

/**
 * A recorded machine, with a test's changes of modes and owners, on which no access control list
 * lets in whom the modes keep out: there test(1) ends with 1, as an edit of the fault. What a test
 * or the recording answers itself comes first.
 */
export function withoutLists(name: string, edits: Edits = {}): Host {
  const host = machine(name, edits)
  const exec: Host['exec'] = async (argv, options) => {
    try {
      return await host.exec(argv, options)
    } catch (error) {
      if (!(error instanceof NotRecorded) || !/^may (?:read|write|pass) /.test(options.question))
        throw error
      return {exitCode: 1, stdout: '', stderr: ''}
    }
  }
  return {...host, exec}
}
