import {type Group, groupsOf} from '../../facts/hold/groups.ts'
import {findSilence} from '../../facts/hold/silence.ts'
import {type Held, portOf} from '../../facts/hold/waits.ts'
import {findLockWait} from '../../facts/postgres/lock-wait.ts'
import {knownDatabase, type Target} from '../../facts/target/target.ts'
import type {Host} from '../../host/host.ts'
import {endHolder, sessionHolds} from '../../remedies/lock-wait.ts'
import {remedy} from '../../remedies/remedy.ts'
import {restart} from '../../remedies/service.ts'
import {type Because, finding, type Verdict} from '../../report/finding.ts'
import {type Code, found} from './app.findings.ts'
import {codeOf, cureOf, withoutWorkers} from './app.silent.remedies.ts'
import {evidenceOf, heldWords, queueWords} from './app.silent.words.ts'

/** Somebody takes connections at the application's address and says nothing: who holds it up. */
export async function silent(
  host: Host,
  target: Target,
  place: string,
  message: string,
): Promise<Verdict<Code>> {
  const silence = await findSilence(host, target)
  const held = silence?.held ?? []
  const locked = await waitForLock(host, target, place, message, held)
  if (locked) return locked
  const evidence = [message, ...(silence ? evidenceOf(silence) : [])]
  const queue = silence ? queueWords(silence) : ''
  if (silence && silence.master !== null && silence.workers.length === 0) {
    const {why, cure} = withoutWorkers(target, silence.master)
    return finding(found['no-workers'](place, `${why}${queue}`), cure, {evidence})
  }
  const groups = await groupsOf(host, target, held)
  const [most] = groups
  if (silence && most) {
    const words = groups.slice(0, 3).map(group => heldWords(target, silence, group))
    const why = `${words.join('; ')}${queue}`
    // What an earlier start has left behind is not the service: that has its own reasons.
    const says = target.unit.get('ActiveState') === 'active' ? found[codeOf(most)] : silentUnit
    const because = ownerOf(target, most)
    return finding(says(place, why), cureOf(target, most), {evidence, ...(because && {because})})
  }
  const summary = 'Restart the service, and see what its workers waited for'
  const cure = remedy(summary, 'disruptive', [restart(target)])
  const why = `accepts the connection and gives no answer: ${message}${queue}`
  return finding(found.timeout(place, why), cure, {evidence})
}

/** PostgreSQL says nothing, to anybody perhaps: its own check knows more then. */
function ownerOf(target: Target, {wait, session}: Group): Because | null {
  const database = knownDatabase(target)
  if (wait.kind !== 'server' || session || !database) return null
  const {kind, remote} = wait.socket
  const isIts =
    kind === 'unix'
      ? remote.endsWith(`/.s.PGSQL.${database.port}`)
      : kind === 'tcp' && portOf(remote) === `${database.port}`
  return isIts ? ['database/server', 'database/health'] : null
}

/** As a symptom. */
function silentUnit(place: string, why: string): ReturnType<typeof found.timeout> {
  return found.timeout(place, `accepts connections and gives no answer: ${why}`)
}

/** PostgreSQL says itself who waits for a lock, unless the workers wait for somebody else. */
async function waitForLock(
  host: Host,
  target: Target,
  place: string,
  message: string,
  held: readonly Held[],
): Promise<Verdict<Code> | null> {
  if (held.length > 0 && !held.some(({wait}) => wait.kind === 'server')) return null
  const wait = await findLockWait(host, target, 3)
  if (!wait) return null
  const why = `gives no answer: the application waits for a lock that ${sessionHolds(wait)}`
  return finding(found.timeout(place, why), endHolder(wait), {
    evidence: [message],
    because: ['database/health'],
  })
}
