import {type FrontEvent, pathOf, type Recognised, recognisedBy, type Signature} from './event.ts'
import type {LogLine} from './front-log.ts'

/** `[error] 168#168: *5 …`, `[emerg] …`. */
const head = /^\[(\w+)\](?: \d+#\d+:)?(?: \*\d+)? (.*)$/s

/** What a connection's line ends with, each in quotes, in this order (ngx_http_log_error_handler). */
const details = ['request', 'subrequest', 'upstream', 'host', 'referrer'] as const

interface Connection {
  readonly message: string
  readonly server: string
  readonly details: ReadonlyMap<(typeof details)[number], string>
}

/**
 * The parts of a connection's line; null for another line. Each value ends where the next detail, or
 * the line, does: visitors may have written anything into it, so that nothing here goes back.
 */
function connectionOf(said: string): Connection | null {
  const match = /, client: [^,]*, server: ([^,]*)/.exec(said)
  if (!match) return null
  const found = new Map<(typeof details)[number], string>()
  let rest = said.slice(match.index + match[0].length)
  for (const [index, name] of details.entries()) {
    const start = `, ${name}: "`
    if (!rest.startsWith(start)) continue
    const later = details.slice(index + 1).join('|') || '$.'
    const end = new RegExp(`"(?=$|, (?:${later}): ")`).exec(rest.slice(start.length))
    if (!end) return null
    found.set(name, rest.slice(start.length, start.length + end.index))
    rest = rest.slice(start.length + end.index + 1)
  }
  const message = said.slice(0, match.index)
  return rest === '' ? {message, server: match[1] ?? '', details: found} : null
}

/** What a line of nginx's tells; null for noise, and for what nobody knows. */
export function nginxEvent({at, text}: LogLine): FrontEvent | null {
  const [, level = '', said = ''] = head.exec(text) ?? []
  if (!/^(?:error|crit|alert|emerg)$/.test(level)) return null
  const connection = connectionOf(said)
  const message = connection?.message ?? said
  const target = /^(?:[A-Z]+ )?(\S*)/.exec(connection?.details.get('request') ?? '')?.[1]
  const recognised = level === 'emerg' ? refused(message) : recognisedBy(signatures, message)
  return (
    recognised && {
      at,
      ...recognised,
      server: connection?.server ?? null,
      host: connection?.details.get('host') ?? null,
      path: pathOf(target),
      upstream: connection?.details.get('upstream') ?? null,
      referrer: connection?.details.get('referrer') ?? null,
    }
  )
}

/** With its place in the configuration: `unknown directive "x" in /etc/nginx/sites-enabled/a:3`. */
function refused(message: string): Recognised | null {
  return / in \/\S+:\d+$/.test(message) || /^(?:host not found|cannot load|no ssl_)/.test(message)
    ? {kind: 'refused', words: message}
    : null
}

/** By what ngx_http_upstream.c, ngx_http_core_module.c and ngx_event.c write, anchored at both ends. */
const signatures: readonly Signature[] = [
  [
    /^client intended to send too large (?:chunked )?body: (\d+)(?:\+(\d+))? bytes$/,
    ([, bytes, more]) => ({kind: 'body-too-large', bytes: Number(bytes) + Number(more ?? 0)}),
  ],
  [
    /^upstream sent too big header while reading response header from upstream$/,
    () => ({kind: 'header-too-big'}),
  ],
  [
    // A WebSocket, or a stream that had begun ("reading upstream"), may be quiet for a while.
    /^upstream timed out \(\d+: [\w ]+\) while (connecting to upstream|sending request to upstream|reading response header from upstream)$/,
    ([, words = '']) => ({kind: 'upstream-timeout', words}),
  ],
  [
    // Who sends much to a page that takes nothing is cut off while sending.
    /^(?:upstream prematurely closed connection|(?:recv|readv)\(\) failed \(104: [\w ]+\)) while (reading response header from upstream|reading upstream)$/,
    ([, words = '']) => ({kind: 'upstream-closed', words}),
  ],
  [
    /^connect\(\) (?:to unix:\S+ )?failed \(11: [\w ]+\) while connecting to upstream$/,
    () => ({kind: 'backlog-full'}),
  ],
  [/^no live upstreams while connecting to upstream$/, () => ({kind: 'no-live-upstreams'})],
  [
    /^SSL_do_handshake\(\) failed \(SSL: error:\w+:[^:)]*:[^:)]*:([\w ]+)(?:[:)].*)?while SSL handshaking to upstream$/s,
    ([, words = '']) => ({kind: 'upstream-tls', words}),
  ],
  [
    /^upstream SSL certificate (verify error: \(\d+:[\w -]+\)|does not match "[\w.-]+") while SSL handshaking to upstream$/,
    ([, words = '']) => ({kind: 'upstream-tls', words: `certificate ${words}`}),
  ],
  [
    /^peer closed connection in SSL handshake(?: \(\d+: [\w ]+\))? while SSL handshaking to upstream$/,
    () => ({kind: 'upstream-tls', words: 'the handshake was cut off'}),
  ],
  [
    /^(?:open|stat|mkdir|rename|realpath|lstat|chmod)\(\) "(.*?)"(?: to ".*")? failed \((?:13|30): [\w -]+\)(?: while .*)?$/s,
    ([, file = '']) => ({kind: 'denied', file}),
  ],
  [
    /^(?:open|mkdir|rename|pwritev?|writev?)\(\) "(.*?)"(?: to ".*")? (?:failed \((?:28|122): [\w ]+\)|has written only \d+ of \d+)(?: while .*)?$/s,
    ([, file = '']) => ({kind: 'no-space', file}),
  ],
  [
    /^(\d+) worker_connections are not enough(?: while .*)?$/,
    ([, bytes]) => ({kind: 'connections', bytes: Number(bytes)}),
  ],
  [
    /^(?:accept4?|socket|open|connect|epoll_create|openat)\(\) (?:".*?" )?failed \(24: [\w ]+\)(?: while .*)?$/s,
    () => ({kind: 'open-files'}),
  ],
  [
    /^worker process \d+ exited on signal (\d+)(?: \(core dumped\))?$/,
    ([, words = '']) => ({kind: 'worker-killed', words}),
  ],
  [/^rewrite or internal redirection cycle while [\w ]+ "/, () => ({kind: 'cycle'})],
]
