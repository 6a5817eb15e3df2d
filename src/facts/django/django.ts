import type * as v from 'valibot'
import type {answerSchema, link, place, systemCheck} from './answer-schema.ts'

/**
 * What Django says of itself: settings, applications, migrations, static files; shapes as ask.py
 * gives them.
 */
export type DjangoAnswer = v.InferOutput<typeof answerSchema>
/** One exception, with its place in the application. */
export type ExceptionLink = v.InferOutput<typeof link>
export type Place = v.InferOutput<typeof place>
export type SystemCheck = v.InferOutput<typeof systemCheck>

/** Why Django did not answer. */
export interface Unasked {
  /**
   * `refused` by the configuration; `privilege`: only root can; `no-server`: nothing names a Python
   * or an entry; `setup`: systemd could not prepare the process; `died`: the interpreter ended
   * without an answer; `late`: no answer in time.
   */
  readonly kind: 'refused' | 'privilege' | 'no-server' | 'not-loaded' | 'setup' | 'died' | 'late'
  readonly why: string
  readonly evidence: readonly string[]
}

/** "Django was not asked: the configuration says ask = false". */
export function whyUnasked({kind, why}: Unasked): string {
  return kind === 'refused' ? `Django was not asked: ${why}` : `Django could not be asked: ${why}`
}

export interface Django {
  readonly answer: DjangoAnswer | null
  /** Null when it answered. */
  readonly unasked: Unasked | null
}

/** What stands for a missing variable that has to be a number. */
export const placeholderNumber = '48151623'

/** Whether the settings could be imported, so that what they do not say is not so. */
export function settingsKnown({answer}: Django): boolean {
  return answer !== null && Object.keys(answer.settings).length > 0
}

/**
 * A setting that is text; null where it is not known or holds what only stands for a missing
 * variable.
 */
export function textSetting({answer}: Django, name: string): string | null {
  const value = answer?.settings[name]
  return typeof value === 'string' && !isPlaceheld(answer, value) ? value : null
}

export function listSetting({answer}: Django, name: string): readonly string[] | null {
  const value = answer?.settings[name]
  if (!Array.isArray(value)) return null
  const texts = value.filter((each): each is string => typeof each === 'string')
  return texts.some(each => isPlaceheld(answer, each)) ? null : texts
}

/** Whether Django keeps a connection between two requests for longer than so many seconds. */
export function keepsConnections(
  {connMaxAge}: DjangoAnswer['databases'][string],
  longerThan = 0,
): boolean {
  return connMaxAge === 'forever' || (typeof connMaxAge === 'number' && connMaxAge > longerThan)
}

/** True where a value holds what was put in the place of a missing variable. */
export function isPlaceheld(answer: DjangoAnswer | null, value: string): boolean {
  return (
    answer !== null && (value.includes(answer.placeholder) || value.includes(placeholderNumber))
  )
}

export interface DjangoVersion {
  readonly major: number
  readonly minor: number
  readonly text: string
}

export function versionOf({answer}: Django): DjangoVersion | null {
  const match = /^(\d+)\.(\d+)/.exec(answer?.django ?? '')
  return match
    ? {major: Number(match[1]), minor: Number(match[2]), text: answer?.django ?? ''}
    : null
}

/** True when the version is known and is this one or later. */
export function isAtLeast(version: DjangoVersion | null, major: number, minor: number): boolean {
  return (
    version !== null &&
    (version.major > major || (version.major === major && version.minor >= minor))
  )
}

/**
 * `config/settings/production.py:12`: a place as people name it, below the directory that the
 * service starts in.
 */
export function shownPlace({file, line}: Place, below: string | null = null): string {
  const prefix = below === null ? null : `${below.replace(/\/+$/, '')}/`
  const name = prefix !== null && file.startsWith(prefix) ? file.slice(prefix.length) : file
  return line === null || line === 0 ? name : `${name}:${line}`
}

/**
 * "DATABASES in config/settings/production.py": where a setting was made; the module where its line
 * is not known.
 */
export function sourceOf({answer}: Django, setting: string, below: string | null = null): string {
  const found = answer?.places[setting]
  if (found) return `${setting} in ${shownPlace({...found, line: null}, below)}`
  return answer?.file
    ? `${setting} in ${shownPlace({file: answer.file, line: null}, below)}`
    : setting
}
