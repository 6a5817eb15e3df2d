import type {ExecAnswer, JournalEntry, WalkAnswer} from './host.ts'
import {
  type Difference,
  differenceOf,
  isObject,
  type Json,
  type JsonObject,
  withDifference,
} from './json.ts'
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
  if (kind === 'walk') return unpackWalk(answer as unknown as PackedWalk)
  if (kind === 'asUnit') return unpackPrinted(answer as JsonObject)
  return withTexts.has(kind) ? unpackTexts(answer) : answer
}

/** What is answered by a text, which may be long. */
const withTexts: ReadonlySet<QuestionKind> = new Set(['exec', 'readFile', 'request'])

/**
 * Lines of a text, and what the kernel separates by NUL; the separator is the name of the only
 * member.
 */
const separators = ['\n', '\0']

/**
 * A text that is shorter is read as well in one line; so is a title, behind which the kernel leaves
 * NULs.
 */
const isPlain = (text: string): boolean => text.length <= 400 || text.endsWith('\0\0\0')

/** Every text of several lines, as deep as it goes. */
function packTexts(value: Json): Json {
  if (typeof value === 'string') {
    const separator = isPlain(value)
      ? undefined
      : separators.findLast(each => value.slice(0, -1).includes(each))
    return separator === undefined ? value : {[separator]: value.split(separator)}
  }
  if (Array.isArray(value)) return value.map(packTexts)
  return isObject(value) ? mapMembers(value, packTexts) : value
}

function unpackTexts(value: Json): Json {
  if (Array.isArray(value)) return value.map(unpackTexts)
  if (!isObject(value)) return value
  const [[name, content] = [], ...others] = Object.entries(value)
  if (
    name !== undefined &&
    others.length === 0 &&
    separators.includes(name) &&
    Array.isArray(content)
  )
    return content.join(name)
  return mapMembers(value, unpackTexts)
}

function mapMembers(value: JsonObject, change: (item: Json) => Json): JsonObject {
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, change(item)]))
}

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

type PackedWalk = Omit<WalkAnswer, 'entries'> & {readonly entries: JsonObject}

/** "./1" is no number, which would come first among the members of an object. */
function packWalk({entries, ...rest}: WalkAnswer): Json {
  const byPath = entries.map(({path, ...entry}) => [`./${path}`, entry] as const)
  return {...rest, entries: Object.fromEntries(byPath)} as unknown as Json
}

function unpackWalk({entries, ...rest}: PackedWalk): Json {
  const list = Object.entries(entries).map(([path, entry]) => ({
    path: path.slice(2),
    ...(entry as JsonObject),
  }))
  return {...rest, entries: list} as unknown as Json
}

/** What is one line of JSON is a document. */
function packPrinted({stdout, ...rest}: ExecAnswer): Json {
  const line = stdout.replace(/\n$/, '')
  const texts = mapMembers(rest as unknown as JsonObject, packTexts)
  if (!line.startsWith('{') || line.includes('\n')) return {...texts, stdout: packTexts(stdout)}
  try {
    const document = JSON.parse(line) as Json
    if (JSON.stringify(document) !== line) return {...texts, stdout}
    return {...texts, ...(line !== stdout && {end: '\n'}), document: packTexts(document)}
  } catch {
    return {...texts, stdout}
  }
}

function unpackPrinted({document, end = '', ...rest}: JsonObject): Json {
  const texts = mapMembers(rest, unpackTexts)
  return document === undefined
    ? texts
    : {...texts, stdout: `${JSON.stringify(unpackTexts(document))}${end}`}
}

/** What a document differs in from that of another question, which says most of it already. */
interface Like extends Difference {
  readonly like: string
}

/** Django says nearly the same each time it is asked. */
function packDocuments(answers: JsonObject): JsonObject {
  const [first] = Object.keys(answers).filter(key => documentOf(answers[key]) !== null)
  const entries = Object.entries(answers).map(([key, answer]) => {
    const [model, own] = [documentOf(answers[first ?? '']), documentOf(answer)]
    if (!model || !own || key === first) return [key, answer] as const
    return [
      key,
      withDocument(answer, {like: first, ...differenceOf(model, own)} as unknown as JsonObject),
    ] as const
  })
  return Object.fromEntries(entries)
}

function unpackDocuments(answers: JsonObject): JsonObject {
  const entries = Object.entries(answers).map(([key, answer]) => {
    const {like, without, over} = (documentOf(answer) ?? {}) as unknown as Partial<Like>
    const model = documentOf(answers[like ?? ''])
    if (!model || without === undefined || over === undefined) return [key, answer] as const
    return [key, withDocument(answer, withDifference(model, {without, over}))] as const
  })
  return Object.fromEntries(entries)
}

function documentOf(recorded: Json | undefined): JsonObject | null {
  const answer = isObject(recorded) ? recorded.answer : undefined
  return isObject(answer) && isObject(answer.document) ? answer.document : null
}

function withDocument(recorded: Json, document: JsonObject): Json {
  return isObject(recorded) && isObject(recorded.answer)
    ? {...recorded, answer: {...recorded.answer, document}}
    : recorded
}
