import {isLoopback} from '../../host/address.ts'
import type {WebServer} from '../../platform/platform.ts'
import type {Bind} from '../target/bind.ts'
import type {Place} from './nginx-syntax.ts'

/** One server that visitors reach, as its own configuration tells. */
export interface Front extends WebServer {
  /** In the order of its configuration: of two with the same name and address the first wins. */
  readonly sites: readonly Site[]
  /** Why not all of its configuration is known; null where it is. */
  readonly unknown: string | null
  /** What it says of its own configuration, a line each. */
  readonly complaints: readonly string[]
  /** What else it does that no check looks at, in a sentence; null mostly. */
  readonly note: string | null
  /** Whether the application's address or one of its names is anywhere in its configuration. */
  readonly mentions: boolean
  /** The user of the processes that open sockets; null is that of its unit. */
  readonly user: string | null
  /** Where visitors ask, if 127.0.0.1 is another site's: see visitorsAddress. */
  readonly address?: string
}

/** What a front does for a set of names: a server block, a <VirtualHost>, a site of a Caddyfile. */
export interface Site {
  /**
   * As written: "prism.example", "*.example", "~^www"; empty for every name that no other site has.
   */
  readonly names: readonly string[]
  readonly listens: readonly Listen[]
  /** Where it is written; null where the front did not say. */
  readonly at: Place | null
  readonly routes: readonly Route[]
  /** Whether one of its routes leads to the application. */
  readonly leadsHere: boolean
  /** The directives by which it turns some visitors away, by the status that these get. */
  readonly restrictions: ReadonlyMap<number, string>
  /** Whether it is told to answer 503 itself, as for maintenance. */
  readonly maintenance: boolean
  /** The statuses that it is told to answer by itself, whatever the path: `return 404`, a redirect. */
  readonly answers: ReadonlySet<number>
  /**
   * Whether it may answer with another page than the application's of now: from a cache, with parts
   * put in, or by a script of its own.
   */
  readonly alters: boolean
}

export interface Listen {
  /** "" is every address of this machine. */
  readonly host: string
  readonly port: number
  readonly tls: boolean
  /** Whether it is the site for names that no other has. */
  readonly isDefault: boolean
}

/** What is done with the paths below one. */
export interface Route {
  /** "/static/"; "" for all of them, and for those that a pattern names. */
  readonly path: string
  readonly match: PathMatch
  /** The statuses that it is told to answer by itself; absent where its site says so for all. */
  readonly answers?: ReadonlySet<number>
  /** Where it says whom it asks, else where it is written. */
  readonly at: Place | null
  /** Where it takes files from for that path; null where it sends none, or only the front knows. */
  readonly directory: string | null
  readonly forward: Forward | null
}

/** Which paths a route takes: see chosenRoute for who comes first. */
export interface PathMatch {
  /** `final` is nginx's "^~"; `regexp` ignores case where `ignoresCase` is set; `never` is "@name". */
  readonly how: 'exact' | 'prefix' | 'final' | 'regexp' | 'never'
  /** The path or the pattern, as written. */
  readonly text: string
  readonly ignoresCase?: boolean
  /** Of a location within another: the path of that one. */
  readonly within?: string
}

/** A route that asks somebody else. */
export interface Forward {
  /** In the front's own word: "proxy_pass", "ProxyPass", "reverse_proxy", … */
  readonly how: string
  /** As written, without the scheme. */
  readonly written: string
  /**
   * What that comes to, each of its servers; null where only the front knows, as with a variable.
   */
  readonly places: readonly Bind[] | null
  readonly protocol: 'http' | 'uwsgi' | 'other'
  readonly leadsHere: boolean
  /** What it puts in the place of the beginning of a path; null where it leaves paths as they are. */
  readonly replaces: {readonly from: string; readonly to: string} | null
  /** What is sent on as Host, with the directive that says so; more than one is sent as often. */
  readonly hosts: readonly SentHost[]
  /** The other headers that its directives set, by their names in small letters. */
  readonly headers: ReadonlyMap<string, readonly SentHeader[]>
}

export interface SentHeader {
  readonly value: string
  readonly at: Place | null
}

export interface SentHost {
  /** Null is the name that the visitor asked for. */
  readonly value: string | null
  /** Null where no directive says so: what the front does by itself. */
  readonly at: Place | null
}

/** Whether a place is the application's own. */
export type IsHere = (place: Bind) => boolean

/** Whether two places of this machine are one. */
export function isSamePlace(a: Bind, b: Bind): boolean {
  if ('socketPath' in a || 'socketPath' in b) {
    return (
      'socketPath' in a &&
      'socketPath' in b &&
      withoutVar(a.socketPath) === withoutVar(b.socketPath)
    )
  }
  return (
    a.port === b.port && (a.host === b.host || (isThisMachine(a.host) && isThisMachine(b.host)))
  )
}

function withoutVar(path: string): string {
  return path.replace(/^\/var\/run\//, '/run/')
}

function isThisMachine(host: string): boolean {
  return isLoopback(host) || /^(?:0\.0\.0\.0|::|\*)$/.test(host)
}

/** `127.0.0.1:8000`, `[::1]:8000`, `localhost`, `unix:/run/x.sock`, `unix//run/x.sock`; or null. */
export function placeOf(written: string, port = 80): Bind | null {
  const socketPath = /^unix:?\/{0,2}(?=\/)(.*)$/.exec(written)?.[1]
  if (socketPath !== undefined) return {socketPath}
  const match = /^(?:\[([^\]]+)\]|([^:/\s[\]{}$]+))(?::(\d{1,5}))?$/.exec(written)
  const host = match?.[1] ?? match?.[2]
  return host === undefined
    ? null
    : {host, port: match?.[3] === undefined ? port : Number(match[3])}
}

/** The directory of a path below a root. */
export function joined(root: string, path: string): string {
  return `${root.replace(/\/+$/, '')}${path}`
}

/** A directory as it is; null where a variable or a pattern stands for it. */
export function known(directory: string | null): string | null {
  return directory?.startsWith('/') && !/[$*{]/.test(directory)
    ? directory.replace(/(?<=.)\/+$/, '')
    : null
}
