import * as v from 'valibot'
import {CannotLook, type ExecAnswer, type Host} from '../../host/host.ts'
import {addAssignment, isSecretElsewhere} from '../../host/secrets.ts'
import {statedDirectory, type Unit} from '../../host/unit.ts'
import {escaped} from '../../report/escape.ts'
import {parseJson} from '../json.ts'
import {type Server, whyNobody} from '../program/server.ts'
import {askScript} from './ask-script.ts'

/** A place in the application's files. */
const place = v.object({
  file: v.string(),
  line: v.nullable(v.number()),
  function: v.optional(v.string()),
})

/** One exception of a chain. */
const link = v.object({
  type: v.string(),
  message: v.string(),
  /** Where the application itself raised it, else where a library did. */
  place: v.nullable(place),
  /** Where it was raised, whose file that may be. */
  last: v.optional(v.nullable(place)),
  /** False where no file of the application stands in its traceback. */
  own: v.boolean(),
  /** The template that was being rendered. */
  template: v.nullable(place),
  /** The module that an ImportError misses. */
  name: v.nullable(v.string()),
  errno: v.nullable(v.number()),
  /** The file that an OSError is about. */
  filename: v.nullable(v.string()),
})

/** First cause first, as "The above exception was the direct cause of" has them. */
const chain = v.array(link)

const scalar = v.nullable(v.union([v.string(), v.number(), v.boolean()]))

const storage = v.object({
  backend: v.string(),
  options: v.record(v.string(), v.unknown()),
  /** The class and those that it is made of, by their full names. */
  bases: v.array(v.string()),
  /** Whether it is one of Django's manifest storages (ManifestFilesMixin). */
  keepsManifest: v.nullable(v.boolean()),
  manifestName: v.nullable(v.string()),
  manifestStrict: v.nullable(v.boolean()),
})

/** A message of a system check, in Django's own words. */
const systemCheck = v.object({
  id: v.string(),
  /** 10 debug, 20 info, 30 warning, 40 error, 50 critical (django.core.checks). */
  level: v.number(),
  message: v.string(),
  hint: v.string(),
  /** What it is about: "lighthouse.Beacon.name". */
  object: v.nullable(v.string()),
})

const migrationKey = v.tuple([v.string(), v.string()])

const answerSchema = v.object({
  python: v.string(),
  executable: v.string(),
  django: v.nullable(v.string()),
  djangoPath: v.nullable(v.string()),
  /** What was put in the place of a variable that is missing: a setting that holds it is not known. */
  placeholder: v.string(),
  module: v.nullable(v.string()),
  file: v.nullable(v.string()),
  /** How gunicorn itself reads its command line and gunicorn.conf.py. */
  server: v.nullable(
    v.object({
      binds: v.array(v.union([v.object({host: v.string(), port: v.number()}), v.object({path: v.string()})])),
      stated: v.boolean(),
      entry: v.nullable(v.string()),
      directory: v.nullable(v.string()),
      config: v.nullable(v.string()),
    }),
  ),
  failures: v.array(v.object({stage: v.string(), chain})),
  missing: v.array(v.object({name: v.string(), place: v.nullable(place), chain})),
  /** Modules that the settings tried to import, that are there and fail, and without which they go on. */
  swallowed: v.optional(v.array(v.object({module: v.string(), chain}))),
  secretKey: v.nullable(
    v.object({
      length: v.number(),
      empty: v.boolean(),
      /** How many different characters it has. */
      different: v.optional(v.number()),
      /** As startproject writes it: `django-insecure-…`. */
      insecure: v.optional(v.boolean()),
    }),
  ),
  /** Names of the environment that were looked for while the settings were imported. */
  read: v.array(v.string()),
  /** Those of them that are not set. */
  unset: v.array(v.string()),
  /** Files that the settings read and that are no Python: .env, a key file. */
  files: v.array(v.string()),
  /** Those of them that the unit's user may not read; answers recorded before this was asked have none. */
  denied: v.optional(v.array(v.string()), []),
  /** .env files that the settings tried to read and that are not there. */
  absent: v.optional(v.array(v.string()), []),
  settings: v.record(v.string(), v.unknown()),
  overridden: v.array(v.string()),
  /** Where a setting is made. */
  places: v.record(v.string(), place),
  databases: v.record(
    v.string(),
    v.object({
      engine: v.string(),
      name: v.string(),
      user: v.string(),
      host: v.string(),
      port: v.string(),
      options: v.record(v.string(), v.unknown()),
      connMaxAge: scalar,
    }),
  ),
  caches: v.record(v.string(), v.object({backend: v.string(), location: v.unknown()})),
  /** Of channels: the addresses of each layer's Redis, as URLs; answers recorded before this was asked have none. */
  channelLayers: v.optional(v.record(v.string(), v.array(v.string())), {}),
  logFiles: v.array(v.object({handler: v.string(), path: v.string()})),
  apps: v.nullable(v.array(v.object({name: v.string(), label: v.string(), path: v.string()}))),
  migrations: v.nullable(
    v.object({
      all: v.array(
        v.object({
          app: v.string(),
          name: v.string(),
          replaces: v.array(migrationKey),
          dependencies: v.array(migrationKey),
        }),
      ),
      /** Leaves of an application that has more than one. */
      conflicts: v.record(v.string(), v.array(v.string())),
      /** What MigrationLoader refuses. */
      error: v.nullable(
        v.object({
          kind: v.picklist(['bad', 'parent-missing', 'circular']),
          message: v.string(),
          node: v.nullable(v.array(v.string())),
          origin: v.nullable(v.array(v.string())),
        }),
      ),
      /** Tables that the migrations make; null where routers decide which database has them. */
      tables: v.nullable(v.array(v.string())),
      /** Fields of the project that store a file in the default storage: "accounts.Profile.avatar". */
      uploads: v.array(v.string()),
    }),
  ),
  static: v.nullable(
    v.object({
      /** django.contrib.staticfiles is among INSTALLED_APPS. */
      installed: v.boolean(),
      storage: v.nullable(storage),
      /** What the finders find; names null where there are too many to list. */
      sources: v.array(v.object({directory: v.string(), prefix: v.string(), names: v.nullable(v.array(v.string()))})),
      /** STATICFILES_STORAGE where Django no longer reads it (5.1 and later). */
      ignored: v.nullable(v.string()),
    }),
  ),
  media: v.nullable(storage),
  /** `check --deploy`: the security checks, which need the settings alone. */
  deploy: v.nullable(v.array(systemCheck)),
  start: v.nullable(
    v.object({
      /** The WSGI or ASGI callable was made. */
      entry: v.boolean(),
      checks: v.array(systemCheck),
      /** URLs that need no argument. */
      paths: v.array(v.string()),
      page: v.nullable(v.object({path: v.string(), status: v.nullable(v.number()), chain: v.nullable(chain)})),
    }),
  ),
  tookMs: v.number(),
  /** By the name of the setting. They go into `host.secrets` and to PostgreSQL, and nowhere else. */
  secrets: v.record(v.string(), v.string()),
})

