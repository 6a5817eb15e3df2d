import {isSamePlace} from '../../facts/fronts/front.ts'
import type {Unreachable} from '../../facts/http.ts'
import {type Bind, shownBind} from '../../facts/target/bind.ts'
import type {Target} from '../../facts/target/target.ts'
import {findOwnListeners} from '../../facts/unit/listeners.ts'
import type {Host} from '../../host/host.ts'
import {isFirstStart, timestampOf} from '../../host/unit.ts'
import {mend, remedy} from '../../remedies/remedy.ts'
import {awaitStart, restart, start} from '../../remedies/service.ts'
import {finding, type Remedy, type Verdict} from '../../report/finding.ts'
import {byHand, hand, readJournal, run} from '../../report/step.ts'
import {type Code, found} from './app.findings.ts'
import {lostSocket} from './app.lost-socket.ts'
import {lastSaid} from './app.reasons.ts'
import {silent} from './app.silent.ts'

/** Nobody listens, or who listens says nothing that is HTTP. */
export async function unanswered(
  host: Host,
  target: Target,
  bind: Bind,
  answer: Unreachable,
): Promise<Verdict<Code>> {
  const {code, message} = answer
  const place = shownBind(bind)
  const evidence = [message]
  if (code === 'ECONNREFUSED' || code === 'ENOENT') return refused(host, target, bind, answer)
  if (code === 'ETIMEDOUT' || code === 'EAGAIN') return silent(host, target, place, message)
  if (code === 'EACCES' || code === 'EPERM') {
    const cure = remedy('Open the way to the socket', 'manual', [byHand('namei', '-l', place)])
    return finding(found.denied(place), cure, {evidence})
  }
  const look = [readJournal(target.unit.name), hand('sudo ss -ltnp')]
  const cure = remedy('See what happened to the workers', 'manual', look)
  if (code.startsWith('HPE_')) return finding(found['not-http'](place, message), cure, {evidence})
  return finding(found['empty-reply'](place, message), cure, {
    evidence,
    open: {lines: await lastSaid(host, target), look: cure},
  })
}

async function refused(
  host: Host,
  target: Target,
  bind: Bind,
  answer: Unreachable,
): Promise<Verdict<Code>> {
  const {unit} = target
  const lost = 'socketPath' in bind ? await lostSocket(host, target, bind.socketPath) : null
  if (lost) return lost
  const place = shownBind(bind)
  const seen =
    answer.code === 'ENOENT' ? `there is no socket ${place}` : `${place} refuses connections`
  const evidence = [answer.message]
  if (unit.get('ActiveState') !== 'active') {
    const details = {evidence, since: timestampOf(unit, 'StateChangeTimestamp')}
    return isFirstStart(unit)
      ? finding(found.starting(seen, unit), awaitStart(unit), details)
      : finding(found.refused(seen, unit), startAgain(target), details)
  }
  const own = (await findOwnListeners(host, unit)).map(({at}) => at)
  // It has begun to listen between the two looks.
  if (own.some(at => isSamePlace(at, bind))) {
    return finding(found.starting(seen, unit), awaitStart(unit), {evidence})
  }
  if (own.length > 0) {
    const told = `was told to listen on ${place}`
    const said = found['other-address'](unit, own.map(shownBind).join(', '), told)
    return finding(said, followSetting(target, own), {evidence})
  }
  const summary = 'Restart the service, and see where it listens'
  const cure = remedy(summary, 'disruptive', [restart(target)])
  return finding(found.refused(seen, unit), cure, {evidence})
}

function startAgain(target: Target): Remedy {
  const {unit} = target
  const reset =
    unit.get('ActiveState') === 'failed' ? [run('systemctl', 'reset-failed', unit.name)] : []
  return remedy('Start the service', 'disruptive', [...reset, start(target)])
}

/** The application listens at these places, rather than where it was told to. */
function followSetting(target: Target, [first]: readonly Bind[]): Remedy {
  const {platform, environment, unit} = target
  const means = environment.has('GUNICORN_BIND')
    ? platform.variable(target, 'GUNICORN_BIND', first ? shownBind(first) : '')
    : platform.unitChange(unit.name)
  return mend('Let the application follow its setting, or correct the setting', means, {
    after: [restart(target)],
  })
}
