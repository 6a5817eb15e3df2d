import {
  hasTurn,
  isDisordered,
  isPlace,
  isPublicName,
  isSystemPath,
  speaksOf,
} from '../../host/secrecy/names.ts'
import {markOf} from './digest.ts'

/** Words that nobody takes for a password: what a thing is switched to, or runs as. */
const modes =
  /^(?:true|false|yes|no|on|off|none|null|auto|all|any|default|local|dev(?:elop(?:ment)?)?|prod(?:uction)?|stag(?:e|ing)|test(?:ing)?|debug|info|warn(?:ing)?|error|critical|utf-?8|utc|sync|async|gthread|gevent|eventlet|https?|upgrade|close)$/i

/** Only what the server itself puts in: `$scheme://$host`. */
const variables = /^(?:\$\{?\w+\}?|%\{[\w:-]+\}[a-z]?|https?:\/\/|[\s,;:/"])+$/

/**
 * A value that tells nobody how to get in, whatever it is called: a number, a place, a mode. What is
 * a single word may be somebody's password.
 */
export function isTelling(value: string): boolean {
  return [isPlace, isSystemPath, isMode].some(isSo => isSo(value))
}

function isMode(value: string): boolean {
  return value === '' || modes.test(value) || variables.test(value)
}

/** A variable whose value may be kept as it is. */
export function mayKeep(name: string, value: string): boolean {
  if (value === '' || isPublicName(name)) return true
  return speaksOf(name) === 'never' && isTelling(value)
}

/**
 * A command with something in it that may be a password, and that no name gives away: a variable,
 * what an option of one letter is given, `user:password`.
 */
export function isDiscreetCommand(text: string): boolean {
  const assigned = text.matchAll(
    /(?:^|[\s;"'])([A-Za-z_][A-Za-z\d_]*)=("[^"]*"|'[^']*'|[^\s;"']*)/g,
  )
  for (const [, name = '', value = ''] of assigned)
    if (!mayKeep(name, value.replace(/^["']|["']$/g, '')) && !isShellPath(value)) return true
  // Others write options of many letters with one dash.
  const given = text.matchAll(
    /\s-(?!(?:a(?:ddr|dmin|ll|pi|pp|uth)|p(?:ath|id|ort|refix|ro)|u(?:id|mask|nix|rl|ser)))([apu])(?:\s+|(?=[^\s-]))([^\s;-][^\s;]*)/g,
  )
  for (const [, option = '', value = ''] of given)
    if (option === 'u' ? isUserAndPassword(value) : !isTelling(value)) return true
  const users = text.matchAll(/\s--(?:user|proxy-user|basic[-_]auth|auth)[= ]+(\S+)/g)
  return [...users].some(([, value = '']) => isUserAndPassword(value))
}

/** `/usr/bin:$PATH` */
function isShellPath(value: string): boolean {
  return value.split(':').every(part => isSystemPath(part) || variables.test(part))
}

function isUserAndPassword(text: string): boolean {
  return text.split(',').some(each => /^[^\s:/]+:\S{3,}$/.test(each) && !/:\d{1,5}$/.test(each))
}

/** Whether every text in a document is a place or a mode: in a setting that only the project knows. */
export function isTellingJson(json: string): boolean {
  return textsIn(documentOf(json)).every(text => isTelling(text) || /^\(lazy\)$|^\*{3}$/.test(text))
}

/** Whether a list in it gives a name that speaks of a secret its value: `("password", "…")`. */
export function pairsSecret(json: string): boolean {
  return listsIn(documentOf(json)).some(list =>
    list.some(
      (each, at) =>
        typeof each === 'string' &&
        /^\w{1,40}$/.test(each) &&
        speaksOf(each) !== 'never' &&
        typeof list[at + 1] === 'string',
    ),
  )
}

/** A long one was cut. */
function documentOf(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return json
  }
}

function textsIn(item: unknown): readonly string[] {
  if (typeof item === 'string') return [item]
  if (Array.isArray(item)) return item.flatMap(textsIn)
  if (typeof item !== 'object' || item === null) return []
  return Object.entries(item).flatMap(([name, inner]) => [
    // Names are words; a key of a map may be anything.
    ...(/^\w{1,40}$/.test(name) ? [] : [name]),
    ...textsIn(inner),
  ])
}

function listsIn(item: unknown): readonly (readonly unknown[])[] {
  if (Array.isArray(item)) return [item, ...item.flatMap(listsIn)]
  return typeof item === 'object' && item !== null ? Object.values(item).flatMap(listsIn) : []
}

/** Of a word what follows one another without a mark. */
const run = /[A-Za-z0-9]{16,}|(?<![\w./-])[A-Za-z0-9+][A-Za-z0-9+/]{23,}(?![\w./-])/g

/** Parts of a text that no person has thought of: a key, a token. Paths of the system are none. */
function* keysIn(text: string): Iterable<string> {
  if (!hasTurn(text) || !/[A-Za-z0-9+/]{16}/.test(text)) return
  for (const [word] of text.matchAll(/[^\s"'`=,;<>()[\]{}|&]{16,}/g))
    if (!isSystemPath(word))
      for (const [key] of word.matchAll(run)) if (isDisordered(key)) yield key
}

/** Whether a part of it looks like a key. */
export function holdsKey(text: string): boolean {
  return !keysIn(text)[Symbol.iterator]().next().done
}

/** A name without the keys in it: `location /hook/…a3f1/`. */
export function withoutKeys(text: string): string {
  let plain = text
  for (const key of keysIn(text)) plain = plain.replaceAll(key, `…${markOf(key)}`)
  return plain
}
