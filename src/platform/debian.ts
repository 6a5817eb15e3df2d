import type {Host} from '../host/host.ts'
import {ifSeen} from '../host/if-seen.ts'
import {byHand, edit, hand, run} from '../report/step.ts'
import {accounts, generic} from './generic.ts'
import {localeParts} from './generic-postgres.ts'
import {nothing, type Platform, type Postgres, plainPostgres} from './platform.ts'
import {debianExtension} from './postgres-extensions.ts'

/** Debian, Ubuntu and what is made from them. */
export function debian(release: Pick<Platform, 'id' | 'version'>): Platform {
  const base = generic(release)
  return {
    ...base,
    ownUser: (unit, user) => {
      const means = base.ownUser(unit, user)
      return {...means, steps: [addUser(user, user), ...means.steps.slice(1)]}
    },
    ...accounts(name => run('addgroup', '--system', name), addUser),
    findPostgres,
    postgres: (unit, state) =>
      state === 'masked'
        ? base.postgres(unit, state)
        : {
            ...nothing,
            steps: [run('apt', 'install', 'postgresql')],
            summary: 'Install PostgreSQL, or correct where the service asks',
          },
    postgresExtensions: (server, names) => {
      const version = /@(\d+)-/.exec(server.unit)?.[1]
      if (version === undefined) return base.postgresExtensions(server, names)
      const packages = names.map(name => debianExtension(name, version))
      const known = [...new Set(packages.filter(name => name !== null))]
      const search = names
        .filter((_, at) => packages[at] === null)
        .map(name => byHand('apt-cache', 'search', `postgresql-${version}.*${name}`))
      const install = known.length === 0 ? [] : [run('apt', 'install', ...known)]
      return {...nothing, steps: [...search, ...install]}
    },
    postgresLocale: (server, locale) => {
      const {charset, full} = localeParts(locale)
      const file = '/etc/locale.gen'
      return {
        ...nothing,
        steps: [edit(file), run('locale-gen'), run('systemctl', 'restart', server.unit)],
        lasting: {file, text: `${full} ${charset}`},
      }
    },
    locales: () => ({...nothing, steps: [byHand('sudo', 'dpkg-reconfigure', 'locales')]}),
    // A package of its own since Debian 13 and Ubuntu 24.04.
    oldTimeZones: () => ({...nothing, steps: [run('apt', 'install', 'tzdata-legacy')]}),
    postgresVersion: () => ({...nothing, steps: [hand('pg_lsclusters')]}),
  }
}

function addUser(user: string, group: string) {
  const own = group === user ? ['--group'] : ['--ingroup', group]
  return run('adduser', '--system', ...own, '--no-create-home', user)
}

/**
 * The cluster behind a port. Debian's postgresql.service only wraps them, and is active (exited)
 * whatever they do: each has a unit, a configuration below /etc and a log of its own
 * (postgresql-common, pg_lsclusters(1)). Where none has the port, the only one; else the wrapper.
 */
async function findPostgres(host: Host, port: number): Promise<Postgres> {
  const listed = await ifSeen(
    host.exec(['pg_lsclusters', '--no-header'], {question: 'PostgreSQL clusters'}),
  )
  const clusters = (listed?.exitCode === 0 ? listed.stdout : '').split('\n').flatMap(line => {
    // `17 main 5432 down postgres /var/lib/postgresql/17/main
    // /var/log/postgresql/postgresql-17-main.log`
    const [version, name, at, , , , log] = line.trim().split(/\s+/)
    return version && name && /^\d+$/.test(at ?? '')
      ? [{...cluster(version, name, log), port: Number(at)}]
      : []
  })
  const [only, ...others] = clusters
  const found =
    clusters.find(each => each.port === port) ?? (others.length === 0 ? only : undefined)
  if (found) return {unit: found.unit, log: found.log, configuration: found.configuration}
  const argv = [
    'systemctl',
    'list-units',
    '--all',
    '--plain',
    '--no-legend',
    'postgresql@*.service',
  ]
  const units = await ifSeen(host.exec(argv, {question: 'units postgresql@*.service'}))
  const named = [...(units?.stdout ?? '').matchAll(/^postgresql@(\d+)-(\S+)\.service /gm)]
  const [first, ...more] = named
  if (clusters.length === 0 && first?.[1] && first[2] && more.length === 0)
    return cluster(first[1], first[2], undefined)
  return plainPostgres
}

/** The unit of one cluster, as postgresql-common names it. */
export function clusterUnit(version: string, name: string): string {
  return `postgresql@${version}-${name}.service`
}

function cluster(version: string, name: string, log: string | undefined): Postgres {
  return {
    unit: clusterUnit(version, name),
    log: log?.startsWith('/') ? log : `/var/log/postgresql/postgresql-${version}-${name}.log`,
    configuration: `/etc/postgresql/${version}/${name}`,
  }
}
