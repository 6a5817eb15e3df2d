import {libpqPassword} from '../../facts/django/libpq.ts'
import {digestOf} from '../../facts/picture/digest.ts'
import {changedAt, factOf} from '../../facts/picture/facts.ts'
import {environmentFacts, libpqFacts} from '../../facts/picture/variables.ts'
import {findCredentialFiles} from '../../facts/unit/credential-files.ts'
import type {Host} from '../../host/host.ts'
import {ifTold} from '../../host/if-seen.ts'
import {setBySystemd, type Unit} from '../../host/unit.ts'
import type {Fact, Seen} from '../../report/fact.ts'
import type {Context} from '../check.ts'

/** The environment, and every secret that the settings hold beside it. */
export async function keysFacts({host, target}: Context): Promise<readonly Seen[]> {
  const {environment, unit, django} = target
  return [
    ...(await environmentFacts(host, target)),
    ...secretSettings(django.answer?.secrets ?? {}, environment, unit),
    ...libpqFacts(target),
    ...(await credentialFacts(host, unit)),
  ]
}

/** What the settings hold beside the environment; what a variable states is told there. */
function secretSettings(
  secrets: Readonly<Record<string, string>>,
  environment: ReadonlyMap<string, string>,
  unit: Unit,
): readonly Fact[] {
  const known = new Set(environment.values())
  return Object.entries(secrets).flatMap(([name, value]) => {
    const variable = /^environment\.(.*)$/.exec(name)?.[1]
    const isTold =
      variable !== undefined && (environment.has(variable) || setBySystemd(unit, variable))
    if (name === libpqPassword || value === '' || known.has(value) || isTold) return []
    return [factOf(`secret/${name}`, 'the settings', value, {secret: true})]
  })
}

/** What systemd hands to the service as files (LoadCredential=). */
async function credentialFacts(host: Host, unit: Unit): Promise<readonly Fact[]> {
  const paths = (await ifTold(findCredentialFiles(host, unit))) ?? []
  const facts = paths.map(async path => {
    const [answer, stat] = await Promise.all([
      ifTold(host.readFile(path, {holds: 'assignments'})),
      ifTold(host.stat(path)),
    ])
    if (answer?.kind !== 'file') return []
    const more = {secret: true, ...changedAt(stat)} as const
    return [factOf(`credential/${path}`, path, digestOf(answer.text), more)]
  })
  return (await Promise.all(facts)).flat()
}
