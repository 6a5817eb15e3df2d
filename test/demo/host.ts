import {join} from 'node:path'
import {clusterHome} from '../../src/facts/postgres/cluster.ts'
import type {Hands} from '../../src/host/hands.ts'
import type {Connection, Host, HttpRequest, Stat} from '../../src/host/host.ts'
import {type LocalHost, localHost} from '../../src/host/local/index.ts'
import type {Recording} from '../../src/host/recording.ts'
import {replayHost} from '../../src/host/replay.ts'
import type {Secrets} from '../../src/host/secrets.ts'
import {type Deployment, secretsFile, stateDirectory} from './deployment.ts'
import {demoHands} from './hands.ts'

/** What the demo is diagnosed and repaired by. */
export interface DemoMachine {
  /** The machine as it is now: broken, and after a start that succeeded healthy. */
  readonly host: () => Host
  readonly hands: Hands
  readonly close: () => void
}

export function demoMachine(
  broken: Recording,
  healthy: Recording,
  deployment: Deployment,
  secrets: Secrets,
): DemoMachine {
  let recording = broken
  const opened: LocalHost[] = []
  const hands = demoHands(deployment, async () => {
    await deployment.restart(healthy)
    recording = healthy
  })
  return {
    host() {
      opened.at(-1)?.disconnect()
      const host = demoHost(recording, deployment, secrets)
      opened.push(host)
      return host
    },
    hands,
    close() {
      for (const host of opened) host.close()
    },
  }
}

/**
 * The recorded machine, of which the state directory, the store, the secrets file, PostgreSQL and
 * the web server are really asked: where the deployment has laid them out. What systemd, the
 * journal and /proc say is the recording's.
 */
function demoHost(
  recording: Recording,
  {root, postgres, web, proxy}: Deployment,
  secrets: Secrets,
): LocalHost {
  const real = localHost(secrets)
  const recorded = replayHost(recording, secrets)
  const isOurs = (path: string): boolean =>
    path === secretsFile || /^(?:\/var\/lib\/prism-django|\/nix\/store\/[^/]+)(?:\/|$)/.test(path)
  const isKept = (path: string): boolean => isOurs(path) && path !== secretsFile
  const inside = (path: string): string => join(root, path)
  // The recorded machine has its own time; what the demo has just written was written there just
  // now.
  const late = Date.now() - Date.parse(recording.recordedAt)
  const owner = recording.answers.stat?.[stateDirectory]
  const service = owner && 'answer' in owner ? (owner.answer as Stat) : {uid: 0, gid: 0, dev: 0}

  // The recorded process was started a moment before it was recorded, and its files were collected
  // before that.
  const collectedBefore = 3_600_000

  /** The demo owns every file; there the service owns its state and root owns the store. */
  const asThere = <T extends {readonly uid: number; readonly gid: number; readonly mtime: number}>(
    path: string,
    found: T,
  ): T => {
    if (!path.startsWith(stateDirectory)) return {...found, uid: 0, gid: 0, mtime: 1000}
    return {
      ...found,
      uid: service.uid,
      gid: service.gid,
      mtime: found.mtime - late - collectedBefore,
    }
  }
  const redirect = (connection: Connection): Connection => {
    const there = {...connection, port: postgres.port}
    // Over the socket the server's own user asks; the demo's server trusts that one without being
    // another user.
    if (connection.as !== null || connection.host.startsWith('/'))
      return {...there, host: postgres.socketDirectory, as: null, user: postgres.superuser}
    return {...there, host: postgres.host}
  }
  const toWeb = (request: HttpRequest): HttpRequest => {
    const {address} = request
    // Port 80 is nginx's; whatever else is asked is the application's.
    const port = 'port' in address && address.port === 80 ? proxy.port : web.port
    return {...request, address: {host: '127.0.0.1', port}}
  }

  return {
    uid: recording.uid,
    secrets,
    now: () => Date.now() - late,
    units: recorded.units,
    sandbox: recorded.sandbox,
    activity: recorded.activity,
    journal: recorded.journal,
    exec: recorded.exec,
    asUnit: recorded.asUnit,
    async readFile(path, options) {
      // The recorded cluster is no other one beside the demo's, which lies elsewhere.
      if (path.startsWith(`${clusterHome}/`)) return {kind: 'missing'}
      return isOurs(path) ? real.readFile(inside(path), options) : recorded.readFile(path, options)
    },
    async stat(path) {
      if (!isKept(path)) return recorded.stat(path)
      const found = await real.stat(inside(path))
      return found && {...asThere(path, found), dev: service.dev}
    },
    async list(path) {
      return isKept(path) ? real.list(inside(path)) : recorded.list(path)
    },
    async walk(path) {
      const found = await real.walk(inside(path))
      if (found.truncated) throw new Error(`${path} of the demo is too large`)
      return {...found, entries: found.entries.map(entry => asThere(path, entry))}
    },
    digests: path => real.digests(inside(path)),
    query: (connection, sql) => real.query(redirect(connection), sql),
    request: request => real.request(toWeb(request)),
    disconnect: real.disconnect,
    close: real.close,
  }
}
