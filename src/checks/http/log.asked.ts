import {type Apache, readApache} from '../../facts/fronts/apache-configuration.ts'
import type {Front} from '../../facts/fronts/front.ts'
import {blocksFor, type Decided, decidedBy} from '../../facts/fronts/log/decides.ts'
import type {FrontEvent} from '../../facts/fronts/log/event.ts'
import {findNginx} from '../../facts/fronts/nginx-configuration.ts'
import {type Directive, flattened} from '../../facts/fronts/nginx-syntax.ts'
import type {Target} from '../../facts/target/target.ts'
import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {correct} from '../../remedies/front.ts'
import type {Remedy} from '../../report/finding.ts'
import {hand} from '../../report/step.ts'

/** What a front of one kind was told, where a directive is looked up. */
export interface Asked {
  readonly host: Host
  readonly target: Target
  readonly front: Front
  /** nginx's configuration, or Apache's; empty for Caddy. */
  readonly directives: readonly Directive[]
}

export async function askedOf(host: Host, target: Target, front: Front): Promise<Asked> {
  const read: Record<Front['kind'], () => Promise<Pick<Apache, 'directives'> | null>> = {
    nginx: () => findNginx(host),
    apache: () => readApache(host, front.unit),
    caddy: async () => null,
  }
  return {host, target, front, directives: (await read[front.kind]())?.directives ?? []}
}

/** What counts of a directive for the request of an event. */
export function decided(
  {front, directives}: Asked,
  {server, path}: FrontEvent,
  wanted: string,
): Decided {
  if (front.kind === 'nginx') return decidedBy(blocksFor(directives, server, path), wanted)
  const set = flattened(directives).findLast(({name}) => name === wanted.toLowerCase())
  return {value: set?.args[0] ?? null, at: set ? {file: set.file, line: set.line} : null}
}

/** Whether the file that decides was changed after it happened: then nobody knows that it lasts. */
export async function isChangedSince(
  host: Host,
  {at}: Decided,
  last: FrontEvent,
): Promise<boolean> {
  const stat = at && (await ifSeen(host.stat(at.file)))
  return stat !== null && stat.mtime > last.at
}

interface Raise {
  readonly summary: string
  readonly text: string
  readonly why: Decided
  readonly server: string | null
}

export function raise(target: Target, front: Front, {summary, text, why, server}: Raise): Remedy {
  // What stands in a log is no name for a configuration.
  const isKnown = front.sites.some(({names}) => names.some(name => name === server))
  return correct(target, front, {
    summary,
    at: why.at,
    first: target.platform.writesFronts ? [] : [hand(text)],
    setting: {kind: 'directive', in: isKnown && server !== null ? {name: server} : 'http', text},
  })
}
