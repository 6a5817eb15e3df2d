import {type DjangoAnswer, shownPlace, sourceOf} from '../../facts/django/django.ts'
import {whereVariable} from '../../facts/django/variables.ts'
import {askAsService} from '../../facts/postgres/postgres.ts'
import {splitPostgresUrl} from '../../facts/postgres/url.ts'
import {answerOf, knownDatabase, type Target} from '../../facts/target/target.ts'
import {CannotLook, type Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {isSecretElsewhere} from '../../host/secrets.ts'
import {mend, remedy} from '../../remedies/remedy.ts'
import {restart, restated} from '../../remedies/service.ts'
import {secretMeans} from '../../remedies/variable-means.ts'
import {critical, ok, type Verdict, warning} from '../../report/finding.ts'
import {distance} from '../../report/nearest.ts'
import type {Check} from '../check.ts'
import {secretsFile} from './file.ts'

/** What has been written in place of a name that the settings read, on midship and elsewhere. */
const misspellings: Readonly<Record<string, string>> = {
  POSTGRES_USERNAME: 'POSTGRES_USER',
  POSTGRES_PASS: 'POSTGRES_PASSWORD',
  POSTGRES_DATABASE: 'POSTGRES_DB',
  DJANGO_SECRET_KEY: 'SECRET_KEY',
  SECRETKEY: 'SECRET_KEY',
  EMAIL_PASSWORD: 'EMAIL_HOST_PASSWORD',
  EMAIL_USER: 'EMAIL_HOST_USER',
}

export const secretsKeys: Check = {
  id: 'secrets/keys',
  title: 'The settings get every secret that they need',
  fix: 'restarts a service that has other values than its secrets file',
  explanation: {
    why: `The settings take SECRET_KEY and the database's password from the environment. python-decouple stops at import for
a name without a default; an empty SECRET_KEY lets Django 5 start and answer every request with 500 and an empty journal.`,
    asks: `What a new process would get is put together as systemd does it: Environment= of the unit, then its EnvironmentFiles.
What the settings need is seen while Django imports them in that environment: which variables they look for,
which are not there, and at which they stop. Both are compared with the environment of the running process. Names are shown, values never.`,
    findings: {
      missing: {
        means: 'A variable that the settings need is set nowhere.',
        remedy: 'Add it to the secrets, and restart the service.',
      },
      empty: {
        means: 'A variable that the settings need is set, and has no value.',
        remedy: 'Give it its value in the secrets, and restart the service.',
      },
      misspelt: {
        means: 'A variable is missing, and one is set whose name is often written in its place.',
        remedy: 'Rename it in the secrets, and restart the service.',
      },
      unread: {
        means: 'A variable is set that nobody reads, while the one that was meant is not set and has a default.',
        remedy: 'Rename it in the secrets, and restart the service.',
      },
      'not-decrypted': {
        means: 'The value is still ciphertext, as sops writes it.',
        remedy: 'Give the variable its real value, and restart the service.',
      },
      'unreadable-url': {
        means: `DATABASE_URL ends where its password has a "/", "?" or "#": what comes before is no host and port, and the settings
stop at it.`,
        remedy: 'Write the character percent-encoded (%2F, %3F, %23) in the secrets, and restart the service.',
      },
      placeholder: {
        means: `The value is no secret at all but a placeholder, such as "changeme" or the SECRET_KEY of startproject, which
begins with django-insecure-.`,
        remedy: 'Give the variable its real value, and restart the service.',
      },
      'stale-process': {
        means: 'The secrets file has changed since the process was started, which still has the old values.',
        remedy: 'Restart the service.',
      },
    },
    mistakenFor: `systemctl show does not print what the secrets file holds: that SECRET_KEY is absent there is right. A shell of
the service's user has no secrets at all, so a manage command that fails there proves nothing. A value may come from a wrapper
in the store. The database's password is not needed with DATABASE_URL, with PGPASSFILE, or with peer
authentication over a socket.`,
  },
  needs: [secretsFile],
  async run({host, target}) {
    if (target.environmentIncomplete) {
      throw new CannotLook('the secrets file may not be read by this user', {privilege: host.uid !== 0})
    }
    const {answer} = target.django
    const verdicts = [
      ...(answer?.missing ?? []).map(each => missingVerdict(target, each)),
      ...emptyKey(target),
      ...(await noPassword(host, target)),
      ...(answer ? unreadNames(target, answer) : []),
      ...[...target.environment].flatMap(([name, value]) => insane(target, name, value)),
      ...stale(target),
    ]
    if (verdicts.length > 0) return verdicts
    answerOf(target, 'which secrets the settings need')
    return ok('SECRET_KEY and the credentials of the database are set')
  },
}

/** Variables of the unit and of the files that the settings read, by name. */
function variablesOf({sources, environment}: Target): ReadonlyMap<string, string> {
  return new Map([...sources.toReversed().flatMap(({variables}) => [...variables]), ...environment])
}

/** The settings stop for want of it: not set, misspelt, or set and empty. */
function missingVerdict(target: Target, {name, place}: DjangoAnswer['missing'][number]): Verdict {
  const variables = variablesOf(target)
  const wrong = misspeltAs(target, name)
  const files = [...target.secretsFiles.map(({path}) => path), ...(target.django.answer?.files ?? [])]
  const [file] = files
  const absent = (target.django.answer?.absent ?? []).map(path => `${path}, which does not exist,`)
  const places = [...files, ...absent]
  const where = file ? ` in ${file}` : ''
  const evidence = place ? [`${shownPlace(place)} reads ${name}`] : []
  const reader = place ? ` (${shownPlace(place, target.workingDirectory)} reads it)` : ''
  if (wrong) {
    return critical(
      'misspelt',
      `${wrong} is set${where} where the settings read ${name}`,
      rename(target, wrong, name),
      {
        evidence,
      },
    )
  }
  const empty = variables.has(name)
  const last = target.secretsFiles.findLast(each => each.variables?.has(name))?.path
  const overridden = empty && last !== undefined && last !== file
  const lack = empty ? 'a value for it' : 'it'
  return critical(
    empty ? 'empty' : 'missing',
    overridden
      ? `${name} is empty: ${last}, which is read last, has no value for it`
      : `${name} is ${empty ? 'empty' : 'not set'}${places.length > 0 ? `: neither the unit nor ${places.join(' nor ')} has ${lack}` : ' in the unit'}${reader}`,
    mend(`Add ${name} to the secrets`, secretMeans(target, name), {after: [restart(target)]}),
    {evidence},
  )
}

/** Django starts without it, and every request that signs something fails. */
function emptyKey(target: Target): readonly Verdict[] {
  const {answer} = target.django
  if (!answer?.secretKey?.empty || answer.missing.length > 0) return []
  const stated = whereVariable(target, 'SECRET_KEY')
  const name = stated?.variable ?? 'SECRET_KEY'
  const wrong = misspeltAs(target, name)
  if (wrong) {
    return [critical('misspelt', `${wrong} is set where the settings read ${name}`, rename(target, wrong, name))]
  }
  const set = variablesOf(target).has(name)
  const place = sourceOf(target.django, 'SECRET_KEY', target.workingDirectory)
  const [last, ...others] = target.secretsFiles.filter(({variables}) => variables?.has(name)).reverse()
  const message =
    set && last && others.length > 0
      ? `${name} is empty: ${last.path}, which is read last, has no value for it`
      : set
        ? `${name} is empty: ${stated?.file ?? target.unit.name} has no value for it`
        : `${name} is not set, and SECRET_KEY is empty without it (${place})`
  const means = stated ? restated(target, stated) : secretMeans(target, name)
  return [
    critical(set ? 'empty' : 'missing', message, mend(`Give ${name} a value`, means, {after: [restart(target)]}), {
      evidence: ['The SECRET_KEY setting must not be empty.'],
    }),
  ]
}

/** PostgreSQL asks for a password, and the settings found none: over a socket, or where it trusts, none is needed. */
async function noPassword(host: Host, target: Target): Promise<readonly Verdict[]> {
  const database = knownDatabase(target)
  const {variable} = database?.stated.password ?? {variable: null}
  if (!database || database.password !== null || variable === null) return []
  if (target.django.answer?.missing.some(({name}) => name === variable)) return []
  const answer = await ifSeen(askAsService(host, target, database))
  if (answer?.kind !== 'unreachable' || answer.code !== 'password-required') return []
  return [missingVerdict(target, {name: variable, place: null, chain: []})]
}

/** A variable that nobody reads and whose name is often written in the place of this one, or nearly it. */
function misspeltAs(target: Target, name: string): string | undefined {
  const {answer} = target.django
  const unread = [...variablesOf(target).keys()].filter(each => answer && !answer.read.includes(each))
  return unread.find(each => misspellings[each] === name) ?? unread.find(each => isNearly(each, name))
}

/** The same words in another order or with one letter amiss. */
function isNearly(one: string, other: string): boolean {
  const words = (text: string): string => text.toUpperCase().split('_').filter(Boolean).sort().join('_')
  if (words(one) === words(other)) return true
  return one.length > 5 && distance(one.toUpperCase(), other.toUpperCase()) === 1
}

function rename(target: Target, wrong: string, name: string) {
  const means = {...secretMeans(target, wrong), lasting: null}
  return mend(`Rename ${wrong} to ${name} in the secrets`, means, {after: [restart(target)]})
}

/** Names that nobody reads, while the name that was meant is looked for and not set: it works, without what was meant. */
function unreadNames(target: Target, {read, unset, missing}: DjangoAnswer): readonly Verdict[] {
  return Object.entries(misspellings)
    .filter(([wrong, name]) => target.environment.has(wrong) && !read.includes(wrong) && unset.includes(name))
    .filter(([, name]) => !missing.some(each => each.name === name))
    .map(([wrong, name]) =>
      warning('unread', `${wrong} is set, but the settings read ${name}, which is not`, rename(target, wrong, name)),
    )
}

function insane(target: Target, name: string, value: string): readonly Verdict[] {
  const {platform} = target
  const fix = mend(`Give ${name} its real value`, platform.secret(target, name), {after: [restart(target)]})
  if (/^ENC\[AES256_GCM,/.test(value)) {
    const whose = platform.secretsInstaller ? `${platform.secretsInstaller.name}'s` : 'the'
    return [critical('not-decrypted', `${name} still holds ${whose} ciphertext`, fix)]
  }
  if (name === 'DATABASE_URL' && splitPostgresUrl(value) === 'unreadable') {
    const means = 'a "/", "?" or "#" in its password must be written %2F, %3F or %23'
    return [
      critical(
        'unreadable-url',
        `DATABASE_URL cannot be read, since no port stands before its first "/": ${means}`,
        fix,
      ),
    ]
  }
  if (!isSecretElsewhere(name)) return []
  if (/^(?:change[-_ ]?me|todo|xxx+|secret|password|<[^>]*>)$|^django-insecure-/i.test(value))
    return [warning('placeholder', `${name} holds a placeholder instead of a secret`, fix)]
  return []
}

/** The values that the process was started with against those it would get now; compared, never shown. */
function stale(target: Target): readonly Verdict[] {
  const {running, environment} = target
  if (!running) return []
  const names = target.secretsFiles.flatMap(({variables}) => [...(variables?.keys() ?? [])])
  const differing = [...new Set(names)].filter(name => running.has(name) && running.get(name) !== environment.get(name))
  const absent = [...new Set(names)].filter(name => !running.has(name))
  const changed = [...differing, ...absent]
  if (changed.length === 0) return []
  return [
    warning(
      'stale-process',
      `the running process still has other values than the secrets file: ${changed.join(', ')}`,
      remedy('Restart the service so that it reads its secrets', 'disruptive', [restart(target)]),
      {evidence: changed.map(name => `${name} differs`)},
    ),
  ]
}
