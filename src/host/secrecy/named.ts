import {isHarmless, isMixed, speaksOf} from './names.ts'
import {isStandIn} from './stand-ins.ts'

/** Where a name may speak of a secret: the pattern that is looked for first. */
const keyword =
  /secret|pass|pwd|token|key|credential|private|salt|pepper|dsn|jwt|auth|webhook|signature|cookie|session|bearer|hmac|connection|(?<![a-z])(?:pat|pin|otp|pw|seed)(?![a-z])/gi

/**
 * What follows a name: `=`, `:`, `=>`, `)=(` as PostgreSQL tells the value of a key, or white space
 * behind an option, in SQL, and in the configurations of fronts. A name may be quoted, also within
 * text that is quoted itself.
 */
const given = new RegExp(
  String.raw`(?:\\*["'])?\]?(?:=|(?<colon>[ \t]*(?::=|=>|[:=])[ \t]*\[?)|\)=\(|(?<blank>["']?[ \t\0]+))` +
    String.raw`(?:[bru]{0,2}(?<quote>\\*["'])(?<quoted>(?:(?!\k<quote>)[^\n]){0,4096})\k<quote>|(?<plain>(?:(?!\\[nrt])[^\s"'\`,;)}\]&<>\0]){1,4096}))`,
  'y',
)

/** What names that speak of a secret are given, in any notation. */
export function* underNames(text: string): Iterable<string> {
  const words = new RegExp(keyword)
  for (let match = words.exec(text); match; match = words.exec(text)) {
    const name = nameAround(text, match.index)
    words.lastIndex = Math.max(name.end, words.lastIndex)
    if (speaksOf(name.text) === 'never') continue
    given.lastIndex = name.end
    const {colon, blank, quoted, plain = ''} = given.exec(text)?.groups ?? {}
    const value = quoted ?? plain
    const isAssigned = text[given.lastIndex - plain.length - 1] === '='
    if (value === '' || !isTold(name.text, value, isAssigned)) continue
    // A sentence goes on: "password: must be set".
    const isSaid =
      colon !== undefined && quoted === undefined && /[ \t]/.test(text[given.lastIndex] ?? '')
    if (isSaid && isHarmless(value)) continue
    if (blank !== undefined && !takesNext(text, name, quoted !== undefined)) continue
    yield value
    const more = quoted === undefined ? goingOn(text, given.lastIndex) : ''
    if (more !== '' && isMixed(value)) yield `${value}${more}`
  }
}

/** A value that nobody quoted may hold what ends one elsewhere; what assigns again is no part. */
function goingOn(text: string, at: number): string {
  const rest = /[,;)}\]&<>][^\s"'`\0]{4,4096}/y
  rest.lastIndex = at
  const [found = ''] = rest.exec(text) ?? []
  return /[=:]/.test(found) ? '' : found
}

interface Name {
  readonly text: string
  readonly start: number
  readonly end: number
}

/** The word of letters, digits, "_" and "-" around a place. */
function nameAround(text: string, place: number): Name {
  let start = place
  while (start > 0 && place - start < 64 && /[\w-]/.test(text[start - 1] ?? '')) start -= 1
  while (text[start] === '-') start += 1
  let end = place
  while (end < text.length && end - place < 128 && /[\w-]/.test(text[end] ?? '')) end += 1
  return {text: text.slice(start, end), start, end}
}

/** Directives of nginx, apache, caddy and uWSGI that give what their second word names. */
const directive =
  /(?:\b(?:proxy_set_header|grpc_set_header|add_header|more_set_headers|(?:fastcgi|uwsgi|scgi)_param|SetEnv|RequestHeader[ \t]+\w+|Header[ \t]+(?:always[ \t]+)?\w+|header_(?:up|down)|env)[ \t]+[+-]?["']?|\bset[ \t]+\$)$/i

/**
 * Whether the word behind the blank belongs to the name: `--password x`, `PASSWORD 'x'` of SQL,
 * `proxy_set_header X-Token x`.
 */
function takesNext(text: string, {text: word, start}: Name, isQuoted: boolean): boolean {
  const before = text.slice(Math.max(0, start - 80), start)
  if (/(?:^|[\s"'\0])--$/.test(before)) return true
  if (isQuoted && /^password$/i.test(word))
    return /\b(?:role|user|with|encrypted|login)\b[^\n]*$/i.test(before)
  return directive.test(before)
}

/**
 * Whether a name that speaks of a secret was given one.
 * @param isAssigned It stands right behind a "=", where no sentence goes on.
 */
export function isTold(name: string, value: string, isAssigned = false): boolean {
  const speaks = speaksOf(name)
  if (speaks === 'never' || isStandIn(value) || value.length < 2) return false
  if (/^\/[\w.@+-]+\/[\w./@+-]+$/.test(value) && !isMixed(value)) return false
  if (speaks === 'surely' || isAssigned) return true
  return value.length >= 8 && isMixed(value)
}
