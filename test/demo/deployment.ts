import {createHash} from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, extname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {gzipSync} from 'node:zlib'
import type {DjangoAnswer} from '../../src/facts/django/django.ts'
import {parseEnvironmentFile} from '../../src/host/environment-file.ts'
import type {ExecAnswer, FileAnswer, ListedWalk, Stat} from '../../src/host/host.ts'
import type {QuestionKind, Recording} from '../../src/host/recording.ts'
import {freePort} from '../free-port.ts'
import {startPostgres, type TestPostgres} from '../postgres.ts'
import {startProxy, type WebProxy} from './proxy.ts'
import {createWeb, readManifest, type Web} from './web.ts'

/** Where the recorded machine has what the demo lays out for real. */
export const stateDirectory = '/var/lib/prism-django'
const staticRoot = `${stateDirectory}/staticfiles`
export const secretsFile = '/run/secrets/prism-env'
const store = '/nix/store/'

/** The static files of test/midship's project. */
const projectStatic = fileURLToPath(new URL('../midship/rootfs/project/static', import.meta.url))

/**
 * The deployment of the recorded machine in a temporary directory: its files, its PostgreSQL and
 * its web server are real.
 */
export interface Deployment {
  /** The temporary directory that stands for `/`. */
  readonly root: string
  readonly postgres: TestPostgres
  readonly web: Web
  readonly proxy: WebProxy
  readonly role: string
  readonly database: string
  readonly truncateManifest: (size: number) => void
  /** Removes a variable from the secrets file. */
  readonly forget: (name: string) => void
  /** What the unit's start does: collects and serves. Rejects when the application cannot start. */
  readonly restart: (recording: Recording) => Promise<void>
  /** Removes the hashed copies of one static file. */
  readonly removeHashed: (name: string) => void
  /** Ends the servers and removes every file, once. */
  readonly remove: () => Promise<void>
}

/**
 * Lays out a healthy deployment that is not started; the secrets file is the one of the recording.
 */
export async function deploy(recording: Recording, healthy: Recording): Promise<Deployment> {
  // Not in /dev/shm, where there is more room: --fix changes nothing below a directory of the system.
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'prism-doctor-demo-')))
  const removeFiles = (): void => rmSync(root, {recursive: true, force: true})
  const inside = (path: string): string => join(root, path)
  let postgres: TestPostgres
  try {
    layOutStore(recording, inside)
    write(inside(secretsFile), text(recording, secretsFile))
    collect(healthy, inside)
    setModes(healthy, inside)
    postgres = await startPostgres()
  } catch (error) {
    removeFiles()
    throw error
  }
  const web = createWeb({
    staticRoot: inside(staticRoot),
    environment: () => variables(readFileSync(inside(secretsFile), 'utf8')),
    databasePort: postgres.port,
    port: await freePort(),
  })
  const proxy = await startProxy(await freePort(), web.port)
  let removed: Promise<void> | null = null
  const remove = (): Promise<void> => {
    removed ??= Promise.all([web.stop(), proxy.stop(), postgres.stop()]).then(removeFiles)
    return removed
  }
  const names = variables(text(recording, secretsFile))
  const role = names.get('POSTGRES_USER') ?? 'prism'
  const database = 'prism'
  try {
    await postgres.sql(`create role ${role} login password '${names.get('POSTGRES_PASSWORD')}'`)
    await postgres.sql(`create database ${database} owner ${role}`)
    await postgres.sql(`set role ${role}; ${tables(healthy)}`, database)
  } catch (error) {
    await remove()
    throw error
  }
  return {
    root,
    postgres,
    web,
    proxy,
    role,
    database,
    async restart(next) {
      // Every recording has stand-ins of its own for the secrets: those of the machine that answers
      // from now on.
      const secrets = text(next, secretsFile)
      write(inside(secretsFile), secrets)
      await postgres.sql(
        `alter role ${role} password '${variables(secrets).get('POSTGRES_PASSWORD')}'`,
      )
      await postgres.sql(`set role ${role}; ${tables(healthy)}`, database)
      if (existsSync(inside(`${staticRoot}/staticfiles.json`))) readManifest(inside(staticRoot))
      collect(healthy, inside)
      await web.stop()
      await web.start()
    },
    forget(name) {
      const lines = readFileSync(inside(secretsFile), 'utf8').split('\n')
      write(inside(secretsFile), lines.filter(line => !line.startsWith(`${name}=`)).join('\n'))
    },
    truncateManifest: size => truncateSync(inside(`${staticRoot}/staticfiles.json`), size),
    removeHashed(name) {
      const hashed = inside(`${staticRoot}/${readManifest(inside(staticRoot)).paths[name]}`)
      for (const path of [hashed, `${hashed}.gz`]) rmSync(path, {force: true})
    },
    remove,
  }
}

/**
 * What the unit's own start would have left, where it is not there yet: the record of them, the
 * tables and one administrator.
 */
function tables(healthy: Recording): string {
  const {migrations} = djangoOf(healthy)
  const rows = (migrations?.all ?? []).map(({app, name}) => `('${app}', '${name}', now())`)
  const made = (migrations?.tables ?? []).map(
    name => `create table if not exists ${name} (id bigserial);`,
  )
  return `
    create table if not exists django_migrations (id bigserial primary key, app varchar(255), name varchar(255), applied timestamptz);
    insert into django_migrations (app, name, applied)
      select * from (values ${rows.join(', ')}) as all_of_them where not exists (select from django_migrations);
    create table if not exists django_session (session_key varchar(40) primary key, session_data text not null);
    create table if not exists auth_user (id serial primary key, password text, last_login timestamptz, is_superuser boolean, is_active boolean);
    ${made.join('\n')}
    insert into auth_user (is_superuser, is_active) select true, true where not exists (select from auth_user)`
}

