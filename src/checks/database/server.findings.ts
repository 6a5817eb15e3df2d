import type {ServerUnit} from '../../facts/postgres/postgres-unit.ts'
import type {ConnectionUse} from '../../facts/postgres/superuser.ts'
import {readServerLog} from '../../remedies/postgres-log.ts'
import {type CodeOf, cause, type Details, findingsOf, type Step} from '../../report/finding.ts'
import {run} from '../../report/step.ts'
import {explanation} from './server.explanation.ts'

/** What a connection to a place met at which nobody listens. */
export function seenAt(place: string, code: string): string {
  return code === 'ENOENT' ? `there is no socket ${place}` : `${place} refuses connections`
}

/** @param about what is known of its unit: `postgresql.service is inactive (dead)` */
const nobodyListens = (seen: string, about: string | null): string =>
  about === null ? seen : `${seen}; ${about}`

const because = (reason: string | null): string => (reason === null ? '' : `: ${reason}`)

export const lettingNobodyIn = (place: string, said: string): string =>
  `PostgreSQL at ${place} lets nobody in: ${said}`

export const found = findingsOf(explanation, {
  refused: cause('critical', nobodyListens),
  'no-socket': cause('critical', nobodyListens),
  elsewhere: cause(
    'critical',
    (seen: string, places: readonly string[], asked: string) =>
      `${seen}; PostgreSQL listens on ${places.join(', ')}, but the service asks ${asked}`,
  ),
  'no-port': cause(
    'critical',
    (where: string, value: string) =>
      `the database port in ${where} is "${value}", which is not a valid port`,
  ),
  'unusable-service': cause(
    'critical',
    (service: string, said: string) =>
      `the service asks for its database by service "${service}" of pg_service.conf, and libpq says: ${said}`,
  ),
  'not-postgres': cause(
    'critical',
    (place: string, stranger: string | null) =>
      `what listens at ${place} is not PostgreSQL${stranger === null ? '' : ` but ${stranger}`}`,
  ),
  'not-installed': cause(
    'critical',
    (seen: string, unit: string) => `${seen}; there is no ${unit} on this machine`,
  ),
  masked: cause('critical', (seen: string, unit: string) => `${seen}; ${unit} is masked`),
  failed: cause(
    'critical',
    (seen: string, about: string, reason: string | null) => `${seen}; ${about}${because(reason)}`,
  ),
  // Its unit is starting and nobody listens yet, or it says so itself.
  starting: cause('critical', (seen: string) => seen),
  'shutting-down': cause('critical', lettingNobodyIn),
  'not-ready': cause('critical', lettingNobodyIn),
  'crash-loop': cause(
    'critical',
    (place: string, restarts: number, said: string, reason: string | null) =>
      `PostgreSQL at ${place} was restarted ${restarts} times and is not ready (${said})${because(reason)}`,
  ),
  'too-many-connections': cause('critical', noneLeft),
  'no-resources': cause(
    'critical',
    (place: string, said: string) => `PostgreSQL at ${place} has run out of resources: ${said}`,
  ),
  'unknown-host': cause(
    'critical',
    (host: string, why: 'hosts-file' | 'no-such-name' | 'no-name-server') =>
      why === 'hosts-file'
        ? `${host} cannot be found: /etc/hosts has no line for it`
        : why === 'no-such-name'
          ? `the name of the database's host, ${host}, does not resolve`
          : `no name server answers, so the database's host ${host} cannot be found`,
  ),
  timeout: cause(
    'critical',
    (place: string, said: string) =>
      `${place} accepts the connection and does not answer, or drops it: ${said}`,
  ),
  'no-tls': cause(
    'critical',
    (place: string, sslmode: string | undefined) =>
      `the service insists on TLS (sslmode=${sslmode}), but PostgreSQL at ${place} does not offer it`,
  ),
  denied: cause('critical', (place: string) => `the service's user may not reach ${place}`),
  'no-answer': cause(
    'critical',
    (place: string, said: string) => `PostgreSQL at ${place} does not answer: ${said}`,
  ),
  'name-closed': cause(
    'critical',
    (user: string, path: string, mode: string, name: string) =>
      `${user} may not read ${path} (mode ${mode}), and so finds no address of ${name}, which root does`,
  ),
  sandboxed: cause(
    'critical',
    (place: string, setting: string, unit: string) =>
      `PostgreSQL answers at ${place}, but ${setting} in ${unit} keeps the service from reaching it`,
  ),
})

export type Code = CodeOf<typeof found>

/** The limit on connections of a role or of a database. */
export interface ConnectionLimit {
  /** `role "prism"` */
  readonly what: string
  /** The same as SQL names it: `role prism`. */
  readonly object: string
  readonly limit: number
}

/** @param limited the limit that was reached while the server itself has connections left. */
function noneLeft(
  place: string,
  user: string,
  use: ConnectionUse | null,
  limited: ConnectionLimit | null,
): string {
  if (limited)
    return `${limited.what} may have ${limited.limit} connections at a time, and PostgreSQL refuses another`
  const taken = use ? `: ${use.used} of ${use.max} are taken (${use.byRole})` : ''
  return `PostgreSQL at ${place} has no connection left for "${user}"${taken}`
}

/** Nothing where the server is on another machine. */
export function readLogOf(server: ServerUnit | null): readonly Step[] {
  return server ? [readServerLog(server.server)] : []
}

export function startServer({unit}: ServerUnit): Step {
  return run('systemctl', 'start', unit.name)
}

/** A full disk is recognised by the server's own words, whatever the service met. */
export function becauseOf(reason: string | null): Pick<Details, 'because'> {
  return reason !== null && /No space left on device/.test(reason) ? {because: ['state/space']} : {}
}
