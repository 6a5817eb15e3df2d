import {listSetting} from '../../facts/django/django.ts'
import {findFronts} from '../../facts/fronts/find.ts'
import {aftermathOf} from '../../facts/journal/good-answers.ts'
import {faultsIn} from '../../facts/journal/grouped.ts'
import type {JournalLine} from '../../facts/journal/journal.ts'
import {refusedHosts} from '../../facts/journal/refused-hosts.ts'
import {refusedOrigins} from '../../facts/journal/refused-origins.ts'
import {statements} from '../../facts/journal/statements.ts'
import type {Target} from '../../facts/target/target.ts'
import {CannotLook, type Host} from '../../host/host.ts'
import {timestampOf} from '../../host/unit.ts'
import {ok, type Verdict} from '../../report/finding.ts'
import type {CheckOf} from '../check.ts'
import {serviceActive} from './active.ts'
import {explanation} from './journal.explanation.ts'
import {journalFacts} from './journal.facts.ts'
import {type Code, fault, found, refused, shownTime, untrusted} from './journal.findings.ts'

/** Milliseconds: what happened earlier has been lived with. */
const recent = 3_600_000

export const serviceJournal: CheckOf<Code> = {
  id: 'service/journal',
  title: 'The service logs no known errors',
  explanation,
  findings: found,
  needs: [serviceActive],
  facts: journalFacts,
  async run({host, target, resultOf}) {
    const {journal} = await resultOf(serviceActive)
    if (journal === null) {
      const privilege = host.uid !== 0
      const why = privilege ? 'may not be read by this user' : 'could not be read by journalctl'
      throw new CannotLook(`the journal ${why}`, {privilege})
    }
    const since = sinceWhen(host, target, journal)
    const lines = journal.filter(({at}) => at >= since)
    const faults = faultsIn(statements(lines)).map(async group =>
      fault(target, group, host.now(), await aftermathOf(host, target, group, lines)),
    )
    const bad = [
      ...(await Promise.all(faults)),
      ...(await refusedNames(host, target, lines)),
      ...(await untrustedOrigins(host, target, lines)),
    ]
    if (bad.length > 0) return bad
    return ok(`${target.unit.name} has logged no known error since ${shownTime(since)}`)
  },
}

/**
 * When the processes that run now were started: their invocation's first line, else systemd's word.
 */
function sinceWhen(host: Host, {unit}: Target, journal: readonly JournalLine[]): number {
  const started = Date.parse(timestampOf(unit, 'ExecMainStartTimestamp') ?? '') || 0
  const first = journal.find(
    ({invocation}) => invocation !== null && invocation === unit.get('InvocationID'),
  )
  return Math.max(host.now() - recent, Math.min(started, first?.at ?? started))
}

/** Of names that a front serves: scanners ask for any. */
async function refusedNames(
  host: Host,
  target: Target,
  lines: readonly JournalLine[],
): Promise<readonly Verdict<Code>[]> {
  const hosts = refusedHosts(lines)
  return served(host, target, hosts, (each, front) => refused(target, each, front))
}

/** Of names that a front serves, and that the settings do not trust by now. */
async function untrustedOrigins(
  host: Host,
  target: Target,
  lines: readonly JournalLine[],
): Promise<readonly Verdict<Code>[]> {
  const trusted = listSetting(target.django, 'CSRF_TRUSTED_ORIGINS') ?? []
  const origins = refusedOrigins(lines).filter(({origin}) => !trusted.includes(origin))
  return served(host, target, origins, (each, front) => untrusted(target, each, front))
}

/** What is said of those whose name a front serves; the fronts are asked where there are any. */
async function served<Named extends {readonly name: string}>(
  host: Host,
  target: Target,
  told: readonly Named[],
  say: (each: Named, front: string) => Verdict<Code>,
): Promise<readonly Verdict<Code>[]> {
  if (told.length === 0) return []
  const fronts = await findFronts(host, target)
  return told.flatMap(each => {
    const front = fronts.find(({sites}) => sites.some(({names}) => names.includes(each.name)))
    return front ? [say(each, front.kind)] : []
  })
}
