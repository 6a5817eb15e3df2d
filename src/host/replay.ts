import {CannotLook, type Host} from './host.ts'
import {type Answer, keyOf, type Recording} from './recording.ts'
import type {Secrets} from './secrets.ts'

/** Answers from a recorded machine. A question that was never recorded is an error that names it. */
export function replayHost(recording: Recording, secrets: Secrets): Host {
  const ask = <T>(kind: keyof Recording['answers'], ...args: readonly unknown[]): Promise<T> => {
    const key = keyOf(kind, args)
    const recorded = recording.answers[kind]?.[key] as Answer | undefined
    if (recorded === undefined) return Promise.reject(new NotRecorded(kind, key))
    if ('cannotLook' in recorded)
      return Promise.reject(new CannotLook(recorded.cannotLook, {privilege: recorded.privilege ?? false}))
    return Promise.resolve(recorded.answer as T)
  }
  return {
    uid: recording.uid,
    secrets,
    now: () => Date.parse(recording.recordedAt),
    exec: (argv, options) => ask('exec', argv, options),
    asUnit: (unit, argv, options) => ask('asUnit', unit, argv, options),
    readFile: (path, options) => ask('readFile', path, options),
    stat: path => ask('stat', path),
    list: path => ask('list', path),
    walk: root => ask('walk', root),
    digests: root => ask('digests', root),
    query: (connection, sql) => ask('query', connection, sql),
    request: request => ask('request', request),
  }
}

/** The recording was made by a version that asked other questions. */
class NotRecorded extends CannotLook {
  constructor(kind: string, key: string) {
    super(`the recording has no answer to ${kind} ${key}`)
  }
}
