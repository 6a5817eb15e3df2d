import type {DjangoAnswer} from '../src/facts/django/django.ts'
import type {MigrationFacts} from '../src/facts/django/migrations.ts'
import type {FileAnswer, Host, HttpAnswer, QueryAnswer} from '../src/host/host.ts'
import {type Edits, fixture, machine, recorded} from './machine.ts'
import {stateDirectory} from './tree.ts'

/** Recorded machines with one failure of the corpus that no real host of ours is broken by. */

const configuration = ending('readFile', '-nginx.conf')
const wrapper = ending('readFile', '/bin/prism-gunicorn')

function ending(kind: 'readFile', end: string): string {
  const found = Object.keys(fixture('healthy').answers[kind] ?? {}).find(key => key.endsWith(end))
  if (found === undefined)
    throw new Error(`the healthy machine was never asked for ${kind} of …${end}`)
  return found
}

/** A recorded file with a change, which must be one. */
function changed(
  path: string,
  change: (text: string) => string,
): {readonly readFile: Readonly<Record<string, unknown>>} {
  const file = recorded('healthy', 'readFile', path) as Extract<FileAnswer, {kind: 'file'}>
  const text = change(file.text)
  if (text === file.text) throw new Error(`nothing changed in ${path}`)
  return {readFile: {[path]: {...file, text}}}
}

/** The journal of what is not asked about on a healthy machine. */
function withJournal(host: Host, of: string, ...messages: readonly string[]): Host {
  return {
    ...host,
    async journal(sources, lines) {
      const isMeant = sources.some(source => Object.values(source).some(name => name.includes(of)))
      if (!isMeant) return host.journal(sources, lines)
      return messages.map(text => ({at: host.now(), text, uid: 0}))
    },
  }
}

/** Whatever PostgreSQL is asked, it answers this. */
export function postgresSays(answer: QueryAnswer): Host {
  return {...machine('healthy'), query: async () => answer}
}

export function fatal(sqlstate: string, message: string): QueryAnswer {
  return {kind: 'error', severity: 'FATAL', sqlstate, message, detail: null, hint: null}
}

/** Its collation is of another version than the database's. */
export function anotherCollation(): Host {
  const host = machine('healthy')
  return {
    ...host,
    async query(connection, statement) {
      const answer = await host.query(connection, statement)
      if (answer.kind !== 'rows' || statement.question !== 'health') return answer
      return {...answer, rows: answer.rows.map(row => ({...row, recorded: '2.39', actual: '2.40'}))}
    },
  }
}

/** It does not start, and says why. */
export function postgresFails(...messages: readonly string[]): Host {
  const show = {
    'postgresql.service': {ActiveState: 'failed', SubState: 'failed', Result: 'exit-code'},
  }
  return withJournal(machine('postgres-stopped', {show}), 'postgresql.service', ...messages)
}

/** The database was not made, by the unit that makes it on NixOS since 25.11. */
export function notSetUp(ActiveState: string): Host {
  const show = {
    'postgresql-setup.service': {LoadState: 'loaded', ActiveState, SubState: ActiveState},
  }
  const error = 'ERROR:  template database "template1" has a collation version mismatch'
  return withJournal(machine('database-missing', {show}), 'postgresql-setup.service', error)
}

/** sops-nix installed nothing, and says why. */
export function noSecrets(message: string): Host {
  const path = '/run/secrets/prism-env'
  const edits = {readFile: {[path]: {kind: 'missing'}}, stat: {'/run/secrets': null, [path]: null}}
  return withJournal(
    machine('healthy', edits),
    'sops-install-secrets',
    `sops-install-secrets: ${message}`,
  )
}

/** The process was started before its state directory was there. */
export function directoryOfLater(): Host {
  const path = Object.keys(fixture('healthy').answers.readFile ?? {}).find(key =>
    /^\/proc\/(?!1\/)\d+\/mountinfo$/.test(key),
  )
  if (path === undefined)
    throw new Error('the healthy machine was not asked for the mounts of its process')
  const others = (text: string): string =>
    text
      .split('\n')
      .filter(line => line.split(' ')[4] !== stateDirectory)
      .join('\n')
  return machine('healthy', changed(path, others))
}

