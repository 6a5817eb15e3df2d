import {type Difference, differenceOf, withDifference} from './difference.ts'
import type {ExecAnswer} from './host.ts'
import {isObject, type Json, type JsonObject} from './json.ts'
import {mapMembers, packTexts, unpackTexts} from './packed-texts.ts'

/** What is one line of JSON is a document. */
export function packPrinted({stdout, ...rest}: ExecAnswer): Json {
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

export function unpackPrinted({document, end = '', ...rest}: JsonObject): Json {
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
export function packDocuments(answers: JsonObject): JsonObject {
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

export function unpackDocuments(answers: JsonObject): JsonObject {
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
