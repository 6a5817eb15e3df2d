import {toolVersion} from '../report/version.ts'
import {parseEnvironmentFile, parseProcessEnvironment} from './environment-file.ts'
import {
  type AsUnitOptions,
  CannotLook,
  type ExecAnswer,
  type FileAnswer,
  Hanging,
  type Host,
  type JournalEntry,
  type ReadOptions,
  type UnitProperties,
} from './host.ts'
import {type Answer, type Answers, keyOf, type QuestionKind, type Recording} from './recording.ts'
import {redactedEntries} from './redacted-entries.ts'
import {veiled} from './secrecy/assignments.ts'
import {learnFrom} from './secrecy/learn.ts'
import {isHarmless, isPublicName} from './secrecy/names.ts'
import type {Secrets} from './secrets.ts'

export interface Recorder {
  /** Passes every question on and keeps the answer. */
  readonly host: Host
  /** What was asked so far, with every secret replaced. */
  recording(hostname: string, unit: string): Recording
  /** A recorder of the same machine, asked anew, that has what this one has so far. */
  goOn(host: Host): Recorder
}

/** Answers as they were given, with every secret. */
interface Kept {
  readonly answers: {[kind in QuestionKind]?: Record<string, Answer>}
  /** Answers whose text is NAME=value: veiled at the end, when every secret is known. */
  readonly assignments: Set<Answer>
  /** Answers whose document has a member `secrets`, likewise. */
  readonly documents: Set<Answer>
}

export function record(host: Host): Recorder {
  return recorderOf(host, {answers: {}, assignments: new Set(), documents: new Set()})
}

function recorderOf(host: Host, kept: Kept): Recorder {
  const recordedAt = new Date(host.now()).toISOString()
  const keptOf = (kind: QuestionKind): Record<string, Answer> => {
    kept.answers[kind] ??= {}
    return kept.answers[kind]
  }
  /** Keeps the answer, or under every key that was asked for why nobody could look. */
  const asked = async <T>(
    kind: QuestionKind,
    keys: readonly string[],
    question: Promise<T>,
    keep: (known: Record<string, Answer>, answer: T) => void,
  ): Promise<T> => {
    try {
      const answer = await question
      keep(keptOf(kind), answer)
      return answer
    } catch (error) {
      if (error instanceof CannotLook) {
        const refusal: Answer = {
          cannotLook: error.message,
          ...(error.privilege && {privilege: true}),
          ...(error instanceof Hanging && {hanging: error.place}),
        }
        // What was answered before is worth more.
        for (const key of keys) keptOf(kind)[key] ??= refusal
      }
      throw error
    }
  }
  const keep =
    <Arguments extends readonly unknown[], T>(
      kind: QuestionKind,
      ask: (...args: Arguments) => Promise<T>,
    ) =>
    (...args: Arguments): Promise<T> => {
      const key = keyOf(kind, args)
      return asked(kind, [key], ask(...args), (known, answer) => {
        const said: Answer = {answer}
        known[key] = said
        if (kind === 'readFile' && (args[1] as ReadOptions | undefined)?.holds === 'assignments')
          kept.assignments.add(said)
        if (kind === 'asUnit' && (args[2] as AsUnitOptions | undefined)?.holds === 'secrets')
          kept.documents.add(said)
      })
    }
  return {
    host: {
      uid: host.uid,
      secrets: host.secrets,
      now: () => host.now(),
      units: (names, properties) =>
        asked('unit', names, host.units(names, properties), (known, shown) => {
          for (const [index, name] of names.entries())
            known[name] = withMore(known[name], shown[index] ?? {})
        }),
      journal: (sources, lines) => {
        const key = keyOf('journal', [sources])
        return asked('journal', [key], host.journal(sources, lines), (known, said) => {
          // Fewer lines are the end of more.
          if (said.length >= linesIn(known[key])) known[key] = {answer: said}
        })
      },
      exec: keep('exec', host.exec),
      asUnit: keep('asUnit', host.asUnit),
      sandbox: keep('sandbox', host.sandbox),
      activity: keep('activity', host.activity),
      readFile: keep('readFile', host.readFile),
      stat: keep('stat', host.stat),
      list: keep('list', host.list),
      walk: keep('walk', host.walk),
      digests: keep('digests', host.digests),
      query: keep('query', host.query),
      request: keep('request', host.request),
    },
    recording: (hostname, unit) => ({
      recording: 2,
      tool: `prism-doctor ${toolVersion}`,
      host: hostname,
      unit,
      recordedAt,
      uid: host.uid,
      answers: veiledAnswers(kept, host.secrets),
    }),
    goOn: next => recorderOf(next, copyOf(kept)),
  }
}

function copyOf({answers, assignments, documents}: Kept): Kept {
  const copied = Object.entries(answers).map(([kind, byKey]) => [kind, {...byKey}] as const)
  return {
    answers: Object.fromEntries(copied),
    assignments: new Set(assignments),
    documents: new Set(documents),
  }
}

function linesIn(answer: Answer | undefined): number {
  return answer && 'answer' in answer ? (answer.answer as readonly JournalEntry[]).length : 0
}

