import * as v from 'valibot'
import {CannotLook, type ExecAnswer, type Host, type UnitSetting} from '../../host/host.ts'
import {seenOrWhyNot} from '../../host/if-seen.ts'
import {addAssignment} from '../../host/secrecy/assignments.ts'
import {addPublicWords, type Secrets} from '../../host/secrets.ts'
import {environmentFiles, statedDirectory, type Unit} from '../../host/unit.ts'
import {parseJson} from '../json.ts'
import {whyNobody} from '../program/runs-as.ts'
import type {Server} from '../program/server.ts'
import {givenPaths} from '../unit/sandbox-paths.ts'
import {answerSchema} from './answer-schema.ts'
import {askScript} from './ask-script.ts'
import {type Django, type DjangoAnswer, placeholderNumber, type Unasked} from './django.ts'
import {fence, withParameters} from './parameters.ts'

export interface Asking {
  /**
   * `start` goes all the way: setup(), the URLs, the WSGI or ASGI callable, the system checks.
   * `trial` goes the same way and gathers nothing: only whether that succeeds is asked. `urls`
   * reads the URLconf, and makes no application ready.
   */
  readonly depth: 'settings' | 'start' | 'trial' | 'urls'
  /** Programs that systemd would execute; whether they can be is told. */
  readonly programs?: readonly string[]
  /** A trial imports this module and nothing else. */
  readonly module?: string | null
  /** A trial makes the system checks as well. */
  readonly checks?: boolean
  /** Settings of the unit that are left out, or added. */
  readonly without?: readonly string[]
  readonly with?: readonly UnitSetting[]
  /** A page to make inside the process, with depth `start`. */
  readonly page?: {readonly path: string; readonly host: string}
  /** Milliseconds, default 10,000. */
  readonly timeout?: number
  /** Names that the server's environment was completed with: another question than without them. */
  readonly passed?: readonly string[]
}

/** Bytes of an answer. */
const limit = 4 * 1024 * 1024

/**
 * Asks Django as a new start of the unit would see it (ask.py). Never rejects for what the
 * application does.
 */
export async function askDjango(
  host: Host,
  unit: Unit,
  server: Server,
  asking: Asking,
): Promise<Django> {
  if (unit.get('LoadState') !== 'loaded') return unasked('not-loaded', `${unit.name} is not loaded`)
  if (server.interpreter === null)
    return unasked(
      'no-server',
      `which Python runs ${unit.name} could not be told from its ExecStart=`,
    )
  if (server.becomesUnknown)
    return unasked(host.uid === 0 ? 'no-server' : 'privilege', whyNobody(unit))
  const said = await seenOrWhyNot(
    host.asUnit(unit.name, [server.interpreter, '-'], {
      input: withParameters(parametersOf(unit, server, asking), askScript()),
      environment: {...Object.fromEntries(server.environment), PYTHONDONTWRITEBYTECODE: '1'},
      ...(server.runsAs && {as: server.runsAs}),
      ...(asking.without && {without: asking.without}),
      ...(asking.with && {with: asking.with}),
      question: questionOf(asking),
      timeout: asking.timeout ?? 10_000,
      limit,
      fence,
      holds: 'secrets',
    }),
  )
  if (said instanceof CannotLook)
    return unasked(said.privilege ? 'privilege' : 'late', said.message)
  return readAnswer(host, server.interpreter, said)
}

/** What ask.py is told. */
function parametersOf(
  unit: Unit,
  server: Server,
  {depth, page, programs = [], checks = false, module = null}: Asking,
): object {
  const directory = server.directory ?? statedDirectory(unit)
  return {
    // Below another root directory a path is not the machine's.
    paths: unit.get('RootDirectory') === '' ? pathsOf(unit, directory) : null,
    placeholder: 'prism-doctor-has-no-value-for-this',
    number: placeholderNumber,
    fence,
    limit: limit - 1024,
    depth,
    entry: server.entry,
    settingsModule: server.settingsModule,
    manage: directory.startsWith('/') ? `${directory}/manage.py` : null,
    server: server.kind,
    argv: server.argv,
    directory: server.directory,
    pythonPath: server.pythonPath,
    page: page ?? null,
    programs,
    checks,
    module,
  }
}

