import * as v from 'valibot'
import {parseJson} from '../../json.ts'
import {type FrontEvent, pathOf, recognisedBy, type Signature} from './event.ts'
import type {LogLine} from './front-log.ts'

/** A line of Caddy's own log (https://caddyserver.com/docs/logging), as much as is read here. */
const line = v.object({
  level: v.string(),
  msg: v.string(),
  status: v.optional(v.number()),
  request: v.optional(v.object({host: v.optional(v.string()), uri: v.optional(v.string())})),
})

/** What a line of Caddy's tells; null for noise, and for what nobody knows. */
export function caddyEvent({at, text}: LogLine): FrontEvent | null {
  const parsed = v.safeParse(line, parseJson(text))
  if (!parsed.success || parsed.output.level !== 'error') return null
  const {msg, request} = parsed.output
  const recognised = recognisedBy(signatures, msg)
  const host = request?.host ?? null
  return (
    recognised && {
      at,
      ...recognised,
      server: host?.replace(/:\d+$/, '') ?? null,
      host,
      path: pathOf(request?.uri),
      upstream: null,
      referrer: null,
    }
  )
}

const signatures: readonly Signature[] = [
  [/too many open files/, () => ({kind: 'open-files'})],
  [/no space left on device/, () => ({kind: 'no-space'})],
  [
    /^(?:net\/http: timeout awaiting response headers|read \w+ .*: i\/o timeout|dial \w+ .*: i\/o timeout)$/,
    () => ({kind: 'upstream-timeout', words: 'reading response header from upstream'}),
  ],
  [
    /^(?:EOF|unexpected EOF|read \w+ .*: read: connection reset by peer|http: server closed idle connection)$/,
    () => ({kind: 'upstream-closed', words: 'reading response header from upstream'}),
  ],
  [/^dial \w+ .*: connect: resource temporarily unavailable$/, () => ({kind: 'backlog-full'})],
  [/^no upstreams available$/, () => ({kind: 'no-live-upstreams'})],
  [
    /^tls: (first record does not look like a TLS handshake)$/,
    ([, words = '']) => ({kind: 'upstream-tls', words}),
  ],
  [
    /^(?:tls: failed to verify certificate: )?x509: (certificate [\w ]+)/,
    ([, words = '']) => ({kind: 'upstream-tls', words}),
  ],
]
