import {readFileSync} from 'node:fs'
import type {Check, CheckOf, Context} from '../src/checks/check.ts'
import type {DjangoAnswer} from '../src/facts/django/django.ts'
import {findTarget} from '../src/facts/target/find.ts'
import type {TargetSettings} from '../src/facts/target/target.ts'
import {unitProperties} from '../src/facts/unit/systemd.ts'
import type {ExecAnswer, Host, UnitProperties} from '../src/host/host.ts'
import {once} from '../src/host/once.ts'
import type {Answer, QuestionKind, Recording} from '../src/host/recording.ts'
import {parseRecording} from '../src/host/recording-file.ts'
import {createSecrets} from '../src/host/redactor.ts'
import {replayHost} from '../src/host/replay.ts'
import type {Finding} from '../src/report/finding.ts'
import {unexplained} from './explained.ts'

/**
 * What a test changes of a machine: an answer by its key, or the recorded answer passed through a
 * function.
 */
export type Edits = {readonly [kind in QuestionKind]?: Readonly<Record<string, unknown>>} & {
  readonly uid?: number
  /**
   * Properties of units as systemd says them, by unit, in place of the recorded ones; undefined
   * removes one.
   */
  readonly show?: Readonly<Record<string, Readonly<Record<string, string | undefined>>>>
  /** What Django said otherwise, in every recorded answer of its. */
  readonly django?: DjangoEdit
}

/**
 * Members that are merged into what Django said, as deep as they go (undefined removes one), or a
 * function of it.
 */
export type DjangoEdit = Partly<DjangoAnswer> | ((said: DjangoAnswer) => unknown)

type Partly<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? {readonly [K in keyof T]?: Partly<T[K]> | undefined}
    : T

/** The keys of what Django was asked; a page within the process has a longer one. */
export const askedSettings = 'prism-django.service: ask Django: settings'
export const askedStart = 'prism-django.service: ask Django: start'

/** The recording of a fixture, with what it extends. */
export function fixture(name: string): Recording {
  const read = (file: string): string =>
    readFileSync(new URL(`../fixtures/${file}`, import.meta.url), 'utf8')
  return parseRecording(read(`${name}.json`), `${name}.json`, read)
}

/** What a fixture recorded as the answer to one question. */
export function recorded(name: string, kind: QuestionKind, key: string): unknown {
  const answer = fixture(name).answers[kind]?.[key]
  if (!answer || !('answer' in answer))
    throw new Error(`the fixture ${name} has no answer to ${kind} ${key}`)
  return answer.answer
}

/** What Django said on a fixture's machine, with a change. */
export function djangoSaid(name: string, edit: DjangoEdit = {}, key = askedSettings): ExecAnswer {
  return withDjango(recorded(name, 'asUnit', key) as ExecAnswer, edit)
}

function withDjango(answer: ExecAnswer, edit: DjangoEdit): ExecAnswer {
  const said = JSON.parse(answer.stdout) as DjangoAnswer
  const changed = typeof edit === 'function' ? edit(said) : merged(said, edit)
  return {...answer, stdout: `${JSON.stringify(changed)}\n`}
}

