import {assignmentsIn} from '../unit.ts'
import {inAddresses, inUrls} from './addresses.ts'
import {inCommands} from './commands.ts'
import {cookiesIn, credentialsIn, inHeaders, kindOfHeader} from './headers.ts'
import {isTold, underNames} from './named.ts'
import {isDisordered, isHarmless, isMixed, isPublicName} from './names.ts'
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
  if (ofFronts.test(text)) yield* inFronts(text)
  if (/-e|-E|env|export|--set/.test(text)) yield* inCommands(text)
  if (/Environment=|SetCredential=/.test(text)) yield* inUnits(text)
  yield* inPrivateKeys(text)
  if (/[\w.~+/-]{16}/.test(text)) for (const [token] of text.matchAll(vendorTokens)) yield token
}

/** The member of an object, a header, or a variable: its name stands apart from its value. */
export function* secretsUnder(name: string, value: string): Iterable<string> {
  const header = kindOfHeader(name)
  if (header === 'credentials') yield* credentialsIn(value)
  else if (header !== null) yield* cookiesIn(value, header)
  else if (isTold(name, value)) yield value
}

const ofFronts =
  /_set_header|_param|SetEnv|RequestHeader|header_up|\$(?:http|cookie|arg)_|secure_link_|\blocation[ \t]|[?&]sig(?:nature)?=/i

/** What a front gives the application: where nobody knows the name, if it looks like a key. */
const byFront =
  /\b(?:proxy_set_header|grpc_set_header|(?:fastcgi|uwsgi|scgi)_param|SetEnv|RequestHeader[ \t]+\w+|header_up)[ \t]+["']?[\w-]{1,64}["']?[ \t]+(?:"([^"\n]{1,4096})"|'([^'\n]{1,4096})'|([^\s"';{}]{1,4096}))/gi

/** What visitors, or a proxy before it, have to know for nginx: `if ($http_x_gate != "…")`. */
const compared =
  /\$(?:cookie|arg|http)_(?!(?:host|origin|referer|user_agent|upgrade|connection|accept\w*|x_requested_with|x_forwarded_\w+)\b)\w{1,64}[ \t]*!?=[ \t]*(?:"([^"\n]{1,4096})"|'([^'\n]{1,4096})'|([^\s"';{}()]{1,4096}))/gi

function* inFronts(text: string): Iterable<string> {
  for (const pattern of [byFront, compared])
    for (const [, double, single, plain] of text.matchAll(pattern)) {
      const value = double ?? single ?? plain ?? ''
      if (isOfFront(value)) yield value
    }
  // The secret of a signed link, and such a link itself.
  for (const [, words = ''] of text.matchAll(/\bsecure_link_(?:md5|secret)[ \t]+([^\n;]{1,4096})/g))
    yield* words.split(/[\s"']+/).filter(isOfFront)
  for (const [, value = ''] of text.matchAll(/[?&]sig(?:nature)?=([\w-]{8,4096})/gi))
    if (isOfFront(value)) yield value
  // A path that only who was told it can guess.
  for (const [, path = ''] of text.matchAll(
    /\blocation[ \t]+(?:[=~^*]{1,2}[ \t]+)?([^\s{]{1,4096})/g,
  ))
    for (const [run] of path.matchAll(/[A-Za-z0-9]{16,}/g)) if (isDisordered(run)) yield run
}

function isOfFront(value: string): boolean {
  return value.length >= 8 && isMixed(value) && !isHarmless(value) && !/[\s$%{]/.test(value)
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
