import {brokersOf, redisUnit} from '../../facts/django/brokers.ts'
import {stateFact} from '../../facts/picture/dependencies.ts'
import {factOf} from '../../facts/picture/facts.ts'
import {dependencySettings} from '../../facts/picture/unit-settings.ts'
import {isPostgresUnit} from '../../facts/postgres/postgres-unit.ts'
import {requiredUnits} from '../../facts/unit/systemd.ts'
import {ifTold} from '../../host/if-seen.ts'
import type {Seen} from '../../report/fact.ts'
import type {Context} from '../check.ts'

/** The units that the service needs, PostgreSQL aside, and how names are looked up. */
export async function dependencyFacts({host, target}: Context): Promise<readonly Seen[]> {
  const [required, redis, resolver] = await Promise.all([
    ifTold(requiredUnits(host, target.unit)),
    brokersOf(target).length > 0 ? ifTold(redisUnit(host)) : null,
    ifTold(host.readFile('/etc/resolv.conf')),
  ])
  const units = [...(required ?? []), ...(redis ? [redis] : [])].filter(
    ({name}) => !isPostgresUnit(name) && name.endsWith('.service'),
  )
  const names = [...new Set(units.map(({name}) => name))]
  const settings = await dependencySettings(host, target, names)
  const servers =
    resolver?.kind === 'file'
      ? resolverLines(resolver.text)
      : resolver?.kind === 'missing' || resolver?.kind === 'dangling'
        ? ''
        : null
  return [
    ...units.map(stateFact),
    ...settings,
    ...(servers === null ? [] : [factOf('resolver', '/etc/resolv.conf', servers)]),
  ]
}

/** Without comments, which tell who wrote it and when. */
function resolverLines(text: string): string {
  const lines = text.split('\n').map(line => line.replace(/[#;].*/, '').trim())
  return lines.filter(line => line !== '').join('; ')
}
