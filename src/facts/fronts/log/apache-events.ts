import {type FrontEvent, pathOf, recognisedBy, type Signature} from './event.ts'
import type {LogLine} from './front-log.ts'

/** `[proxy_http:error] [pid 7:tid 8] (70007)The timeout …: [client 10.0.0.1:5] AH01102: …`. */
const head =
  /^\[([\w.-]*):(\w+)\] (?:\[pid [^\]]*\] )?(?:\((\d+)\)[^:]*: )?(?:\[(?:client|remote) [^\]]*\] )?(.*)$/s

/** What a line of Apache's tells; null for noise, and for what nobody knows. */
export function apacheEvent({at, text}: LogLine): FrontEvent | null {
  const [, , level = '', errno = '', said = ''] = head.exec(text) ?? []
  if (!/^(?:error|crit|alert|emerg)$/.test(level)) return null
  const [, message = said, referrer] = /^(.*), referer: (.*)$/s.exec(said) ?? []
  const recognised = recognisedBy(signatures, `(${errno}) ${message}`)
  const server = /\b(?:remote server|backend) ([^\s,]+)/.exec(message)?.[1]
  // Of a Unix socket it names none: httpd-UDS:0.
  const upstream = server === undefined || server.startsWith('httpd-UDS') ? null : server
  return (
    recognised && {
      at,
      ...recognised,
      server: null,
      host: null,
      path: pathOf(/ returned by (\/\S*)$/.exec(message)?.[1]),
      upstream,
      referrer: referrer ?? null,
    }
  )
}

/** The errno (APR's where it is above 20000) stands before what was said. */
const signatures: readonly Signature[] = [
  [
    /^\((?:70007|110)\) AH(?:01102|00992|01030|01075): /,
    () => ({kind: 'upstream-timeout', words: 'reading response header from upstream'}),
  ],
  [
    /^\((?:20014|70014|104)\) AH(?:01102|00992|01030|01075): /,
    () => ({kind: 'upstream-closed', words: 'reading response header from upstream'}),
  ],
  [/^\(11\) AH(?:00957|02454|01114|01144): /, () => ({kind: 'backlog-full'})],
  [
    /^\(\d*\) AH00898: Error during SSL Handshake with remote server/,
    () => ({kind: 'upstream-tls', words: 'the handshake failed'}),
  ],
  [
    /^\(13\) AH00035: access to .* denied \(filesystem path '(.*)'\) because search permissions are missing on a component of the path$/s,
    ([, file = '']) => ({kind: 'denied', file}),
  ],
  [
    /^\(13\) AH00132: file permissions deny server access: (\/.*)$/s,
    ([, file = '']) => ({kind: 'denied', file}),
  ],
  [/^\(24\) /, () => ({kind: 'open-files'})],
  [/^\((?:28|122)\) /, () => ({kind: 'no-space'})],
  [
    /^\(\d*\) (?:AH00161|AH00484|AH00326|AH10159|AH03490): (?:server reached MaxRequestWorkers|server is within|scoreboard is full)/,
    () => ({kind: 'connections'}),
  ],
  [
    /^\(\d*\) AH00124: Request exceeded the limit of \d+ internal redirects/,
    () => ({kind: 'cycle'}),
  ],
  [
    /^\(\d*\) AH0005[0-2]: child pid \d+ exit signal [\w ]*\((\d+)\)/,
    ([, words = '']) => ({kind: 'worker-killed', words}),
  ],
]
