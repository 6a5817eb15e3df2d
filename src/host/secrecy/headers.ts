import {isHarmless, isMixed} from './names.ts'
import {isStandIn} from './stand-ins.ts'

/** Headers by what their values are. */
export function kindOfHeader(name: string): 'credentials' | 'cookie' | 'set-cookie' | null {
  if (/^(?:http[_-])?(?:proxy[_-])?authorization$/i.test(name)) return 'credentials'
  if (/^(?:http[_-])?cookie$/i.test(name)) return 'cookie'
  return /^set[_-]cookie$/i.test(name) ? 'set-cookie' : null
}

const header =
  /(?<![\w-])((?:http[_-])?(?:proxy[_-])?authorization|(?:http[_-])?cookie|set[_-]cookie)(?:\\*["'])?(?:[ \t]*(?:=>|[:=,])[ \t]*\[?|[ \t]+)(?:\\*["'])?([^\r\n"'\\\0]{4,4096})/gi

/** A scheme and what it is given, wherever that stands. */
const scheme = /(?<![\w-])(?:Bearer|Basic)[ \t]+[\w.~+/-]{8,4096}={0,2}/g

/** What lets somebody in, in the headers that a text quotes. */
export function* inHeaders(text: string): Iterable<string> {
  for (const [, name = '', value = ''] of text.matchAll(header)) {
    const kind = kindOfHeader(name)
    if (kind === 'credentials') yield* credentialsIn(value)
    else if (kind !== null) yield* cookiesIn(value, kind)
  }
  for (const [whole] of text.matchAll(scheme)) yield* credentialsIn(whole)
}

/** `Bearer …`, `Token …`, `Basic …` with what that holds, or a value without a scheme. */
export function* credentialsIn(text: string): Iterable<string> {
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
export function* cookiesIn(text: string, kind: 'cookie' | 'set-cookie'): Iterable<string> {
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
