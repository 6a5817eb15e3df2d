import {type Given, givenAt} from './given.ts'
import {isHarmless, isMixed, isSystemPath, speaksOf} from './names.ts'
import {isStandIn} from './stand-ins.ts'

/** Where a name may speak of a secret: the pattern that is looked for first. */
const keyword =
  /secret|pass|pwd|token|key|credential|private|salt|pepper|dsn|jwt|auth|webhook|signature|cookie|session|bearer|hmac|connection|(?<![a-z])(?:pat|pin|otp|pw|seed)(?![a-z])/gi

/** Behind a value of this length no names are sought in it: each would read the rest of it. */
const longestReadAgain = 512

/** What names that speak of a secret are given, in any notation. */
export function* underNames(text: string): Iterable<string> {
  const words = new RegExp(keyword)
  for (let match = words.exec(text); match; match = words.exec(text)) {
    const name = nameAround(text, match.index)
    words.lastIndex = Math.max(name.end, words.lastIndex)
    if (speaksOf(name.text) === 'never') continue
    const given = givenAt(text, name.end)
    if (!given) continue
    const {found, end} = given
    if ((found.plain ?? '').length > longestReadAgain)
      words.lastIndex = Math.max(words.lastIndex, end)
    if (!isSecretOf(name, given, text)) continue
    if (found.quoted !== undefined) yield* quotedForms(found.quoted, found.quote ?? '')
    else yield* plainForms(found.plain ?? '', goingOn(text, end))
  }
}

/** Whether what was found behind a name is a secret of that name. */
function isSecretOf(name: Name, {found, end}: Given, text: string): boolean {
  const {colon, blank, member, comma, opened, within, quoted, plain = ''} = found
  const value = quoted ?? plain
  const isAssigned = text[end - plain.length - 1] === '='
  if (value === '' || !isTold(name.text, value, isAssigned)) return false
  const before = text.slice(Math.max(0, name.start - 80), name.start)
  if (quoted === undefined && isSource(name.text, plain)) return false
  if (comma !== undefined)
    return (
      isSurely(name.text, value) && takesSecond(before, text.slice(name.end, end), value, text[end])
    )
  if (member !== undefined)
    return /\b(?:name|key)(?:\\*["'])?[ \t]*[:=][ \t]*(?:\\*["'])?$/i.test(before)
  if ((opened ?? within) !== undefined) return isKey(value)
  // A sentence goes on: "password: must be set".
  const isSaid = colon !== undefined && quoted === undefined && /[ \t]/.test(text[end] ?? '')
  if (isSaid && isHarmless(value)) return false
  return blank === undefined || takesNext(before, name.text, quoted !== undefined)
}

/** As it is written, and as it reads without the escapes, or between three quotes of Python. */
function* quotedForms(value: string, quote: string): Iterable<string> {
  yield value
  const mark = quote.slice(-1)
  const double = `${mark}${mark}`
  if (value.length > 4 && value.startsWith(double) && value.endsWith(double))
    yield value.slice(2, -2)
  const read = value
    .replace(/\\+(["'])/g, '$1')
    .replace(/\\\\+/g, '\\')
    .replaceAll(double, mark)
  if (read !== value) yield read
}

function* plainForms(value: string, more: string): Iterable<string> {
  yield value
  if (more !== '' && isMixed(value)) yield `${value}${more}`
}

/** A value that nobody quoted may hold what ends one elsewhere; what assigns again is no part. */
function goingOn(text: string, at: number): string {
  const rest = /[,;)}\]&<>][^\s"'`\0=:]{4,4096}/y
  rest.lastIndex = at
  const [found = ''] = rest.exec(text) ?? []
  return /[=:]/.test(text[rest.lastIndex] ?? '') ? '' : found
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

/**
 * Source that a traceback quotes: `os.environ[`, `str(config(`, `api_key=api_key`,
 * `SECRET_KEY = local.SECRET_KEY`.
 */
function isSource(name: string, value: string): boolean {
  if (/^[A-Za-z_][\w.([]*[([]$/.test(value)) return true
  return /^[A-Za-z_][\w.]*$/.test(value) && value.slice(value.lastIndexOf('.') + 1) === name
}

/**
 * Whether what follows a comma belongs to the name before it: `get('SECRET_KEY', '…')`,
 * `('password', '…')`, `['--password', '…']`. Most that stands so are names of columns and of
 * fields.
 * @param next What follows the value.
 */
function takesSecond(before: string, between: string, value: string, next = ''): boolean {
  const isQuoted = /^\\*["'][ \t]*,/.test(between)
  const isFirst = /[([]\s*[bru]{0,2}\\*["']$/.test(before) || /["']--?$/.test(before)
  return isQuoted && isFirst && next !== '.' && isKey(value)
}

/** "token" is a word of many sentences. */
function isSurely(name: string, value: string): boolean {
  return speaksOf(name) === 'surely' || value.length >= 16
}

/** Nothing that somebody calls something else by. */
function isKey(value: string): boolean {
  return (
    value.length >= 8 &&
    isMixed(value) &&
    !/\s/.test(value) &&
    !isHarmless(value) &&
    !/^[a-z][a-z+]*:\/\/[^@]*$/i.test(value) &&
    !/^(?:[A-Z][a-z]+){2,}\d?$/.test(value) &&
    !/^-{0,2}[A-Za-z]+\d{0,2}(?:[_.:/][A-Za-z]*\d{0,2})+$/.test(value) &&
    !(/^[A-Za-z_-]+\d{0,2}$/.test(value) && speaksOf(value) !== 'never')
  )
}

/** Directives of nginx, apache, caddy and uWSGI that give what their second word names. */
const directive =
  /(?:\b(?:proxy_set_header|grpc_set_header|add_header|more_set_headers|(?:fastcgi|uwsgi|scgi)_param|SetEnv|RequestHeader[ \t]+\w+|Header[ \t]+(?:always[ \t]+)?\w+|header_(?:up|down)|env)[ \t]+[+-]?["']?|\bset[ \t]+\$)$/i

/**
 * Whether the word behind the blank belongs to the name: `--password x`, `PASSWORD 'x'` of SQL,
 * `proxy_set_header X-Token x`.
 */
function takesNext(before: string, word: string, isQuoted: boolean): boolean {
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
  if (isSystemPath(value)) return false
  if (/^\/[\w.@+-]+\/[\w./@+-]+$/.test(value) && !isMixed(value)) return false
  if (speaks === 'surely' || isAssigned) return true
  return value.length >= 8 && isMixed(value)
}
