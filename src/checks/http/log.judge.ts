import {ofVisitors} from '../../facts/fronts/log/concerns.ts'
import type {EventKind, FrontEvent} from '../../facts/fronts/log/event.ts'
import {timestampOf} from '../../host/unit.ts'
import type {Verdict} from '../../report/finding.ts'
import type {Asked} from './log.asked.ts'
import {judgeDenied, judgeSpace} from './log.disk.ts'
import type {Code, Told} from './log.findings.ts'
import * as requests from './log.requests.ts'

/** Milliseconds: what happened to single requests earlier has been lived with. */
const recent = 3_600_000

/** Milliseconds: a limit that nobody has met for a day is none that matters. */
const lasting = 24 * recent

/** What the application was asked in the seconds after its start may have come to its forerunner. */
const settling = 3000

/** Of each kind one finding at most. */
export async function judgeEvents(
  asked: Asked,
  events: readonly FrontEvent[],
): Promise<readonly Verdict<Code>[]> {
  const {host, target, front} = asked
  const now = host.now()
  const started = Date.parse(timestampOf(target.unit, 'ExecMainStartTimestamp') ?? '') || 0
  const ofProcesses = Math.max(now - recent, started + settling)
  const verdicts: Verdict<Code>[] = []
  for (const [kind, all] of Map.groupBy(events, event => event.kind)) {
    const {judge, isOfProcesses = false, visitors = false} = judges[kind]
    const since = isOfProcesses ? ofProcesses : now - lasting
    const late = all.filter(({at}) => at >= since)
    const [first, ...others] = visitors ? await ofVisitors(host, target, late) : late
    if (first === undefined) continue
    const verdict = await judge(asked, {front, events: [first, ...others], now})
    if (verdict) verdicts.push(verdict)
  }
  return verdicts
}

interface Judge {
  readonly judge: (asked: Asked, told: Told) => Promise<Verdict<Code> | null>
  /** What older processes of the application did is over. */
  readonly isOfProcesses?: boolean
  /** Scanners meet it as well. */
  readonly visitors?: boolean
}

const judges: Readonly<Record<EventKind, Judge>> = {
  'body-too-large': {judge: requests.bodyTooLarge, visitors: true},
  'header-too-big': {judge: requests.headerTooBig},
  'upstream-timeout': {judge: requests.timedOut, isOfProcesses: true},
  'upstream-closed': {judge: requests.closed, isOfProcesses: true, visitors: true},
  'backlog-full': {judge: requests.backlog, isOfProcesses: true},
  'no-live-upstreams': {judge: requests.noLive, isOfProcesses: true},
  'upstream-tls': {judge: requests.tls, isOfProcesses: true},
  denied: {judge: judgeDenied},
  'no-space': {judge: judgeSpace},
  connections: {judge: requests.connections},
  'open-files': {judge: requests.openFiles},
  refused: {judge: async () => null},
  'worker-killed': {judge: requests.killed},
  cycle: {judge: requests.cycle, visitors: true},
}
