import type {Host} from '../host/host.ts'
import {findJournal, type JournalLine, lastFailure} from './journal.ts'
import {findListeners, holderOf, reaches} from './listeners.ts'
import {recognise} from './signatures.ts'
import type {Unit} from './systemd.ts'

/** What nginx said: the line, and what matters of it. */
export interface Complaint {
  readonly line: string
  readonly words: string
}

/** `2026/11/25 00:28:30 [emerg] 168#168: *5 …, client: …`; with -t and before it has a log, `nginx: [emerg] …`. */
const logged = /\[(emerg|alert|crit|error)\](?: \d+#\d+:)?(?: \*\d+)? (.*)$/

/** Why nginx did not start, as its journal has it; null where it does not tell. */
export async function refusalOf(host: Host, unit: Unit): Promise<Complaint | null> {
  const lines = lastFailure((await findJournal(host, unit)) ?? [])
  // The first one: after an address in use come more tries, and "still could not bind()".
  const line = lines.find(({by, text}) => by === 'service' && logged.exec(text)?.[1] === 'emerg')?.text
  const words = line && logged.exec(line)?.[2]
  if (!line || !words) return bySystemd(unit, lines)
  const address = /^bind\(\) to (\S+):(\d+) failed \(98: /.exec(words)
  const at = address && {host: (address[1] ?? '').replace(/^\[|\]$/g, ''), port: Number(address[2])}
  const listener = at && (await findListeners(host))?.find(one => reaches(one, at))
  const holder = listener ? holderOf(listener) : null
  return {line, words: `${withoutOpenssl(words)}${holder ? `; ${holder} listens there` : ''}`}
}

/** What systemd stopped at before it ran nginx. */
function bySystemd(unit: Unit, lines: readonly JournalLine[]): Complaint | null {
  for (const line of lines.filter(({by}) => by === 'systemd')) {
    const known = recognise(line)
    if (known?.signature.kind !== 'cause') continue
    return {line: line.text, words: known.signature.meaning?.(known.match, unit) ?? line.text}
  }
  return null
}

/** What nginx last had to say of an upstream; null where its journal holds nothing, as when it logs to a file. */
export async function upstreamComplaint(host: Host, unit: Unit): Promise<Complaint | null> {
  const lines = (await findJournal(host, unit)) ?? []
  const line = lines.findLast(({by, text}) => by === 'service' && logged.test(text) && /, upstream: "/.test(text))?.text
  // What follows is the visitor's own: the request, the host.
  const words = line && logged.exec(line)?.[2]?.split(', client: ')[0]
  return line && words ? {line, words} : null
}

/** `… failed (SSL: error:80000002:system library::No such file or directory:calling fopen(…) …)` */
function withoutOpenssl(words: string): string {
  return words
    .replace(/: BIO_new_file\(\) failed (?=\(SSL)/, ' ')
    .replace(/\(SSL: error:\w+:[^:]*:[^:]*:([^:)]+).*$/, '($1)')
}
