import {brokersOf} from '../../facts/django/brokers.ts'
import {isPostgresUnit} from '../../facts/postgres/postgres-unit.ts'
import type {Target} from '../../facts/target/target.ts'
import {requiredUnits} from '../../facts/unit/systemd.ts'
import type {Host} from '../../host/host.ts'
import {hasDoneItsWork, isUp, type Unit} from '../../host/unit.ts'
import {ok, type Verdict} from '../../report/finding.ts'
import type {CheckOf} from '../check.ts'
import {judgeBroker} from './dependencies.broker.ts'
import {explanation} from './dependencies.explanation.ts'
import {dependencyFacts} from './dependencies.facts.ts'
import {type Code, found, unitDown} from './dependencies.findings.ts'
import {serviceUnit} from './unit.ts'

export const serviceDependencies: CheckOf<Code> = {
  id: 'service/dependencies',
  title: 'The units and sockets the service depends on are up and let it in',
  fix: 'starts what the service requires, then the service',
  explanation,
  findings: found,
  needs: [serviceUnit],
  facts: dependencyFacts,
  async run({host, target}) {
    const [units, brokers] = await Promise.all([
      judgeUnits(host, target),
      judgeBrokers(host, target),
    ])
    const bad = [...units, ...brokers]
    return bad.length > 0 ? bad : ok('every unit that it requires is up')
  },
}

async function judgeUnits(host: Host, target: Target): Promise<readonly Verdict<Code>[]> {
  const required = await requiredUnits(host, target.unit)
  const down = required.filter(
    unit =>
      !isPostgresUnit(unit.name) &&
      !isUp(unit) &&
      !hasDoneItsWork(unit) &&
      !gaveUpWith(target.unit, unit),
  )
  return Promise.all(down.map(unit => unitDown(host, target, unit)))
}

/**
 * A socket that systemd closed because the service behind it kept failing (systemd.socket(5)): the
 * next start of the service opens it again.
 */
function gaveUpWith(service: Unit, socket: Unit): boolean {
  return (
    socket.get('Result') === 'service-start-limit-hit' && service.get('ActiveState') === 'failed'
  )
}

async function judgeBrokers(host: Host, target: Target): Promise<readonly Verdict<Code>[]> {
  const judged = await Promise.all(
    brokersOf(target).map(broker => judgeBroker(host, target, broker)),
  )
  return judged.filter(verdict => verdict !== null)
}
