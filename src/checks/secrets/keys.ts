import {type Check, critical, ok, type Verdict, warning} from '../../check.ts'
import {CannotLook} from '../../host/host.ts'
import {findDjango} from '../../probes/django.ts'
import {type SettingsNames, settingsNames} from '../../probes/settings-names.ts'
import {setBySystemd, splitWords} from '../../probes/systemd.ts'
import {mend, remedy, restart} from '../../remedy.ts'
import {isSecretElsewhere} from '../../secrets.ts'
import {splitPostgresUrl, type Target} from '../../target.ts'
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
What is needed is read from the text of the package's settings, which is never run. Both are compared with the
environment of the running process. Names are shown, values never.`,
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
    const {settings, assigned} = await findDjango(host, target)
    const names = settings === null ? null : settingsNames(settings)
    // A wrapper's --set stands in the process and in no unit; what systemd passes on of its own, only the process knows.
    const passed = new Set(splitWords(target.unit.get('PassEnvironment')))
    const missing = missingNames(target, names).filter(
      name => !assigned.has(name) && !passed.has(name) && !setBySystemd(target.unit, name),
    )
    const verdicts = [
      ...missing.map(name => missingVerdict(target, name)),
      ...unreadNames(target, names, missing),
      ...[...target.environment].flatMap(([name, value]) => insane(target, name, value)),
      ...stale(target),
    ]
    return verdicts.length > 0 ? verdicts : ok('SECRET_KEY and the credentials of the database are set')
  },
}

/** Needed and not there, or empty. */
function missingNames(target: Target, names: SettingsNames | null): readonly string[] {
  const {environment, database} = target
  const isSet = (name: string): boolean => (environment.get(name) ?? '') !== ''
  const needed = new Set(['SECRET_KEY', ...(names?.required ?? [])])
  // Settings that were found and do not read the name do without it.
  if (names && !names.read.has('SECRET_KEY')) needed.delete('SECRET_KEY')
  if (database?.source === 'POSTGRES_*') {
    for (const name of names?.conditional ?? []) if (name.startsWith('POSTGRES_')) needed.add(name)
    // Over TCP a password is asked for; over a socket the operating system says who it is.
    if (!database.host.startsWith('/') && !environment.has('PGPASSFILE')) needed.add('POSTGRES_PASSWORD')
    else needed.delete('POSTGRES_PASSWORD')
    if (names?.defaults.has('POSTGRES_PASSWORD') && !environment.has('POSTGRES_PASSWORD'))
      needed.delete('POSTGRES_PASSWORD')
  }
  return [...needed].filter(name => !isSet(name) && !(name === 'POSTGRES_PASSWORD' && isSet('PGPASSWORD')))
}

function missingVerdict(target: Target, name: string): Verdict {
  const {environment} = target
  const wrong = Object.keys(misspellings).find(key => misspellings[key] === name && environment.has(key))
  const file = target.secretsFiles[0]?.path
  const where = file ? ` in ${file}` : ''
  if (wrong) {
    return critical('misspelt', `${wrong} is set${where} where the settings read ${name}`, rename(target, wrong, name))
  }
  const empty = environment.has(name)
  const last = target.secretsFiles.findLast(({variables}) => variables?.has(name))?.path
  const overridden = empty && last !== undefined && last !== file
  return critical(
    empty ? 'empty' : 'missing',
    overridden
      ? `${name} is empty: ${last}, which is read last, has no value for it`
      : `${name} is ${empty ? 'empty' : 'not set'}${file ? `: neither the unit nor ${file} has ${empty ? 'a value for it' : 'it'}` : ' in the unit'}`,
    mend(`Add ${name} to the secrets`, target.platform.secret(target, name), {after: [restart(target)]}),
  )
}

function rename(target: Target, wrong: string, name: string) {
  const means = {...target.platform.secret(target, wrong), lasting: null}
  return mend(`Rename ${wrong} to ${name} in the secrets`, means, {after: [restart(target)]})
}

/** Names that nobody reads, while the name that was meant is read and unset: it works, without what was meant. */
function unreadNames(target: Target, names: SettingsNames | null, missing: readonly string[]): readonly Verdict[] {
  if (!names) return []
  return Object.entries(misspellings)
    .filter(([wrong, name]) => target.environment.has(wrong) && !names.read.has(wrong) && names.read.has(name))
    .filter(([, name]) => !target.environment.has(name) && !missing.includes(name))
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
