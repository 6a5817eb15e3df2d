import type {Entry, Stat, WalkAnswer} from '../src/host/host.ts'
import {fixture, recorded} from './machine.ts'

export const stateDirectory = '/var/lib/prism-django'

/** The healthy machine's answer to a question. */
export function healthy<T>(kind: 'stat' | 'walk' | 'readFile', key: string): T {
  return recorded('healthy', kind, key) as T
}

/** The one recorded question that starts and ends so: paths hold process ids and hashes of the store. */
export function question(kind: 'readFile' | 'stat' | 'walk' | 'list', pattern: RegExp): string {
  const found = Object.keys(fixture('healthy').answers[kind] ?? {}).find(key => pattern.test(key))
  if (!found) throw new Error(`the healthy machine was never asked for ${kind} ${pattern}`)
  return found
}

export function healthyStat(path: string): Stat {
  return healthy<Stat>('stat', path)
}

/** The healthy state directory with its entries changed, and others added. */
export function walkWith(change: (entry: Entry) => Entry, ...added: readonly Partial<Entry>[]): WalkAnswer {
  const walk = healthy<WalkAnswer>('walk', stateDirectory)
  const [model] = walk.entries.filter(({type}) => type === 'file')
  if (!model) throw new Error('the healthy machine has no file in its state directory')
  return {
    ...walk,
    entries: [...walk.entries.map(change), ...added.map(entry => ({...model, nlink: 1, size: 1, ...entry}))],
  }
}

/** The entries whose path matches, changed. */
export function walkChanging(path: RegExp, change: Partial<Entry>): WalkAnswer {
  return walkWith(entry => (path.test(entry.path) ? {...entry, ...change} : entry))
}
