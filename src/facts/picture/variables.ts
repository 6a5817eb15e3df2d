import type {Host} from '../../host/host.ts'
import {ifTold} from '../../host/if-seen.ts'
import {isHarmless} from '../../host/secrecy/names.ts'
import {splitWords, type Unit} from '../../host/unit.ts'
import {type Fact, type Seen, whole} from '../../report/fact.ts'
import {settingsKnown} from '../django/django.ts'
import {libpqOf, libpqPassword, type Passfile} from '../django/libpq.ts'
import type {Source} from '../django/stated.ts'
import {oncePerTarget} from '../once-per-target.ts'
import {knownDatabase, type Target} from '../target/target.ts'
import {mayKeep} from './discretion.ts'
import {changedAt, discreetFact, factOf, shownAccess} from './facts.ts'

/** The names of the environment, each with its value, which is kept hashed unless it is public. */
export const environmentFacts = oncePerTarget(async (host, target) => {
  const {environment, environmentIncomplete, sources, unit, server} = target
  // Of a unit that is not there nobody knows what it would be given.
  const isKnown = unit.get('LoadState') === 'loaded' && !environmentIncomplete
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
    .filter(({file}) => file !== null && target.secretsFiles.every(({path}) => path !== file))
    .flatMap(({file, variables}) => ofFile(file ?? '', variables, at.get(file)))
  return [...(isKnown ? [whole('environment/')] : []), ...stated, ...onTheWay, ...readByIt]
})

/** Those of these names, wherever they are stated. */
export async function variablesNamed(
  host: Host,
  target: Target,
  names: readonly (string | null)[],
): Promise<readonly Seen[]> {
  const all = await environmentFacts(host, target)
  const isMeant = (fact: string): boolean =>
    names.some(name => name !== null && fact.endsWith(`/${name}`))
  return all.filter(seen => ('whole' in seen ? seen.whole === 'environment/' : isMeant(seen.name)))
}

/** What states where the database is and how to get in. */
export async function databaseVariables(host: Host, target: Target): Promise<readonly Seen[]> {
  const stated = Object.values(knownDatabase(target)?.stated ?? {})
  const variables = await variablesNamed(
    host,
    target,
    stated.map(({variable: name}) => name),
  )
  return [...variables, ...libpqFacts(target)]
}

/** What libpq itself reads: a service of pg_service.conf, and the password in a file of its own. */
export function libpqFacts({django, environment}: Target): readonly Seen[] {
  const {answer} = django
  if (!answer || !settingsKnown(django) || (answer.libpq && 'unasked' in answer.libpq)) return []
  const libpq = libpqOf(answer)
  const isUnseen = libpq?.passfile?.state === 'denied' && libpq.passfile.access === null
  const all = [...(isUnseen ? [] : [whole('password file/')]), whole('database service/')]
  if (!libpq) return all
  const {host, port, name, user, service, passfile} = libpq
  const password = answer.secrets[libpqPassword] ?? ''
  const source = passfile?.path ?? service?.file ?? 'pg_service.conf'
  const isTold = password === '' || password === environment.get('PGPASSWORD')
  const at = passfile?.changed ? {at: passfile.changed} : {}
  return [
    ...all,
    ...(service
      ? [
          factOf(
            `database service/${service.name}`,
            service.file ?? 'pg_service.conf',
            `${host}:${port} ${name} ${user}`,
          ),
        ]
      : []),
    ...(passfile && !isUnseen
      ? [factOf(`password file/${passfile.path}`, passfile.path, shownPassfile(passfile), at)]
      : []),
    ...(isTold ? [] : [factOf(`password/${source}`, source, password, {secret: true, ...at})]),
  ]
}

/** `998:998 0600`, or why libpq cannot read it. */
function shownPassfile({state, access}: Passfile): string {
  return access === null ? state : shownAccess({...access, type: 'file'})
}

type At = Pick<Fact, 'at'>

function variable(
  fact: string,
  source: string,
  [name, value]: readonly [string, string],
  at: At = {},
): Fact {
  if (mayKeep(name, value)) return factOf(fact, source, value, at)
  // A word may be a password, and stands in many answers: it is not kept, and not hidden in them.
  if (isHarmless(value)) return discreetFact(fact, source, value, at)
  return factOf(fact, source, value, {secret: true, ...at})
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
