import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import type {Unit} from '../../host/unit.ts'
import {findJournal, type JournalLine, lastFailure} from '../journal/journal.ts'
import {recognise} from '../journal/signatures.ts'
import {findListeners, holderWithUnit, reaches} from '../unit/listeners.ts'
import type {Front} from './front.ts'
import {readFrontLog} from './log/front-log.ts'

/** What a front said: the line, and what matters of it. */
export interface Complaint {
  readonly line: string
  readonly words: string
}

/** `2026/11/25 00:28:30 [emerg] 168#168: *5 …, client: …`; without a log, `nginx: [emerg] …`. */
const logged = /\[(emerg|alert|crit|error)\](?: \d+#\d+:)?(?: \*\d+)? (.*)$/

/** How each front says why it does not start: what matters is the first group. */
const refusals: Readonly<Record<Front['kind'], readonly RegExp[]>> = {
  nginx: [/\[emerg\](?: \d+#\d+:)?(?: \*\d+)? (.*)$/],
  apache: [
    // The words of what is wrong stand in the next line.
    /^(?:apache2: |httpd: )?(?:AH\d+: )?(Syntax error on line \d+ of .*:)$/,
    /^(?:apache2: |httpd: )?(\(\d+\)[^:]+: AH\d+: .*)$/,
    /^(?:apache2: |httpd: )?(AH\d+: .*(?:failed|cannot|Unable|[Ee]rror).*)$/,
  ],
  caddy: [/^Error: (.*)$/],
}

/** Why a front did not start, as its journal has it; null where it does not tell. */
export async function refusalOf(
  host: Host,
  {kind, unit}: Pick<Front, 'kind' | 'unit'>,
): Promise<Complaint | null> {
  const lines = lastFailure((await findJournal(host, unit)) ?? [])
  const said = lines.filter(({by}) => by === 'service')
  // The first one: after an address in use come more tries, and "still could not bind()".
  for (const [index, {text}] of said.entries()) {
    const words = refusals[kind]
      .map(pattern => pattern.exec(text)?.[1])
      .find(found => found !== undefined)
    if (words === undefined) continue
    const next = words.endsWith(':') ? said[index + 1]?.text : undefined
    const whole = withoutOpenssl(next === undefined ? words : `${words} ${next}`)
    return {line: text, words: `${whole}${await whoHolds(host, words)}`}
  }
  return bySystemd(unit, lines)
}

/** Who listens at the address that a front could not take, as each of them says it. */
async function whoHolds(host: Host, words: string): Promise<string> {
  const address =
    /^bind\(\) to (\S+):(\d+) failed \(98: /.exec(words) ??
    /could not bind to address (\S+):(\d+)$/.exec(words) ??
    /listen tcp\d? (\S*):(\d+): bind: address already in use$/.exec(words)
  const at = address && {
    host: (address[1] || '0.0.0.0').replace(/^\[|\]$/g, ''),
    port: Number(address[2]),
  }
  const listener = at && (await findListeners(host))?.find(one => reaches(one, at))
  const holder = listener ? await holderWithUnit(host, listener) : null
  return holder === null ? '' : `; ${holder} listens there`
}

/** What systemd stopped at before it ran it. */
function bySystemd(unit: Unit, lines: readonly JournalLine[]): Complaint | null {
  for (const line of lines.filter(({by}) => by === 'systemd')) {
    const known = recognise(line)
    if (known?.signature.kind !== 'cause') continue
    return {line: line.text, words: known.signature.meaning?.(known.match, unit) ?? line.text}
  }
  return null
}

/** What a front last said about an upstream, wherever it logs. */
export async function upstreamComplaint(
  host: Host,
  front: Pick<Front, 'kind' | 'unit'>,
): Promise<Complaint | null> {
  const log = await ifSeen(readFrontLog(host, front))
  const said = (log?.lines ?? []).flatMap(({text}) => {
    const words = upstreamWords(front.kind, text)
    return words === null ? [] : [{line: text, words: withoutOpenssl(words)}]
  })
  return said.at(-1) ?? null
}

/** nginx: `… while connecting to upstream, client: …, upstream: "…"`; Apache: `AH00957: …`. */
function upstreamWords(kind: Front['kind'], text: string): string | null {
  if (kind === 'caddy')
    return (
      /^\{"level":"error".*"logger":"http\.log\.error[^"]*","msg":"((?:[^"\\]|\\.)*)"/.exec(
        text,
      )?.[1] ?? null
    )
  if (kind === 'apache') {
    const [, why = '', what] =
      /^\[proxy\w*:error\] .*?(?:\(\d+\)([^:]+): )?(?:\[client [^\]]*\] )?AH\d+: (.*)$/.exec(
        text,
      ) ?? []
    // What follows is the visitor's own: the path, the page before.
    const words = what?.replace(/(?: returned by |, referer: ).*$/, '')
    return words === undefined ? null : why === '' ? words : `${words}: ${why}`
  }
  if (!/, upstream: "/.test(text)) return null
  // What follows is the visitor's own: the request, the host.
  return logged.exec(text)?.[2]?.split(', client: ')[0] ?? null
}

/** `… failed (SSL: error:80000002:system library::No such file or directory:calling fopen(…) …)` */
function withoutOpenssl(words: string): string {
  return words
    .replace(/: BIO_new_file\(\) failed (?=\(SSL)/, ' ')
    .replace(
      /\(SSL: error:\w+:[^:]*:[^:]*:([^:)]+).*?( while SSL handshaking to upstream)?$/,
      '($1)$2',
    )
}
