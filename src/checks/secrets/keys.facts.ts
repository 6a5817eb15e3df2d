import type {Source} from '../../facts/django/stated.ts'
import {digestOf} from '../../facts/picture/content.ts'
import {changedAt, factOf} from '../../facts/picture/facts.ts'
import {ifTold} from '../../facts/picture/told.ts'
import {findCredentialFiles} from '../../facts/unit/credential-files.ts'
import type {Host} from '../../host/host.ts'
import {isHarmless, isPublicName} from '../../host/secrecy/names.ts'
import {setBySystemd, splitWords, type Unit} from '../../host/unit.ts'
import {type Fact, type Seen, whole} from '../../report/fact.ts'
import type {Context} from '../check.ts'

/** The names of the environment and of every secret, each with its value, which is kept hashed. */
export async function keysFacts({host, target}: Context): Promise<readonly Seen[]> {
  const {environment, environmentIncomplete, sources, unit, server} = target
  const passed = splitWords(unit.get('PassEnvironment'))
  const own = [...environment].filter(([name]) => !passed.includes(name))
  const at = await timesOf(host, sources, unit)
  const stated = own.map(([name, value]) => {
    const source = sources.find(({variables}) => variables.has(name))?.file ?? null
    return variable(`environment/${name}`, source ?? unit.name, [name, value], at.get(source))
  })
  const onTheWay = [...server.environment]
    .filter(([name]) => !environment.has(name))
    .map(each => variable(`program environment/${each[0]}`, server.argv[0] ?? '', each, {}))
  const readByIt = sources
    .filter(({file, variables}) => file !== null && variables !== environment)
    .filter(({file}) => target.secretsFiles.every(({path}) => path !== file))
    .flatMap(({file, variables}) => ofFile(file ?? '', variables, at.get(file)))
  return [
    ...(environmentIncomplete ? [] : [whole('environment/')]),
    ...stated,
    ...onTheWay,
    ...readByIt,
    ...secretSettings(target.django.answer?.secrets ?? {}, environment, unit),
    ...(await credentialFacts(host, unit)),
  ]
}

type At = Pick<Fact, 'at'>

function variable(
  fact: string,
  source: string,
  [name, value]: readonly [string, string],
  at: At = {},
): Fact {
  const isShown = value === '' || isPublicName(name) || isHarmless(value)
  return factOf(fact, source, value, {...(!isShown && {secret: true}), ...at})
}

function ofFile(
  file: string,
  variables: ReadonlyMap<string, string>,
  at: At | undefined,
): readonly Seen[] {
  const prefix = `environment of ${file}/`
  return [
    whole(prefix),
    ...[...variables].map(each => variable(`${prefix}${each[0]}`, file, each, at)),
  ]
}

/** When each file was changed; null is the unit, whose files are service/unit's. */
async function timesOf(
  host: Host,
  sources: readonly Source[],
  unit: Unit,
): Promise<ReadonlyMap<string | null, At>> {
  const times = sources.map(async ({file}) => {
    const stat = await ifTold(host.stat(file ?? unit.get('FragmentPath')))
    return [file, changedAt(stat)] as const
  })
  return new Map(await Promise.all(times))
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
    if (value === '' || known.has(value) || isTold) return []
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
