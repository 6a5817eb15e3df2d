import type {Target} from '../../facts/target/target.ts'
import type {Host} from '../../host/host.ts'
import {execCommands, parseTimeSpan, timestampOf} from '../../host/unit.ts'
import {remedy} from '../../remedies/remedy.ts'
import {awaitStart} from '../../remedies/service.ts'
import {finding, type Verdict} from '../../report/finding.ts'
import {byHand} from '../../report/step.ts'
import {type Code, found} from './active.findings.ts'

/** A first start: TimeoutStartSec= holds for each of its commands. */
export function starting(host: Host, {unit}: Target): Verdict<Code> {
  const since = timestampOf(unit, 'InactiveExitTimestamp')
  const limit = unit.get('TimeoutStartUSec')
  const commands = ['ExecStartPre', 'ExecStart', 'ExecStartPost'].flatMap(property =>
    execCommands(unit, property),
  )
  const allowed = parseTimeSpan(limit) * Math.max(1, commands.length)
  const elapsed = since ? host.now() - Date.parse(since) : 0
  const values = [unit.name, Math.round(elapsed / 1000), unit.get('SubState')] as const
  if (elapsed <= allowed) {
    return finding(found.starting(...values), awaitStart(unit), {
      since,
      evidence: [`TimeoutStartUSec=${limit}`],
    })
  }
  const look = remedy('See what it waits for', 'manual', [byHand('systemctl', 'status', unit.name)])
  return finding(found['start-overdue'](...values), look, {since})
}

export function stopping({unit}: Target): Verdict<Code> {
  const cure = remedy('Wait until it has stopped, then look again', 'manual', [
    byHand('systemctl', 'status', unit.name),
  ])
  return finding(found.stopping(unit.name, unit.get('SubState')), cure, {
    since: timestampOf(unit, 'ActiveExitTimestamp'),
  })
}
