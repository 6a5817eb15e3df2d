import {UsageError} from '../report/usage-error.ts'
import {differenceOf, isNothing, isWithout, withDifference} from './difference.ts'
import {formatJson, isObject, type Json, type JsonObject} from './json.ts'
import {packed, unpacked} from './packed.ts'
import type {Recording} from './recording.ts'

/** A recording in a file beside another, of which it states only the difference. */
export interface Base {
  /** The name of the file, without a directory. */
  readonly name: string
  readonly recording: Recording
}

/** So many recordings may extend one another. */
const maxDepth = 8

/** A recording as it stands in a file; with a base, what differs from that. */
export function formatRecording(recording: Recording, base?: Base): string {
  const {answers, ...head} = {...recording, answers: sorted(packed(recording.answers))}
  if (!base) return `${formatJson({...head, answers})}\n`
  const {answers: _, ...headBefore} = base.recording
  const said = Object.entries(head).filter(
    ([name, value]) => value !== headBefore[name as keyof typeof headBefore],
  )
  const {without, over} = differenceOf(packed(base.recording.answers), answers)
  const difference = {...(!isNothing(without) && {without}), answers: sorted(over)} as JsonObject
  return `${formatJson({recording: 2, extends: base.name, ...Object.fromEntries(said), ...difference})}\n`
}

/** Kinds and questions by name: the checks ask them all at once. */
function sorted(answers: JsonObject): JsonObject {
  const byName = (value: JsonObject): [string, Json][] =>
    Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(
    byName(answers).map(([kind, byKey]) => [
      kind,
      isObject(byKey) ? Object.fromEntries(byName(byKey)) : byKey,
    ]),
  )
}

/**
 * Reads a recording, and what it extends.
 *
 * @param beside the text of another file in the same directory, by its name; throws a UsageError
 *   where there is none.
 * @throws UsageError when the text is not a recording, or extends none.
 */
export function parseRecording(
  text: string,
  file: string,
  beside: (name: string) => string,
): Recording {
  const {answers, ...head} = whole(text, file, beside, [file.slice(file.lastIndexOf('/') + 1)])
  const {tool, host, unit, recordedAt, uid} = head
  const isWhole =
    typeof tool === 'string' &&
    typeof host === 'string' &&
    typeof unit === 'string' &&
    typeof uid === 'number' &&
    typeof recordedAt === 'string' &&
    !Number.isNaN(Date.parse(recordedAt)) &&
    isObject(answers) &&
    Object.values(answers).every(kind => isObject(kind) && Object.values(kind).every(isAnswer))
  if (!isWhole) throw new UsageError(`${file} is not a whole recording; ${advice}`)
  try {
    return {recording: 2, tool, host, unit, recordedAt, uid, answers: unpacked(answers)}
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new UsageError(`${file} is not a recording: its answers have another form; ${advice}`)
  }
}

const advice = 'make one with `prism-doctor record --output FILE`'

/** The recording as one object, with what it extends below it. */
function whole(
  text: string,
  file: string,
  beside: (name: string) => string,
  names: readonly string[],
): JsonObject {
  const read = parseJson(text, file)
  if (!isObject(read) || typeof read.recording !== 'number')
    throw new UsageError(`${file} is not a recording; ${advice}`)
  if (read.recording !== 2)
    throw new UsageError(
      `${file} is a recording of version ${read.recording}, and this prism-doctor reads version 2; ${advice}`,
    )
  const {extends: base, without = [], answers = {}, ...head} = read
  if (base === undefined) return {...head, answers}
  if (typeof base !== 'string' || !/^(?!\.{1,2}$)[^/\0]+$/.test(base))
    throw new UsageError(
      `${file} extends ${JSON.stringify(base)}, which is not the name of a file beside it`,
    )
  if (names.includes(base))
    throw new UsageError(`${file} extends itself: ${[...names, base].join(', ')}`)
  if (names.length >= maxDepth)
    throw new UsageError(`${file} extends more than ${maxDepth} recordings`)
  const {answers: below, ...headBelow} = whole(beside(base), base, beside, [...names, base])
  if (!isWithout(without) || !isObject(answers) || !isObject(below))
    throw new UsageError(`${file} is not a whole recording; ${advice}`)
  return {...headBelow, ...head, answers: withDifference(below, {without, over: answers})}
}

function parseJson(text: string, file: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    throw new UsageError(`${file} is not a recording: it is not JSON; ${advice}`)
  }
}

function isAnswer(value: Json): boolean {
  return isObject(value) && ('answer' in value || typeof value.cannotLook === 'string')
}