/** What systemd said of a unit, with the properties that were asked for since. */
function withMore(known: Answer | undefined, properties: UnitProperties): Answer {
  const before = known && 'answer' in known ? (known.answer as UnitProperties) : {}
  return {answer: {...before, ...properties}}
}

/** Replaces every secret, in questions too: a question may hold what an answer told. */
function veiledAnswers({answers: said, assignments, documents}: Kept, secrets: Secrets): Answers {
  learnFrom(said, secrets)
  const journal = Object.entries(said.journal ?? {}).map(([key, entries]) => [
    key,
    'answer' in entries
      ? {answer: redactedEntries(entries.answer as readonly JournalEntry[], secrets)}
      : entries,
  ])
  const answers = {...said, ...(said.journal && {journal: Object.fromEntries(journal)})}
  const veil = (item: object): object => {
    if (assignments.has(item as Answer))
      return veiledFile((item as {answer: FileAnswer}).answer, secrets)
    if (documents.has(item as Answer))
      return veiledDocument((item as {answer: ExecAnswer}).answer, secrets)
    return item
  }
  return redacted(answers, secrets, veil) as Answers
}

/**
 * Text by text, keys too: within JSON a short secret may follow the "n" of an escaped line break,
 * and is no word there.
 *
 * @param veil What is to be walked in place of an object.
 */
function redacted(
  item: unknown,
  secrets: Secrets,
  veil = (whole: object): object => whole,
): unknown {
  if (typeof item === 'string') return secrets.redact(item)
  if (Array.isArray(item)) return item.map(inner => redacted(inner, secrets, veil))
  if (typeof item !== 'object' || item === null) return item
  return Object.fromEntries(
    Object.entries(veil(item)).map(([key, inner]) => [
      secrets.redact(key),
      redacted(inner, secrets, veil),
    ]),
  )
}

/**
 * Values that are too short to be found in free text, or quoted otherwise than they read, are
 * replaced where they are assigned. Every line keeps its number, and a fault stays that fault.
 */
function veiledFile(answer: FileAnswer, secrets: Secrets): Answer {
  if (answer.kind !== 'file') return {answer}
  if (answer.text.includes('\0')) {
    const secret = (name: string, value: string): boolean =>
      !isPublicName(name) && (!isHarmless(value) || secrets.has(value))
    const kept = [...parseProcessEnvironment(answer.text)].map(
      ([name, value]) => `${name}=${secret(name, value) ? veiled(secrets, value) : value}\0`,
    )
    return {answer: {...answer, text: kept.join('')}}
  }
  // A key and nothing else: its "=" at the end makes a name of it.
  const whole = answer.text.trim()
  if (secrets.has(whole) || whole.startsWith('-----BEGIN '))
    return {answer: {...answer, text: `${secrets.placeholder(whole)}\n`}}
  const {assignments, problems} = parseEnvironmentFile(answer.text)
  const lines: string[] = []
  const put = (line: number, text: string): void => {
    while (lines.length < line) lines.push('')
    lines[line - 1] = text
  }
  for (const {line, name, value} of assignments) {
    const shown = value === '' || isPublicName(name) ? value : veiled(secrets, value)
    put(line, `${name}="${shown.replace(/["\\`$]/g, '\\$&')}"`)
  }
  for (const {line, kind, name: said, value} of problems) {
    const hidden = secrets.placeholder(value)
    // What is no name may be the first half of a secret with an equals sign in it.
    const name = /^[\w. -]{1,40}$/.test(said) ? said : secrets.placeholder(said)
    if (kind === 'export') put(line, `export ${name}=${hidden}`)
    else if (kind === 'byte-order-mark') put(line, `\uFEFF${name}=${hidden}`)
    else if (kind === 'no-equals-sign') put(line, hidden)
    else if (kind === 'unterminated-quote') put(line, `${name}="${hidden}`)
    else put(line, `${name}=${hidden}`)
  }
  return {answer: {...answer, text: `${lines.join('\n')}\n`}}
}

/**
 * Every value below `secrets` of a document that is one line of stdout; a line that only looks like
 * one is veiled whole.
 */
function veiledDocument(answer: ExecAnswer, secrets: Secrets): Answer {
  const veil = (item: unknown): unknown => {
    if (typeof item === 'string') return item === '' ? item : secrets.placeholder(item)
    if (typeof item === 'number') return secrets.placeholder(String(item))
    if (Array.isArray(item)) return item.map(veil)
    if (typeof item !== 'object' || item === null) return item
    return Object.fromEntries(Object.entries(item).map(([key, inner]) => [key, veil(inner)]))
  }
  const lines = answer.stdout.split('\n').map(line => {
    if (!line.startsWith('{')) return line
    try {
      const document = JSON.parse(line) as Readonly<Record<string, unknown>>
      const {secrets: known, ...rest} = document
      const told = redacted(rest, secrets) as Readonly<Record<string, unknown>>
      return JSON.stringify('secrets' in document ? {...told, secrets: veil(known)} : told)
    } catch {
      return secrets.placeholder(line)
    }
  })
  // Nobody asks what else a program printed that has answered, and an application may have printed
  // anything.
  const hasAnswered = answer.exitCode === 0 && lines.some(line => line.startsWith('{'))
  return {answer: {...answer, stdout: lines.join('\n'), ...(hasAnswered && {stderr: ''})}}
}