function variables(environmentFile: string): ReadonlyMap<string, string> {
  return parseEnvironmentFile(environmentFile).variables
}

function recorded<T>(recording: Recording, kind: QuestionKind): readonly (readonly [string, T])[] {
  return Object.entries(recording.answers[kind] ?? {}).flatMap(([key, answer]) =>
    'answer' in answer && answer.answer !== null ? [[key, answer.answer as T] as const] : [],
  )
}

function text(recording: Recording, path: string): string {
  const found = recorded<FileAnswer>(recording, 'readFile').find(([key]) => key === path)?.[1]
  if (found?.kind !== 'file') throw new Error(`the recording has no file ${path}`)
  return found.text
}

function write(path: string, content: string | Buffer): void {
  mkdirSync(dirname(path), {recursive: true})
  writeFileSync(path, content)
}

/**
 * What the recording saw of the store. Of a file that it only listed, the content says where it
 * comes from.
 */
function layOutStore(recording: Recording, inside: (path: string) => string): void {
  for (const [path, {type}] of recorded<Stat>(recording, 'stat'))
    if (path.startsWith(store) && type === 'directory') mkdirSync(inside(path), {recursive: true})
  for (const [path, answer] of recorded<FileAnswer>(recording, 'readFile'))
    if (path.startsWith(store) && answer.kind === 'file') write(inside(path), answer.text)
  for (const [path, names] of recorded<readonly string[]>(recording, 'list'))
    for (const name of path.startsWith(store) ? names : []) {
      const entry = inside(`${path}/${name}`)
      if (existsSync(entry)) continue
      if (extname(name) === '.py') write(entry, '')
      else mkdirSync(entry, {recursive: true})
    }
  for (const [path, {type, mode}] of recorded<Stat>(recording, 'stat'))
    if (path.startsWith(store) && type === 'file') {
      if (!existsSync(inside(path))) write(inside(path), '')
      chmodSync(inside(path), mode | 0o200)
    }
  for (const [path, {type, link}] of recorded<Stat>(recording, 'stat'))
    if (path.startsWith(store) && type === 'symlink' && link && !existsSync(inside(path))) {
      mkdirSync(dirname(inside(path)), {recursive: true})
      symlinkSync(link, inside(path))
    }
  for (const [directory, name] of sourceFiles(recording)) {
    const ours = join(projectStatic, name)
    const to = inside(`${directory}/${name}`)
    mkdirSync(dirname(to), {recursive: true})
    if (existsSync(ours)) copyFileSync(ours, to)
    else writeFileSync(to, `/* ${name} of the demo */\n`)
  }
}

/** The static files of the application, as Django's finders found them on the recorded machine. */
function sourceFiles(
  recording: Recording,
): readonly (readonly [directory: string, name: string])[] {
  return (djangoOf(recording).static?.sources ?? []).flatMap(({directory, names}) =>
    (names ?? []).map(name => [directory, name] as const),
  )
}

/**
 * What Django said of the recorded machine: the demo has no Python, so that it is what the demo's
 * application is like, too.
 */
function djangoOf(recording: Recording): DjangoAnswer {
  const [said] = recorded<ExecAnswer>(recording, 'asUnit')
  if (!said) throw new Error('the recording has no answer of Django')
  return JSON.parse(said[1].stdout) as DjangoAnswer
}

const compressible = /\.(?:css|js|svg|txt|html)$/

/**
 * As collectstatic leaves it with WhiteNoise's storage: each file, a hashed copy, gzipped ones, the
 * manifest of version 1.1.
 */
function collect(healthy: Recording, inside: (path: string) => string): void {
  mkdirSync(inside(`${stateDirectory}/media`), {recursive: true})
  const paths: Record<string, string> = {}
  for (const [directory, name] of sourceFiles(healthy)) {
    const content = readFileSync(inside(`${directory}/${name}`))
    const extension = extname(name)
    const hashed = `${name.slice(0, name.length - extension.length)}.${md5(content)}${extension}`
    paths[name] = hashed
    for (const copy of [name, hashed]) {
      write(inside(`${staticRoot}/${copy}`), content)
      if (compressible.test(name)) write(inside(`${staticRoot}/${copy}.gz`), gzipSync(content))
    }
  }
  const hash = md5(JSON.stringify(Object.entries(paths).sort()))
  write(inside(`${staticRoot}/staticfiles.json`), JSON.stringify({paths, version: '1.1', hash}))
}

/** Django's HashedFilesMixin.file_hash: the first twelve hex digits. */
function md5(content: string | Buffer): string {
  return createHash('md5').update(content).digest('hex').slice(0, 12)
}

/** The modes that the recording saw of the state directory and what lies in it. */
function setModes(healthy: Recording, inside: (path: string) => string): void {
  const modes = new Map<string, number>()
  for (const [path, {mode}] of recorded<Stat>(healthy, 'stat')) modes.set(path, mode)
  for (const [directory, {entries}] of recorded<ListedWalk>(healthy, 'walk'))
    if (directory === stateDirectory)
      for (const {path, type, mode} of entries)
        if (type === 'directory') modes.set(`${directory}/${path}`, mode)
  for (const [path, mode] of modes)
    if (path.startsWith(stateDirectory) && existsSync(inside(path))) chmodSync(inside(path), mode)
}
