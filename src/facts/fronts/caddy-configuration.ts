import type {ExecAnswer, Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {execCommands, type Unit} from '../../host/unit.ts'

/** What Caddy of this machine is told to do, as it adapts its own file. */
export interface Caddy {
  readonly unit: Unit
  /** Null where the unit names none: then it is configured over its API. */
  readonly file: string | null
  /** The file as it was written; null where it may not be read. */
  readonly text: string | null
  readonly servers: readonly CaddyServer[]
  /** Why its configuration is not known; null where it is. */
  readonly unknown: string | null
  readonly complaints: readonly string[]
}

interface CaddyServer {
  readonly listens: readonly {readonly host: string; readonly port: number; readonly tls: boolean}[]
  readonly routes: readonly CaddyRoute[]
  /** Names for which TLS is not made (`http://name`). */
  readonly skipped: readonly string[]
}

/** https://caddyserver.com/docs/json/apps/http/servers/routes/ */
export interface CaddyRoute {
  readonly match?:
    | readonly {readonly host?: readonly string[]; readonly path?: readonly string[]}[]
    | undefined
  readonly handle?: readonly CaddyHandler[]
}

export interface CaddyHandler {
  readonly handler?: string
  readonly routes?: readonly CaddyRoute[]
  readonly upstreams?: readonly {readonly dial?: string}[]
  readonly transport?: {readonly protocol?: string}
  readonly headers?: {readonly request?: {readonly set?: {readonly Host?: readonly string[]}}}
  readonly root?: string
  readonly status_code?: number | string
  readonly strip_path_prefix?: string
}

interface Adapted {
  readonly apps?: {
    readonly http?: {
      readonly servers?: Readonly<Record<string, AdaptedServer>>
    }
  }
}

interface AdaptedServer {
  readonly listen?: readonly string[]
  readonly routes?: readonly CaddyRoute[]
  readonly automatic_https?: {readonly disable?: boolean; readonly skip?: readonly string[]}
  readonly tls_connection_policies?: readonly unknown[]
}

/** Caddy's configuration as its unit would load it. */
export async function readCaddy(host: Host, unit: Unit): Promise<Caddy> {
  const [command] = execCommands(unit, 'ExecStart')
  const argv = command?.argv ?? []
  const option = (name: string): string | null => {
    const joined = argv.find(word => word.startsWith(`${name}=`))
    return (
      joined?.slice(name.length + 1) ??
      (argv.includes(name) ? (argv[argv.indexOf(name) + 1] ?? null) : null)
    )
  }
  const file = option('--config') ?? option('-c')
  const known = {unit, file, text: null, servers: [], complaints: []}
  if (!command || file === null)
    return {...known, unknown: 'Caddy is configured over its API, which is not asked'}
  const answer = await ifSeen(host.readFile(file))
  const text = answer?.kind === 'file' ? answer.text : null
  const found = {...known, text}
  if (text !== null && file.endsWith('.json')) return {...found, ...parsed(text)}
  // What a variable stands for, only the unit's own environment tells.
  if (text !== null && /^[^#\n]*\{\$/m.test(text))
    return {
      ...found,
      unknown: `${file} takes values from Caddy's environment, so that it could not be adapted`,
    }
  const adapter = option('--adapter')
  const adapted = await adapt(host, unit, [
    command.path,
    'adapt',
    '--config',
    file,
    ...(adapter === null ? [] : ['--adapter', adapter]),
  ])
  if (adapted === null) return {...found, unknown: `only root can have ${file} adapted by Caddy`}
  const complaints = host.secrets
    .conceal(adapted.stderr)
    .split('\n')
    .filter(line => /^Error: /.test(line))
  if (adapted.exitCode !== 0)
    return {...found, complaints, unknown: complaints[0] ?? `Caddy did not adapt ${file}`}
  return {...found, complaints, ...parsed(adapted.stdout)}
}

/** Caddy makes a directory in its home: the user of a running unit has that, nobody has no home. */
async function adapt(host: Host, unit: Unit, argv: readonly string[]): Promise<ExecAnswer | null> {
  const user = unit.get('ActiveState') === 'active' ? unit.get('User') : ''
  if (host.uid !== 0 || !/\/caddy$/.test(argv[0] ?? '')) return null
  return ifSeen(host.exec(argv, {question: `caddy adapt of ${unit.name}`, user: user || 'nobody'}))
}

function parsed(json: string): Pick<Caddy, 'servers' | 'unknown'> {
  try {
    return {servers: parseCaddy(json), unknown: null}
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return {servers: [], unknown: "Caddy's configuration is not JSON"}
  }
}

/**
 * The servers of `caddy adapt`.
 * @throws SyntaxError where the text is not JSON.
 */
function parseCaddy(json: string): readonly CaddyServer[] {
  const {apps} = JSON.parse(json) as Adapted
  return Object.values(apps?.http?.servers ?? {}).map(server => {
    const {
      listen = [':443'],
      routes = [],
      automatic_https = {},
      tls_connection_policies = [],
    } = server
    const named = routes.some(({match}) => match?.some(({host}) => host !== undefined))
    return {
      // `:443`, `127.0.0.1:8443`, `tcp/:80`; a range or a socket is not asked.
      listens: listen.flatMap(at => {
        const match = /^(?:tcp\d?\/)?(?:\[([^\]]+)\]|([^:/]*)):(\d+)$/.exec(at)
        const port = Number(match?.[3])
        const automatic = automatic_https.disable !== true && port !== 80 && (named || port === 443)
        return match
          ? [
              {
                host: match[1] ?? match[2] ?? '',
                port,
                tls: tls_connection_policies.length > 0 || automatic,
              },
            ]
          : []
      }),
      routes,
      skipped: automatic_https.skip ?? [],
    }
  })
}
