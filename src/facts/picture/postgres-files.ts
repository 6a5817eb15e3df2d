import type {Host} from '../../host/host.ts'
import {ifTold} from '../../host/if-seen.ts'
import {clusterUnit} from '../../platform/debian.ts'
import {type Seen, whole} from '../../report/fact.ts'
import {oncePerHost} from '../once-per-host.ts'
import {admissionFacts} from './admission.ts'
import {changedAt, discreetFact, factOf} from './facts.ts'
import {isDiscreetSetting} from './postgres-discretion.ts'

/** A cluster's files, found without its server: it may not run. */
interface ClusterFiles {
  /** "17", "17/main" */
  readonly cluster: string
  readonly configuration: string
  /** More of the same, which counts after it. */
  readonly later: readonly string[]
  readonly admission: string
}

const most = 8

/** The settings and the lines of pg_hba.conf of each cluster, as its files have them. */
export const postgresFiles = oncePerHost(async (host: Host): Promise<readonly Seen[]> => {
  const clusters = await findClusters(host)
  return (await Promise.all(clusters.map(files => clusterFacts(host, files)))).flat()
})

/** The units that would run the clusters of which there are files. */
export async function postgresUnits(host: Host): Promise<readonly string[]> {
  const units = (await findClusters(host)).map(({cluster}) => {
    const [version = '', name] = cluster.split('/')
    return name === undefined ? 'postgresql.service' : clusterUnit(version, name)
  })
  return [...new Set(units)]
}

const findClusters = oncePerHost(async (host: Host): Promise<readonly ClusterFiles[]> => {
  const names = async (directory: string): Promise<readonly string[]> =>
    (await ifTold(host.list(directory))) ?? []
  const numbers = (all: readonly string[]): readonly string[] =>
    all.filter(name => /^\d+(?:\.\d+)?$/.test(name))
  // Debian has the files of each cluster below /etc, and what ALTER SYSTEM writes with the data.
  const inEtc = await Promise.all(
    numbers(await names('/etc/postgresql')).map(async version => {
      const clusters = await names(`/etc/postgresql/${version}`)
      return Promise.all(
        clusters.map(async name => {
          const directory = `/etc/postgresql/${version}/${name}`
          const parts = (await names(`${directory}/conf.d`)).filter(each => /\.conf$/.test(each))
          const auto = `/var/lib/postgresql/${version}/${name}/postgresql.auto.conf`
          const later = [...parts.map(each => `${directory}/conf.d/${each}`), auto]
          return files(`${version}/${name}`, directory, later)
        }),
      )
    }),
  )
  const withData = numbers(await names('/var/lib/postgresql'))
    .filter(version => inEtc.flat().every(({cluster}) => !cluster.startsWith(`${version}/`)))
    .map(version => files(version, `/var/lib/postgresql/${version}`))
  // Fedora and its kin have one.
  const [ofFedora] = (await names('/var/lib/pgsql')).filter(name => name === 'data')
  const others = ofFedora ? [files('data', '/var/lib/pgsql/data')] : []
  return [...inEtc.flat(), ...withData, ...others].slice(0, most)
})

function files(
  cluster: string,
  directory: string,
  later = [`${directory}/postgresql.auto.conf`],
): ClusterFiles {
  const configuration = `${directory}/postgresql.conf`
  return {cluster, configuration, later, admission: `${directory}/pg_hba.conf`}
}

interface Text {
  readonly text: string
  readonly path: string
  readonly at: ReturnType<typeof changedAt>
}

/** PostgreSQL's directory is its own, and a link in it may lead to a file of root's alone. */
async function textAt(host: Host, path: string): Promise<Text | null> {
  const stat = path.startsWith('/nix/store/') ? null : await ifTold(host.stat(path))
  const isRoots = stat?.link !== undefined && /^\/(?:nix\/store|etc)\//.test(stat.link)
  const real = isRoots ? (stat.link ?? path) : path
  const answer = await ifTold(host.readFile(real))
  return answer?.kind === 'file' ? {text: answer.text, path, at: changedAt(stat)} : null
}

async function clusterFacts(host: Host, of: ClusterFiles): Promise<readonly Seen[]> {
  const {cluster, configuration, later, admission} = of
  const texts = (
    await Promise.all([configuration, ...later].map(path => textAt(host, path)))
  ).filter(text => text !== null)
  if (texts.length === 0) return []
  const settings = new Map(
    texts.flatMap(({text, path, at}) =>
      [...parsePostgresSettings(text)].map(([name, value]) => [name, {value, path, at}] as const),
    ),
  )
  const prefix = `postgresql/${cluster}/`
  const facts = [...settings].map(([name, {value, path, at}]) =>
    (isDiscreetSetting(name, value) ? discreetFact : factOf)(`${prefix}${name}`, path, value, at),
  )
  // Where it is told to look; a path below the data is the usual one.
  const told = settings.get('hba_file')?.value ?? ''
  const hba = await textAt(host, told.startsWith('/') ? told : admission)
  return [
    ...facts,
    // Of what it includes from elsewhere nothing is known.
    ...(settings.has('include') || settings.has('include_dir') ? [] : [whole(prefix)]),
    ...(hba ? admissionFacts(cluster, hba) : []),
  ]
}

/** `name = value`, quoted or not; of a name that stands twice the last counts (guc-file.l). */
export function parsePostgresSettings(text: string): ReadonlyMap<string, string> {
  const settings = new Map<string, string>()
  for (const line of text.split('\n')) {
    const match = /^\s*([A-Za-z_][\w.]*)\s*(?:=\s*|\s)('(?:[^']|'')*'|[^\s#]+)/.exec(line)
    if (!match) continue
    const [, name = '', said = ''] = match
    const value = said.startsWith("'") ? said.slice(1, -1).replaceAll("''", "'") : said
    settings.set(name.toLowerCase(), value)
  }
  return settings
}