/** What Django says of itself: settings, applications, migrations, static files; shapes as ask.py gives them. */
export type DjangoAnswer = v.InferOutput<typeof answerSchema>
/** One exception, with its place in the application. */
export type ExceptionLink = v.InferOutput<typeof link>
export type Place = v.InferOutput<typeof place>
export type SystemCheck = v.InferOutput<typeof systemCheck>

/** Why Django did not answer. */
export interface Unasked {
  /**
   * `refused` by the configuration; `privilege`: only root can; `no-server`: nothing names a Python or an entry; `setup`:
   * systemd could not prepare the process; `died`: the interpreter ended without an answer; `late`: no answer in time.
   */
  readonly kind: 'refused' | 'privilege' | 'no-server' | 'not-loaded' | 'setup' | 'died' | 'late'
  readonly why: string
  readonly evidence: readonly string[]
}

/** "Django was not asked: the configuration says ask = false". */
export function whyUnasked({kind, why}: Unasked): string {
  return kind === 'refused' ? `Django was not asked: ${why}` : `Django could not be asked: ${why}`
}

export interface Django {
  readonly answer: DjangoAnswer | null
  /** Null when it answered. */
  readonly unasked: Unasked | null
}

export interface Asking {
  /** `start` goes all the way: setup(), the URLs, the WSGI or ASGI callable, the system checks. */
  readonly depth: 'settings' | 'start'
  /** A page to make inside the process, with depth `start`. */
  readonly page?: {readonly path: string; readonly host: string}
  /** Milliseconds, default 10,000. */
  readonly timeout?: number
  /** Names that the server's environment was completed with: another question than without them. */
  readonly passed?: readonly string[]
}

/** Bytes of an answer. */
const limit = 4 * 1024 * 1024

/** What stands for a missing variable that has to be a number. */
const placeholderNumber = '48151623'

/** Random for each process, so that nothing that the application prints can stand in the answer's place. */
const fence = `prism-doctor-answer-${Math.random().toString(36).slice(2)}${Math.random().toString(36).slice(2)}:`