function merged(said: unknown, edit: unknown): unknown {
  if (!isPlain(said) || !isPlain(edit)) return edit
  const members = Object.entries(edit).map(([name, value]) => [name, merged(said[name], value)])
  return {...said, ...Object.fromEntries(members)}
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** "Nobody could look" as an edit. */
export function cannotLook(message: string, privilege = false): Answer {
  return {cannotLook: message, privilege}
}

/** "It was asked and does not answer" as an edit. */
export function hanging(place: string): Answer {
  return {cannotLook: `${place} did not answer within 5 s`, hanging: place}
}

function asAnswer(value: unknown): Answer {
  const isRefusal = typeof value === 'object' && value !== null && 'cannotLook' in value
  return isRefusal ? (value as Answer) : {answer: value}
}

/**
 * A recorded machine, with a test's changes. What neither answers fails the test that asks it
 * (NotRecorded).
 */
export function machine(name: string, edits: Edits = {}): Host {
  return once(replayHost(edited(name, edits), createSecrets()))
}

/** The recording of a fixture, with a test's changes. */
export function edited(name: string, edits: Edits): Recording {
  const recording = fixture(name)
  const {uid, show = {}, django, ...changes} = edits
  const answers = structuredClone(recording.answers) as Record<string, Record<string, Answer>>
  for (const [kind, byKey] of Object.entries(changes)) {
    for (const [key, value] of Object.entries(byKey ?? {})) {
      answers[kind] ??= {}
      answers[kind][key] = asAnswer(value)
    }
  }
  for (const [unit, properties] of Object.entries(show))
    editShow(answers.unit ?? {}, unit, properties)
  if (django) editDjango(answers.asUnit ?? {}, django)
  return {...recording, uid: uid ?? recording.uid, answers}
}

function editShow(
  answers: Record<string, Answer>,
  name: string,
  properties: Readonly<Record<string, string | undefined>>,
): void {
  const recorded = answers[name]
  if (!recorded || !('answer' in recorded)) throw new Error(`systemd was not asked about ${name}`)
  const shown = new Map(Object.entries(recorded.answer as UnitProperties))
  for (const [property, value] of Object.entries(properties)) {
    if (!isAsked(property))
      throw new Error(
        `nobody asks systemd for ${property}: src/facts/unit/systemd.ts lists what is`,
      )
    if (value === undefined) shown.delete(property)
    else shown.set(property, value.includes('\n') ? value.split('\n') : value)
  }
  answers[name] = {answer: Object.fromEntries(shown)}
}

/** A property that a check reads and nobody asks for is empty on every machine. */
function isAsked(property: string): boolean {
  return [...unitProperties, ...askedAlone].includes(property)
}

/** What showProperty is asked for where something went wrong. */
const askedAlone = ['Conflicts', 'ConflictedBy', 'UnsetEnvironment', 'PIDFile']

function editDjango(answers: Record<string, Answer>, edit: DjangoEdit): void {
  const asked = Object.entries(answers).filter(
    ([key, said]) => key.includes(': ask Django: ') && 'answer' in said,
  )
  if (asked.length === 0) throw new Error('Django was not asked on this machine')
  for (const [key, said] of asked) {
    if ('answer' in said) answers[key] = {answer: withDjango(said.answer as ExecAnswer, edit)}
  }
}

/** What one check says of a machine. */
export async function verdicts(
  check: Check,
  host: Host,
  settings: Partial<TargetSettings> = {},
): Promise<readonly Finding[]> {
  const target = await findTarget(host, {unit: 'prism-django.service', ...settings})
  const findings = await findingsOf(check, {host, target})
  const [code] = unexplained(check, findings)
  if (code !== undefined)
    throw new Error(`${check.id} gives "${code}", which its explanation does not have`)
  return findings
}

/** What a check says, with the results of its needs at hand. */
export async function findingsOf(
  check: Check,
  context: Omit<Context, 'resultOf'>,
): Promise<readonly Finding[]> {
  const said = await check.run({...context, resultOf: need => resultOf(need, context)})
  if ('findings' in said) return said.findings
  return 'code' in said ? [said] : said
}

/** As the engine hands it on. */
async function resultOf<R>(
  need: CheckOf<string, R>,
  context: Omit<Context, 'resultOf'>,
): Promise<R> {
  const said = await need.run({...context, resultOf: further => resultOf(further, context)})
  if ('result' in said) return said.result as R
  throw new Error(`${need.id} hands nothing on: ${JSON.stringify(said)}`)
}

/**
 * `status code` of each finding, worst first as written by the check: short enough to compare at a
 * glance.
 */
export async function codes(check: Check, host: Host): Promise<readonly string[]> {
  return (await verdicts(check, host)).map(({status, code}) => `${status} ${code}`)
}
