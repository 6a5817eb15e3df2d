import {assignmentsIn} from '../unit.ts'
import {isHarmless, isMixed, isPublicName, speaksOf} from './names.ts'
import {vendorTokens} from './vendor-tokens.ts'

/**
 * What a text tells by itself, without that anybody knows the secret: passwords in addresses, what
 * a name that speaks of a secret is given, headers that let somebody in, keys, and the tokens of
 * vendors. Every pattern reads each character a bounded number of times, whatever the text is.
 */
export function* secretsIn(text: string): Iterable<string> {
  // A pattern that is never tried is never compiled: most texts hold nothing of the kind.
  if (text.includes('@')) {
    yield* inUrls(text)
    yield* inAddresses(text)
  }
  yield* underNames(text)
  if (/authorization|cookie|bearer|basic/i.test(text)) yield* inHeaders(text)
  if (/_set_header|_param|SetEnv|RequestHeader|header_up/i.test(text)) yield* inFronts(text)
  if (/Environment=|SetCredential=/.test(text)) yield* inUnits(text)
  yield* inPrivateKeys(text)
  if (/[\w.~+/-]{16}/.test(text)) for (const [token] of text.matchAll(vendorTokens)) yield token
}

/** The member of an object, a header, or a variable: its name stands apart from its value. */
export function* secretsUnder(name: string, value: string): Iterable<string> {
  const header = nameOfHeader(name)
  if (header === 'credentials') yield* credentialsIn(value)
  else if (header !== null) yield* cookiesIn(value, header)
  else if (isTold(name, value)) yield value
}