/** Asks Django as a new start of the unit would see it (ask.py). Never rejects for what the application does. */
export async function askDjango(host: Host, unit: Unit, server: Server, asking: Asking): Promise<Django> {
  if (unit.get('LoadState') !== 'loaded') return unasked('not-loaded', `${unit.name} is not loaded`)
  if (server.interpreter === null)
    return unasked('no-server', `which Python runs ${unit.name} could not be told from its ExecStart=`)
  if (server.becomesUnknown) return unasked(host.uid === 0 ? 'no-server' : 'privilege', whyNobody(unit))
  const directory = server.directory ?? statedDirectory(unit)
  const parameters = {
    placeholder: 'prism-doctor-has-no-value-for-this',
    number: placeholderNumber,
    fence,
    limit: limit - 1024,
    depth: asking.depth,
    entry: server.entry,
    settingsModule: server.settingsModule,
    manage: directory.startsWith('/') ? `${directory}/manage.py` : null,
    server: server.kind,
    argv: server.argv,
    directory: server.directory,
    pythonPath: server.pythonPath,
    page: asking.page ?? null,
  }
  let said: ExecAnswer
  try {
    said = await host.asUnit(unit.name, [server.interpreter, '-'], {
      input: `PARAMETERS = ${pythonString(JSON.stringify(parameters))}\n${askScript()}`,
      environment: {...Object.fromEntries(server.environment), PYTHONDONTWRITEBYTECODE: '1'},
      ...(server.runsAs && {as: server.runsAs}),
      question: questionOf(asking),
      timeout: asking.timeout ?? 10_000,
      limit,
      fence,
      holds: 'secrets',
    })
  } catch (error) {
    if (!(error instanceof CannotLook)) throw error
    return unasked(error.privilege ? 'privilege' : 'late', error.message)
  }
  return readAnswer(host, server.interpreter, said)
}

/** What a recording calls it. */
function questionOf({depth, page, passed = []}: Asking): string {
  const more = [page ? `${page.path} as ${page.host}` : '', passed.length > 0 ? `with ${passed.join(' ')}` : '']
  return ['ask Django:', depth, ...more].filter(part => part !== '').join(' ')
}

function readAnswer(host: Host, interpreter: string, said: ExecAnswer): Django {
  if (said.notStarted !== undefined) {
    const words = said.stderr.split('\n').filter(line => line.trim() !== '')
    return unasked('setup', `systemd could not prepare a process of the unit (${said.notStarted})`, [
      said.notStarted,
      ...words.slice(0, 3),
    ])
  }
  const parsed = v.safeParse(answerSchema, parseJson(said.stdout))
  if (!parsed.success) {
    const last = said.stderr.trim().split('\n').at(-1) ?? ''
    const how = said.exitCode === null ? 'was ended by a signal' : `ended with ${said.exitCode}`
    return unasked('died', `${interpreter} ${how} before Django had answered`, last === '' ? [] : [last])
  }
  const answer = parsed.output
  for (const [name, value] of Object.entries(answer.secrets)) {
    addAssignment(host.secrets, name.slice(name.lastIndexOf('.') + 1), value, true)
  }
  for (const value of addressesOf(answer)) addAssignment(host.secrets, 'URL', value, isSecretElsewhere('URL'))
  return {answer, unasked: null}
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

/** A Python literal of a text: JSON's escapes are Python's, but for the slash and lone surrogates, which JSON never needs. */
function pythonString(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\uffff]/g, escaped)
}

/** Whether the settings could be imported, so that what they do not say is not so. */
export function settingsKnown({answer}: Django): boolean {
  return answer !== null && Object.keys(answer.settings).length > 0
}

/** A setting that is text; null where it is not known or holds what only stands for a missing variable. */
export function textSetting({answer}: Django, name: string): string | null {
  const value = answer?.settings[name]
  return typeof value === 'string' && !isPlaceheld(answer, value) ? value : null
}

export function listSetting({answer}: Django, name: string): readonly string[] | null {
  const value = answer?.settings[name]
  if (!Array.isArray(value)) return null
  const texts = value.filter((each): each is string => typeof each === 'string')
  return texts.some(each => isPlaceheld(answer, each)) ? null : texts
}

/** True where a value holds what was put in the place of a missing variable. */
export function isPlaceheld(answer: DjangoAnswer | null, value: string): boolean {
  return answer !== null && (value.includes(answer.placeholder) || value.includes(placeholderNumber))
}

export interface DjangoVersion {
  readonly major: number
  readonly minor: number
  readonly text: string
}

export function versionOf({answer}: Django): DjangoVersion | null {
  const match = /^(\d+)\.(\d+)/.exec(answer?.django ?? '')
  return match ? {major: Number(match[1]), minor: Number(match[2]), text: answer?.django ?? ''} : null
}

/** True when the version is known and is this one or later. */
export function isAtLeast(version: DjangoVersion | null, major: number, minor: number): boolean {
  return version !== null && (version.major > major || (version.major === major && version.minor >= minor))
}

/** `config/settings/production.py:12`: a place as people name it, below the directory that the service starts in. */
export function shownPlace({file, line}: Place, below: string | null = null): string {
  const prefix = below === null ? null : `${below.replace(/\/+$/, '')}/`
  const name = prefix !== null && file.startsWith(prefix) ? file.slice(prefix.length) : file
  return line === null || line === 0 ? name : `${name}:${line}`
}

/** "DATABASES in config/settings/production.py": where a setting was made; the module where its line is not known. */
export function sourceOf({answer}: Django, setting: string, below: string | null = null): string {
  const found = answer?.places[setting]
  if (found) return `${setting} in ${shownPlace({...found, line: null}, below)}`
  return answer?.file ? `${setting} in ${shownPlace({file: answer.file, line: null}, below)}` : setting
}
