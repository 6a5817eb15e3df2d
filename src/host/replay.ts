import {
  CannotLook,
  Hanging,
  type Host,
  type JournalEntry,
  NotRecorded,
  type UnitProperties,
} from './host.ts'
import {type Answer, keyOf, type QuestionKind, type Recording} from './recording.ts'
import type {Secrets} from './secrets.ts'

/**
 * Answers from a recorded machine. A question that was never recorded is NotRecorded; a property of
 * a unit that was never asked for is absent.
 */
export function replayHost(recording: Recording, secrets: Secrets): Host {
  const ask = async <T>(kind: QuestionKind, ...args: readonly unknown[]): Promise<T> => {
    const key = keyOf(kind, args)
    const recorded: Answer | undefined = recording.answers[kind]?.[key]
    if (recorded === undefined) throw new NotRecorded(kind, key)
    if ('cannotLook' in recorded) {
      const {cannotLook, privilege = false, hanging} = recorded
      if (hanging !== undefined) throw new Hanging(cannotLook, hanging)
      throw new CannotLook(cannotLook, {privilege})
    }
    return recorded.answer as T
  }
  return {
    uid: recording.uid,
    secrets,
    now: () => Date.parse(recording.recordedAt),
    units: (names, properties) =>
      Promise.all(
        names.map(async name => {
          const shown = await ask<UnitProperties>('unit', name)
          // Only what it runs was asked, as of every service where the unit was not found: how it
          // is was not.
          if (properties.includes('LoadState') && shown.LoadState === undefined)
            throw new NotRecorded('unit', name)
          return shown
        }),
      ),
    journal: async (sources, lines) =>
      (await ask<readonly JournalEntry[]>('journal', sources)).slice(-lines),
    exec: (argv, options) => ask('exec', argv, options),
    asUnit: (unit, argv, options) => ask('asUnit', unit, argv, options),
    sandbox: unit => ask('sandbox', unit),
    activity: group => ask('activity', group),
    readFile: (path, options) => ask('readFile', path, options),
    stat: path => ask('stat', path),
    list: path => ask('list', path),
    walk: root => ask('walk', root),
    digests: root => ask('digests', root),
    query: (connection, statement) => ask('query', connection, statement),
    request: request => ask('request', request),
  }
}