/** Where the access control list of each directory on the way is told. */
function pathsOf(unit: Unit, directory: string): readonly string[] {
  const files = environmentFiles(unit).map(({path}) => path)
  return [directory, ...givenPaths(unit), ...files].filter(path => path.startsWith('/'))
}

/** What a recording calls it. */
function questionOf({depth, page, passed = [], module = null}: Asking): string {
  const more = [
    module === null ? '' : `of ${module}`,
    page ? `${page.path} as ${page.host}` : '',
    passed.length > 0 ? `with ${passed.join(' ')}` : '',
  ]
  return ['ask Django:', depth, ...more].filter(part => part !== '').join(' ')
}

function readAnswer(host: Host, interpreter: string, said: ExecAnswer): Django {
  if (said.notStarted !== undefined) {
    const words = host.secrets
      .conceal(said.stderr)
      .split('\n')
      .filter(line => line.trim() !== '')
    return unasked(
      'setup',
      `systemd could not prepare a process of the unit (${said.notStarted})`,
      [said.notStarted, ...words.slice(0, 3)],
    )
  }
  const parsed = v.safeParse(answerSchema, parseJson(said.stdout))
  if (!parsed.success) {
    const words = host.secrets.conceal(said.stderr).trim().split('\n')
    // What Python says of its end need not be its last line ("Fatal Python error", then the stack).
    const telling = words.filter(line =>
      /^(?:Fatal Python error: |[\w.]*(?:Error|Exception)\b)/.test(line),
    )
    const last = words.at(-1) ?? ''
    const how = said.exitCode === null ? 'was ended by a signal' : `ended with ${said.exitCode}`
    return unasked(
      'died',
      `${interpreter} ${how} before Django had answered`,
      telling.length > 0 ? telling.slice(-2) : last === '' ? [] : [last],
    )
  }
  const answer = parsed.output
  for (const [name, value] of Object.entries(answer.secrets)) {
    const where = name.startsWith('environment.') ? 'environment' : 'secret'
    addAssignment(host.secrets, name.slice(name.lastIndexOf('.') + 1), value, where)
  }
  for (const value of addressesOf(answer)) host.secrets.learn(value)
  for (const {name, user, host: server} of Object.values(answer.databases))
    for (const shown of [name, user, server]) addPublicWords(host.secrets, shown)
  const {failures, missing, swallowed, start, deploy} = answer
  const failed = {failures, missing, ...(swallowed && {swallowed}), start, deploy}
  return {answer: {...answer, ...concealed(failed, host.secrets)}, unasked: null}
}

/**
 * Whoever shows an exception takes its message apart: no secret is left in it then. All are read
 * before one is changed: whatever is learned makes the next search begin with all secrets anew.
 */
function concealed<T>(said: T, secrets: Secrets): T {
  withMessages(said, message => {
    secrets.learn(message)
    return message
  })
  return withMessages(said, secrets.redact)
}

function withMessages<T>(said: T, change: (message: string) => string): T {
  if (Array.isArray(said)) return said.map(each => withMessages(each, change)) as T
  if (typeof said !== 'object' || said === null) return said
  const members = Object.entries(said).map(([name, value]) => [
    name,
    name === 'message' && typeof value === 'string' ? change(value) : withMessages(value, change),
  ])
  return Object.fromEntries(members) as T
}

/** URLs that may hold a password: of caches and brokers. */
function addressesOf({caches, channelLayers, settings}: DjangoAnswer): readonly string[] {
  const named = [
    ...Object.values(caches).map(({location}) => location),
    ...Object.values(channelLayers),
    settings.CELERY_BROKER_URL,
    settings.BROKER_URL,
  ]
  return named.flat().filter(value => typeof value === 'string')
}

function unasked(kind: Unasked['kind'], why: string, evidence: readonly string[] = []): Django {
  return {answer: null, unasked: {kind, why, evidence}}
}