/** A password as its address has it, decoded, and in the pieces in which others read it. */
export function* passwordForms(password: string): Iterable<string> {
  yield password
  yield decoded(password)
  // Whoever reads "/", "?" or "#" that was not encoded finds pieces of it in other places.
  if (/[/?#@]/.test(password)) yield* password.split(/[/?#@]/)
}

/**
 * As Python's urllib reads it: what stands before the last "@" of the authority, and after its
 * first ":". A "/" that nobody encoded belongs to the password, unless what stands before it is a
 * port.
 */
export function passwordOf(address: string): string | null {
  const [, authority = ''] = /^[a-z][a-z0-9+.-]*:\/\/(.*)$/is.exec(address) ?? []
  const user = /^[^:/?#@[\s]*:/.exec(authority)?.[0] ?? null
  if (user === null) return null
  const own = /^[^/?#]*/.exec(authority)?.[0] ?? ''
  const end = own.includes('@') ? own.lastIndexOf('@') : authority.lastIndexOf('@')
  const password = authority.slice(user.length, Math.max(end, user.length))
  return password === '' || /^\d{1,5}(?:[/?#]|$)/.test(password) ? null : password
}

function* inUrls(text: string): Iterable<string> {
  for (let at = text.indexOf('://'); at >= 0; ) {
    const next = text.indexOf('://', at + 3)
    const longest = Math.min(next < 0 ? text.length : next, at + longestAddress)
    const rest = text.slice(at + 3, longest)
    const end = rest.search(/[\s"'<>`\0]/)
    const address = `x://${end < 0 ? rest : rest.slice(0, end)}`
    const password = passwordOf(address)
    if (password !== null) yield* passwordForms(password)
    else yield* keyInAddress(address)
    at = next
  }
}

/** The key of a DSN, which stands where others have a user. */
export function* keyInAddress(address: string): Iterable<string> {
  const key = /^[a-z][a-z0-9+.-]*:\/\/([^:/?#@\s]{8,})@/i.exec(address)?.[1]
  if (key !== undefined && !isHarmless(key)) yield key
}

/** Units of an address that are read. */
const longestAddress = 4096

/** `user:password@host`, as programs print it that have taken the scheme off. */
const addressAlone =
  /(?<![\w@:/.+-])([A-Za-z_][\w.+-]{0,63}):([^\s:@/"'`<>()[\]{},;\0]{4,128})@(localhost|\d{1,3}(?:\.\d{1,3}){3}|[A-Za-z][\w-]{0,62}(?:\.[\w-]{1,62}){0,8})(?![\w@]|:[0-9a-f]{32})/g

/** What has the same form and is none: mail, instances of units, times. */
const noUser =
  /^(?:e-?mail|mail(?:to)?|from|to|b?cc|reply-to|sips?|xmpp|acct|user(?:name)?|by|author|contact)$/i
const noHost =
  /\.(?:service|socket|timer|target|mount|path|slice|scope|device|swap)$|^(?:sha\d+|md5)$/

function* inAddresses(text: string): Iterable<string> {
  for (const [, user = '', password = '', host = ''] of text.matchAll(addressAlone))
    if (
      !noUser.test(user) &&
      !noHost.test(host) &&
      !/^\d{1,5}$/.test(password) &&
      !isStandIn(password)
    )
      yield password
}

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

function* underNames(text: string): Iterable<string> {
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

/** What stands for a value: a variable, a place to fill in, a word of the sentence. */
function isStandIn(value: string): boolean {
  // Django's keys may begin with any of these.
  if (value.length >= 16 && isMixed(value))
    return /^redacted-|^\$\{?\w+\}?$|^[<[{(].*[>\]})]$/.test(value)
  return (
    /^[$<%{*[(\\|]|^redacted-|…|\.\.\.|^\w+\($|^(?:x{3,}|\*+|\.+|-+)$/i.test(value) ||
    /^(?:yes|no|on|off|true|false|none|null|nil|undefined|self|required|missing|mismatch|invalid|incorrect|wrong|expected|unexpected|expired|rejected|denied|error|unknown|changed|empty|unset|set|not|is|are|was|the|for|and|or|must|should|may|has|have|field|value|string|authentication|failed|given|provided|md5|scram-sha-256|peer|trust|ident|cert|reject|password|secret|token|str|int|bytes|object|type|default|example)$/i.test(
      value,
    )
  )
}

/**
 * Whether a name that speaks of a secret was given one.
 * @param isAssigned It stands right behind a "=", where no sentence goes on.
 */
function isTold(name: string, value: string, isAssigned = false): boolean {
  const speaks = speaksOf(name)
  if (speaks === 'never' || isStandIn(value) || value.length < 2) return false
  if (/^\/[\w.@+-]+\/[\w./@+-]+$/.test(value) && !isMixed(value)) return false
  if (speaks === 'surely' || isAssigned) return true
  return value.length >= 8 && isMixed(value)
}

/** Headers by what their values are. */
function nameOfHeader(name: string): 'credentials' | 'cookie' | 'set-cookie' | null {
  if (/^(?:http[_-])?(?:proxy[_-])?authorization$/i.test(name)) return 'credentials'
  if (/^(?:http[_-])?cookie$/i.test(name)) return 'cookie'
  return /^set[_-]cookie$/i.test(name) ? 'set-cookie' : null
}

const header =
  /(?<![\w-])((?:http[_-])?(?:proxy[_-])?authorization|(?:http[_-])?cookie|set[_-]cookie)(?:\\*["'])?(?:[ \t]*(?:=>|[:=,])[ \t]*\[?|[ \t]+)(?:\\*["'])?([^\r\n"'\\\0]{4,4096})/gi

/** A scheme and what it is given, wherever that stands. */
const scheme = /(?<![\w-])(?:Bearer|Basic)[ \t]+[\w.~+/-]{8,4096}={0,2}/g

function* inHeaders(text: string): Iterable<string> {
  for (const [, name = '', value = ''] of text.matchAll(header)) {
    const kind = nameOfHeader(name)
    if (kind === 'credentials') yield* credentialsIn(value)
    else if (kind !== null) yield* cookiesIn(value, kind)
  }
  for (const [whole] of text.matchAll(scheme)) yield* credentialsIn(whole)
}

/** `Bearer …`, `Token …`, `Basic …` with what that holds, or a value without a scheme. */
function* credentialsIn(text: string): Iterable<string> {
  const [, kind = '', value = ''] =
    /^\s*(?:(basic|bearer|token|digest|api-?key|negotiate)[ \t]+)?(\S+)/i.exec(text) ?? []
  const credential = value.replace(/[;,)\]}]+$/, '')
  if (isStandIn(credential) || credential.length < 4) return
  if (/^basic$/i.test(kind)) {
    const plain = Buffer.from(credential, 'base64').toString('utf8')
    const password = /^[^:]*:([^\p{Cc}\ufffd]+)$/u.exec(plain)?.[1]
    if (password !== undefined) yield password
    if (password !== undefined || isMixed(credential)) yield credential
  } else if (kind === '' ? isMixed(credential) : !/^[a-z]+$/.test(credential)) yield credential
}

/** `a=1; b=2`; of what sets one, the first alone. */
function* cookiesIn(text: string, kind: 'cookie' | 'set-cookie'): Iterable<string> {
  // Several Set-Cookie headers are joined by commas, and dates have one as well.
  const set =
    kind === 'set-cookie'
      ? text.split(/,\s*(?=[\w-]+=)/).map(each => each.split(';')[0] ?? '')
      : text.split(';')
  for (const pair of set) {
    const value = /^\s*[\w.!#$%&'*+^`|~-]+=\s*(\S+)\s*$/.exec(pair)?.[1]
    if (value !== undefined && !isStandIn(value) && !isHarmless(value)) yield value
  }
}

/** What a front gives the application: where nobody knows the name, if it looks like a key. */
const byFront =
  /\b(?:proxy_set_header|grpc_set_header|(?:fastcgi|uwsgi|scgi)_param|SetEnv|RequestHeader[ \t]+\w+|header_up)[ \t]+["']?[\w-]{1,64}["']?[ \t]+(?:"([^"\n]{1,4096})"|'([^'\n]{1,4096})'|([^\s"';{}]{1,4096}))/gi

function* inFronts(text: string): Iterable<string> {
  for (const [, double, single, plain] of text.matchAll(byFront)) {
    const value = double ?? single ?? plain ?? ''
    if (value.length >= 8 && isMixed(value) && !isHarmless(value) && !/[\s$%{]/.test(value))
      yield value
  }
}

/** Of an environment only names that are known are public; a credential has its name before it. */
function* inUnits(text: string): Iterable<string> {
  for (const [, setting, said = ''] of text.matchAll(inUnitFile)) {
    if (setting === 'SetCredential') yield said.replace(/^[^:]*:/, '')
    else
      for (const [name, value] of assignmentsIn(said))
        if (!isPublicName(name) && !isHarmless(value)) yield value
  }
}

const inUnitFile = /^[ \t]*(Environment|SetCredential)=[ \t]*(\S[^\n]{0,16383})/gm

function* inPrivateKeys(text: string): Iterable<string> {
  for (let at = text.indexOf(pemBegin); at >= 0; at = text.indexOf(pemBegin, at)) {
    const start = text.indexOf(pemEdge, at + pemBegin.length)
    if (start < 0) return
    const title = text.slice(at, Math.min(start, at + 80))
    at += pemBegin.length
    if (!title.includes('PRIVATE KEY')) continue
    // What was cut has no end.
    const end = text.indexOf(pemEdge, start + pemEdge.length)
    const body = text.slice(start + pemEdge.length, end < 0 ? undefined : end).slice(0, longestKey)
    yield body.trim()
    // Its lines may be told one by one, and be escaped.
    for (const line of body.split(/\s+|\\[nr]/)) if (line.length >= 16 && isMixed(line)) yield line
    at = end < 0 ? text.length : end
  }
}

const pemEdge = '-----'
const pemBegin = '-----BEGIN '
const longestKey = 16_384

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
