import {type FrontEvent, pathOf, type Recognised, recognisedBy, type Signature} from './event.ts'
import type {LogLine} from './front-log.ts'

/** `[error] 168#168: *5 …`, `[emerg] …`. */
const head = /^\[(\w+)\](?: \d+#\d+:)?(?: \*\d+)? (.*)$/s

/** How a connection's line ends (ngx_http_log_error_handler). */
const connection =
  /^(.*?), client: [^,]*, server: ([^,]*)(?:, request: "(?:[A-Z]+ )?(\S*).*?")?(?:, subrequest: ".*?")?(?:, upstream: "(.*?)")?(?:, host: "(.*?)")?(?:, referrer: "(.*)")?$/s

/** What a line of nginx's tells; null for noise, and for what nobody knows. */
export function nginxEvent({at, text}: LogLine): FrontEvent | null {
  const [, level = '', said = ''] = head.exec(text) ?? []
  if (!/^(?:error|crit|alert|emerg)$/.test(level)) return null
  const [, message = said, server, target, upstream, host, referrer] = connection.exec(said) ?? []
  const recognised = level === 'emerg' ? refused(message) : recognisedBy(signatures, message)
  return (
    recognised && {
      at,
      ...recognised,
      server: server ?? null,
      host: host ?? null,
      path: pathOf(target),
      upstream: upstream ?? null,
      referrer: referrer ?? null,
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
    // A WebSocket that was quiet for a while is no page that did not come.
    /^upstream timed out \(\d+: [\w ]+\) while (connecting to upstream|sending request to upstream|reading response header from upstream|reading upstream)$/,
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
