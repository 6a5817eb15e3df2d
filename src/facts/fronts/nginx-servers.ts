import {type Directive, flattened, type Place} from './nginx-syntax.ts'

/** A directive that names somebody else who answers. */
export interface NginxForward extends Place {
  readonly how: 'proxy_pass' | 'uwsgi_pass' | 'fastcgi_pass' | 'grpc_pass' | 'scgi_pass'
  /** As written, with what `set` says of its variables in their place. */
  readonly to: string
}

export interface NginxLocation extends Place {
  /** As in `location /static/ { … }`, without the modifier. */
  readonly path: string
  /** "=", "^~", "~", "~*", or "". */
  readonly modifier: string
  readonly alias: string | null
  /** Its own, or what it inherits. */
  readonly root: string | null
  readonly forward: NginxForward | null
  /** The path of the location that holds it; null at the top. */
  readonly within: string | null
  /** `proxy_set_header NAME …`, its own or what it inherits, in order. */
  readonly headers: readonly (Place & {readonly name: string; readonly value: string})[]
  /** The words of try_files. */
  readonly tryFiles: readonly string[]
  /** What it says, and the locations around it; not the server. */
  readonly level: Level
}

export interface NginxServer extends Place {
  readonly names: readonly string[]
  /** "0.0.0.0:80", "443 ssl". */
  readonly listen: readonly string[]
  readonly locations: readonly NginxLocation[]
  /** The names of all directives in it, at any depth, and of those that it inherits. */
  readonly directives: ReadonlySet<string>
  /** The first words of its `return` directives, at any depth. */
  readonly returns: readonly string[]
  /** What is said outside of its locations, and what it inherits. */
  readonly level: Level
}

/** What a block says for all that it takes, without the locations in it. */
export interface Level {
  /** The names of its directives. */
  readonly directives: ReadonlySet<string>
  /** What it answers by itself: of `return`, `limit_req_status`, `error_page … =404`, and the redirects of `rewrite`. */
  readonly replies: readonly string[]
}

/** A `server` block, with what it inherits from `http`. */
export function serverOf({block, file, line}: Directive, http: readonly Directive[]): NginxServer {
  const inner = block ?? []
  const own = flattened(inner)
  const variables = new Map(
    own.filter(({name}) => name === 'set').map(({args: [name = '', to = '']}) => [name, to]),
  )
  const inherited = {
    root: firstArgument(inner, 'root') ?? firstArgument(http, 'root'),
    headers: ownHeaders(inner) ?? ownHeaders(http) ?? [],
  }
  return {
    file,
    line,
    names: inner.filter(({name}) => name === 'server_name').flatMap(({args}) => args),
    listen: inner.filter(({name}) => name === 'listen').map(({args}) => args.join(' ')),
    locations: locationsOf(inner, inherited, variables),
    directives: new Set(
      [...http.filter(each => each.block === null), ...own].map(({name}) => name),
    ),
    returns: firstArguments(own, 'return'),
    level: levelOf(inner, {
      directives: new Set(http.filter(({block}) => block === null).map(({name}) => name)),
      replies: [],
    }),
  }
}

function levelOf(block: readonly Directive[], around: Level): Level {
  const own = flattened(block.filter(({name}) => name !== 'location'))
  const replies = own.flatMap(({name, args}): string | readonly string[] => {
    if (/^(?:return|limit_(?:req|conn)_status)$/.test(name)) return args.slice(0, 1)
    if (name === 'rewrite') return {permanent: '301', redirect: '302'}[args[2] ?? ''] ?? []
    return name === 'error_page' ? args.flatMap(word => /^=(\d{3})$/.exec(word)?.[1] ?? []) : []
  })
  return {
    directives: new Set([...around.directives, ...own.map(({name}) => name)]),
    replies: [...around.replies, ...replies],
  }
}

interface Inherited {
  readonly root: string | null
  readonly headers: readonly Directive[]
  /** The path of the location around; absent at the top. */
  readonly path?: string
  /** What the locations around say. */
  readonly level?: Level
}

/** proxy_set_header of one level; null where it inherits (ngx_http_proxy_module). */
function ownHeaders(block: readonly Directive[]): readonly Directive[] | null {
  const own = block.filter(({name}) => name === 'proxy_set_header')
  return own.length > 0 ? own : null
}

const forwards = ['proxy_pass', 'uwsgi_pass', 'fastcgi_pass', 'grpc_pass', 'scgi_pass'] as const

/** Nested locations stand beside those that hold them. */
function locationsOf(
  block: readonly Directive[],
  inherited: Inherited,
  variables: ReadonlyMap<string, string>,
): readonly NginxLocation[] {
  return block
    .filter(({name}) => name === 'location')
    .flatMap(({args, block: inner, file, line}) => {
      const own = inner ?? []
      // What stands in an "if" counts as well; a nested location speaks for itself.
      const all = flattened(own.filter(({name}) => name !== 'location'))
      const root = firstArgument(own, 'root') ?? inherited.root
      const headers = ownHeaders(own) ?? inherited.headers
      const level = levelOf(own, inherited.level ?? {directives: new Set(), replies: []})
      const [forward] = all.flatMap(({name, args: [to = ''], file, line}) => {
        const how = forwards.find(each => each === name)
        return how
          ? [{how, to: to.replace(/\$\{?\w+\}?/g, word => variableIn(variables, word)), file, line}]
          : []
      })
      const location = {
        file,
        line,
        path: args.at(-1) ?? '',
        modifier: args.length > 1 ? (args[0] ?? '') : '',
        alias: firstArgument(own, 'alias'),
        root,
        forward: forward ?? null,
        within: inherited.path ?? null,
        headers: headers.map(({args: [name = '', value = ''], file, line}) => ({
          name: name.toLowerCase(),
          value,
          file,
          line,
        })),
        tryFiles: own.find(({name}) => name === 'try_files')?.args ?? [],
        level,
      }
      return [location, ...locationsOf(own, {root, headers, path: location.path, level}, variables)]
    })
}

function variableIn(variables: ReadonlyMap<string, string>, word: string): string {
  return variables.get(word.replace(/[{}]/g, '')) ?? word
}

/** The first words of each directive of a name. */
export function firstArguments(block: readonly Directive[], wanted: string): readonly string[] {
  return block.filter(({name}) => name === wanted).flatMap(({args}) => args.slice(0, 1))
}

function firstArgument(block: readonly Directive[], wanted: string): string | null {
  return firstArguments(block, wanted)[0] ?? null
}
