import type {Activity} from '../src/host/activity.ts'
import {
  CannotLook,
  type Connection,
  type ExecAnswer,
  type FileAnswer,
  type Host,
  type HttpRequest,
  type JournalEntry,
  type Stat,
  type UnitProperties,
} from '../src/host/host.ts'
import {request} from '../src/host/local/http.ts'
import {createPostgres} from '../src/host/local/postgres.ts'
import {once} from '../src/host/once.ts'
import {createSecrets} from '../src/host/redactor.ts'
import {nixosRelease} from './literal.ts'
import {resolve} from './resolve.ts'

/** A machine of which systemd and the files are made up, and PostgreSQL and HTTP are real. */
export interface LiveMachine {
  readonly uid?: number
  /** Properties of units; a unit that is not here is not found. */
  readonly units?: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly files?: Readonly<Record<string, string>>
  readonly sockets?: readonly string[]
  readonly directories?: Readonly<Record<string, readonly string[]>>
  /** What ss prints; null is a program that is not there. */
  readonly listeners?: string | null
  /** Null is one that is not there. */
  readonly journal?: readonly JournalEntry[] | null
  /** What the processes of any unit do; nobody can look where it is absent. */
  readonly activity?: Activity
  /** What other programs answer, by their argv joined with blanks. */
  readonly programs?: Readonly<Record<string, ExecAnswer>>
  /**
   * Where another question is really asked, like the socket below /run that a test's server does
   * not have.
   */
  readonly redirect?: (connection: Connection) => Connection
  readonly redirectRequest?: (request: HttpRequest) => HttpRequest
  /** Milliseconds. */
  readonly patience?: number
}

export interface LiveHost extends Host {
  close(): void
}

export function liveHost(machine: LiveMachine): LiveHost {
  const {
    units = {},
    files = {},
    sockets = [],
    directories = {},
    listeners = '',
    journal = [],
  } = machine
  const patience = machine.patience ?? 8000
  const postgres = createPostgres(resolve, {connect: patience, query: patience})
  const show = (Id: string): UnitProperties => {
    const shown = {
      Id,
      ...(units[Id] ?? {LoadState: 'not-found', ActiveState: 'inactive', SubState: 'dead'}),
    }
    return Object.fromEntries(
      Object.entries(shown).map(([key, value]) => [
        key,
        value.includes('\n') ? value.split('\n') : value,
      ]),
    )
  }
  const printed = (
    text: string | null,
    program: string,
  ): {exitCode: number; stdout: string; stderr: string} => {
    if (text === null) throw new CannotLook(`${program} is not installed`)
    return {exitCode: 0, stdout: text, stderr: ''}
  }
  const host: Host = {
    uid: machine.uid ?? 0,
    secrets: createSecrets(),
    now: () => Date.parse('2026-11-23T08:00:00Z'),
    units: async names => names.map(show),
    journal: async () => {
      if (journal === null) throw new CannotLook('journalctl is not installed')
      return journal
    },
    async exec(argv) {
      const [program = ''] = argv
      // No unit is installed beside those that a test names.
      if (program === 'systemctl') return printed('', program)
      // systemctl's words are all there is: no blank stands in one.
      if (program === 'busctl') throw new CannotLook('busctl is not installed')
      if (program === 'ss') return printed(listeners, program)
      const known = machine.programs?.[argv.join(' ')]
      if (known) return known
      // Nor is there a user beside those.
      if (program === 'getent') return {...printed('', program), exitCode: 2}
      throw new Error(`the test expects no ${argv.join(' ')}`)
    },
    asUnit: async () => {
      throw new CannotLook('the test has no systemd to run a program as a unit', {
        privilege: machine.uid !== undefined,
      })
    },
    sandbox: async () => [],
    activity: async () => {
      if (machine.activity) return machine.activity
      throw new CannotLook('the test has no processes to look at')
    },
    async readFile(path): Promise<FileAnswer> {
      const text = files[path] ?? (path === '/etc/os-release' ? nixosRelease.text : undefined)
      return text === undefined ? {kind: 'missing'} : {kind: 'file', text, utf8: true}
    },
    async stat(path): Promise<Stat | null> {
      if (!sockets.includes(path)) return null
      return {type: 'socket', mode: 0o777, uid: 0, gid: 0, nlink: 1, size: 0, mtime: 0, dev: 1}
    },
    list: async path => directories[path] ?? null,
    walk: async () => ({entries: [], unreadable: [], truncated: false}),
    digests: async () => ({files: {}, complete: true}),
    query: async (connection, {sql}) => {
      const {redirect = same => same} = machine
      return postgres.query(redirect(connection), sql)
    },
    request: async asked => {
      const {redirectRequest = same => same} = machine
      return request({timeout: patience, ...redirectRequest(asked)}, resolve)
    },
  }
  return {...once(host), close: postgres.close}
}

/** ExecStart= as systemctl prints it. */
export function startOf(...argv: readonly string[]): string {
  const times = 'start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0'
  return `{ path=${argv[0]} ; argv[]=${argv.join(' ')} ; ignore_errors=no ; ${times} }`
}

/** The unit of the deployment, as systemd prints it while it runs. */
export const runningUnit = {
  LoadState: 'loaded',
  ActiveState: 'active',
  SubState: 'running',
  FragmentPath: '/etc/systemd/system/prism-django.service',
  ControlGroup: '/system.slice/prism-django.service',
  MainPID: '0',
  User: 'prism',
  Group: 'prism',
  Requires: 'sysinit.target postgresql.service system.slice',
  EnvironmentFiles: '/run/secrets/prism-env (ignore_errors=no)',
} as const

/** PostgreSQL's unit, as systemd prints it while it runs. */
export const runningPostgres = {
  LoadState: 'loaded',
  ActiveState: 'active',
  SubState: 'running',
  Result: 'success',
  NRestarts: '0',
  ExecMainStartTimestamp: 'Mon 2026-11-23 07:00:00 UTC',
} as const
