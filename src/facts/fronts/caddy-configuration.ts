import * as v from 'valibot'
import type {ExecAnswer, Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {execCommands, type Unit} from '../../host/unit.ts'
import {oncePerHost} from '../once-per-host.ts'

/** What Caddy of this machine is told to do, as it adapts its own file. */
export interface Caddy {
  readonly unit: Unit
  /** Null where the unit names none: then it is configured over its API. */
  readonly file: string | null
  /** The file as it was written; null where it may not be read. */
  readonly text: string | null
  readonly servers: readonly CaddyServer[]
  /** All of it, as JSON; null where it is not known. */
  readonly configuration: unknown
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

const texts = v.optional(v.array(v.string()))

/** https://caddyserver.com/docs/json/apps/http/servers/routes/, as much of it as is read here. */
export interface CaddyRoute {
  readonly match?: readonly v.InferOutput<typeof matcher>[] | undefined
  readonly handle?: readonly CaddyHandler[] | undefined
}

export interface CaddyHandler extends v.InferOutput<typeof plainHandler> {
  readonly routes?: readonly CaddyRoute[] | undefined
}

const matcher = v.object({host: texts, path: texts})

const plainHandler = v.object({
  handler: v.optional(v.string()),
  upstreams: v.optional(v.array(v.object({dial: v.optional(v.string())}))),
  transport: v.optional(v.object({protocol: v.optional(v.string())})),
  headers: v.optional(
    v.object({
      request: v.optional(v.object({set: v.optional(v.object({Host: texts}))})),
    }),
  ),
  root: v.optional(v.string()),
  status_code: v.optional(v.union([v.number(), v.string()])),
  /** Of a static_response: it closes the connection instead. */
  abort: v.optional(v.boolean()),
  strip_path_prefix: v.optional(v.string()),
})

const route: v.GenericSchema<unknown, CaddyRoute> = v.object({
  match: v.optional(v.array(matcher)),
  handle: v.optional(
    v.array(v.object({...plainHandler.entries, routes: v.optional(v.array(v.lazy(() => route)))})),
  ),
})

/** What `caddy adapt` prints; a configuration may be empty, which is `null`. */
const adapted = v.nullable(
  v.object({
    apps: v.optional(
      v.object({
        http: v.optional(
          v.object({
            servers: v.optional(
              v.record(
                v.string(),
                v.object({
                  listen: texts,
                  routes: v.optional(v.array(route)),
                  automatic_https: v.optional(
                    v.object({disable: v.optional(v.boolean()), skip: texts}),
                  ),
                  tls_connection_policies: v.optional(v.array(v.unknown())),
                }),
              ),
            ),
          }),
        ),
      }),
    ),
  }),
)

/** Caddy's configuration as its unit would load it. */
export const readCaddy = oncePerHost(read, ({name}) => name)

async function read(host: Host, unit: Unit): Promise<Caddy> {
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
  const known = {unit, file, text: null, servers: [], configuration: null, complaints: []}
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

function parsed(json: string): Pick<Caddy, 'servers' | 'configuration' | 'unknown'> {
  const none = {servers: [], configuration: null}
  try {
    const configuration: unknown = JSON.parse(json)
    return {servers: serversOf(configuration), configuration, unknown: null}
  } catch (error) {
    if (error instanceof SyntaxError) return {...none, unknown: "Caddy's configuration is not JSON"}
    // Nested deeper than our own stack, for one.
    if (error instanceof v.ValiError || error instanceof RangeError)
      return {...none, unknown: "Caddy's configuration is not what Caddy itself writes"}
    throw error
  }
}

/**
 * The servers of `caddy adapt`.
 * @throws ValiError where it has another form.
 */
function serversOf(configuration: unknown): readonly CaddyServer[] {
  const {apps} = v.parse(adapted, configuration) ?? {}
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
