import type {CountedWalk, ExecAnswer, JournalEntry, ListedWalk, WalkAnswer} from './host.ts'
import {isObject, type Json, type JsonObject} from './json.ts'
import {packDocuments, packPrinted, unpackDocuments, unpackPrinted} from './packed-documents.ts'
import {packTexts, unpackTexts} from './packed-texts.ts'
import type {Answer, Answers, QuestionKind} from './recording.ts'

/**
 * Answers as they stand in a file, for whoever reads it or what differs from another: texts by
 * line, the lines of a journal by who wrote them, the entries of a walk by their path, and what
 * Django says as the document that it is.
 */
export function packed(answers: Answers): JsonObject {
  const all = mapped(answers as unknown as JsonObject, pack)
  return isObject(all.asUnit) ? {...all, asUnit: packDocuments(all.asUnit)} : all
}

export function unpacked(answers: JsonObject): Answers {
  const whole = isObject(answers.asUnit)
    ? {...answers, asUnit: unpackDocuments(answers.asUnit)}
    : answers
  return mapped(whole, unpack) as unknown as Answers
}

function mapped(
  answers: JsonObject,
  change: (kind: QuestionKind, answer: Json) => Json,
): JsonObject {
  const kinds = Object.entries(answers).map(([kind, byKey]) => {
    const kept = Object.entries(byKey as unknown as Readonly<Record<string, Answer>>).map(
      ([key, recorded]) => {
        if (!('answer' in recorded)) return [key, recorded] as const
        return [
          key,
          {...recorded, answer: change(kind as QuestionKind, recorded.answer as Json)},
        ] as const
      },
    )
    return [kind, Object.fromEntries(kept)] as const
  })
  return Object.fromEntries(kinds)
}

function pack(kind: QuestionKind, answer: Json): Json {
  if (kind === 'journal') return packJournal(answer as unknown as readonly JournalEntry[])
  if (kind === 'walk') return packWalk(answer as unknown as WalkAnswer)
  if (kind === 'asUnit') return packPrinted(answer as unknown as ExecAnswer)
  return withTexts.has(kind) ? packTexts(answer) : answer
}

function unpack(kind: QuestionKind, answer: Json): Json {
  if (kind === 'journal') return unpackJournal(answer as unknown as PackedJournal)
  if (kind === 'walk') return unpackWalk(answer as unknown as PackedWalk | CountedWalk)
  if (kind === 'asUnit') return unpackPrinted(answer as JsonObject)
  return withTexts.has(kind) ? unpackTexts(answer) : answer
}

/** What is answered by a text, which may be long. */
const withTexts: ReadonlySet<QuestionKind> = new Set(['exec', 'readFile', 'request'])

/** Who wrote, and when the first of the lines. */
type Writer = Omit<JournalEntry, 'text'>

/**
 * A writer before the lines that it wrote one after another, each with the milliseconds since the
 * first: `+12 Starting …`.
 */
type PackedJournal = readonly (Writer | string)[]

function packJournal(entries: readonly JournalEntry[]): Json {
  const items: (Writer | string)[] = []
  let [known, since] = ['', 0]
  for (const {at, text, ...writer} of entries) {
    const key = JSON.stringify(writer)
    if (key !== known) {
      items.push({at, ...writer})
      ;[known, since] = [key, at]
    }
    items.push(`+${at - since} ${text}`)
  }
  return items as unknown as Json
}

function unpackJournal(items: PackedJournal): Json {
  let writer: Writer = {at: 0}
  const entries = items.flatMap(item => {
    if (typeof item !== 'string') {
      writer = item
      return []
    }
    const blank = item.indexOf(' ')
    return [{...writer, at: writer.at + Number(item.slice(1, blank)), text: item.slice(blank + 1)}]
  })
  return entries as unknown as Json
}

type PackedWalk = Omit<ListedWalk, 'entries'> & {readonly entries: JsonObject}

/** "./1" is no number, which would come first among the members of an object. */
function packWalk(answer: WalkAnswer): Json {
  if (answer.truncated) return answer as unknown as Json
  const {entries, ...rest} = answer
  const byPath = entries.map(({path, ...entry}) => [`./${path}`, entry] as const)
  return {...rest, entries: Object.fromEntries(byPath)} as unknown as Json
}

function unpackWalk(answer: PackedWalk | CountedWalk): Json {
  if (answer.truncated) {
    if (!Array.isArray(answer.kinds)) throw new TypeError('it does not say what was counted')
    return answer as unknown as Json
  }
  const {entries, ...rest} = answer
  const list = Object.entries(entries).map(([path, entry]) => ({
    path: path.slice(2),
    ...(entry as JsonObject),
  }))
  return {...rest, entries: list} as unknown as Json
}