export function stateIs(change: Readonly<Record<string, unknown>>): Host {
  const stat = recorded('healthy', 'stat', stateDirectory) as object
  const asked = Object.keys(fixture('healthy').answers.stat ?? {})
  // Nothing lies below what is no directory.
  const below =
    change.type === 'file' ? asked.filter(path => path.startsWith(`${stateDirectory}/`)) : []
  const gone = Object.fromEntries(below.map(path => [path, null]))
  return machine('healthy', {stat: {...gone, [stateDirectory]: {...stat, ...change}}})
}

/** systemd-tmpfiles did not make the state directory. */
export function tmpfilesRefuses(message: string): Host {
  const host = machine('healthy', {stat: {[stateDirectory]: null}})
  return withJournal(host, 'systemd-tmpfiles', message)
}

/** Django's settings name a storage that Django 5.1 no longer looks for. */
export function storageIgnored(): Host {
  const backend = 'django.contrib.staticfiles.storage.StaticFilesStorage'
  const ignored = 'whitenoise.storage.CompressedManifestStaticFilesStorage'
  const django = {django: '5.2.8', static: {storage: {backend, keepsManifest: false}, ignored}}
  return machine('healthy', {django})
}

/** Django finds other migrations on disk. */
export function migrationsAre(change: (facts: MigrationFacts) => Partial<MigrationFacts>): Host {
  const django = (said: DjangoAnswer) => {
    // Where it was asked for the URLs alone.
    if (!said.migrations) return said
    return {...said, migrations: {...said.migrations, tables: null, ...change(said.migrations)}}
  }
  return machine('healthy', {django})
}

/** A migration of lighthouse after the last that is applied. */
export function follows(
  name: string,
  parent = '0004_beacon_enabled',
): MigrationFacts['all'][number] {
  return {app: 'lighthouse', name, replaces: [], dependencies: [['lighthouse', parent]]}
}

/** The wrapper of the program sets STATIC_ROOT, whatever the unit says. */
export function wrapperSets(path: string): Host {
  const export_ = (text: string): string =>
    text.replace(/\nexec /, `\nexport STATIC_ROOT='${path}'\nexec `)
  const edits: Edits = {...changed(wrapper, export_), stat: {'/srv': null}}
  const [unset, set] = [
    machine('healthy', edits),
    machine('healthy', {...edits, django: {settings: {STATIC_ROOT: path}}}),
  ]
  return {
    ...unset,
    // Django is asked in the environment that the wrapper makes.
    asUnit: (name, argv, options) =>
      (options?.environment?.STATIC_ROOT === path ? set : unset).asUnit(name, argv, options),
  }
}

/** nginx ends TLS and does not tell the application, which redirects to https. */
export function redirectsForEver(): Host {
  const tls = (text: string): string =>
    text.replace('listen 0.0.0.0:80;', 'listen 0.0.0.0:443 ssl;').replace('listen [::0]:80;', '')
  const host = machine('healthy', changed(configuration, tls))
  const redirect: HttpAnswer = {
    ...(recorded('healthy', 'request', pageOfNginx()) as Extract<HttpAnswer, {kind: 'response'}>),
    status: 301,
    headers: {location: 'https://prism.midship.local/accounts/login/'},
  }
  return {
    ...host,
    request: async asked =>
      'port' in asked.address && asked.address.port === 443 ? redirect : host.request(asked),
  }
}

function pageOfNginx(): string {
  const found = Object.keys(fixture('healthy').answers.request ?? {}).find(key =>
    key.includes(':80/accounts/login/'),
  )
  if (found === undefined) throw new Error('nginx was not asked for a page on the healthy machine')
  return found
}
