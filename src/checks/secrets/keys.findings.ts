import type {Passfile} from '../../facts/django/libpq.ts'
import {type UnreadName, unreadNames} from '../../facts/django/misspellings.ts'
import {octal} from '../../facts/files/access.ts'
import {splitPostgresUrl} from '../../facts/postgres/url.ts'
import type {Target} from '../../facts/target/target.ts'
import {soundsSecret} from '../../host/secrecy/names.ts'
import {mend, remedy} from '../../remedies/remedy.ts'
import {restart} from '../../remedies/service.ts'
import {secretMeans} from '../../remedies/variable-means.ts'
import {
  type CodeOf,
  cause,
  finding,
  findingsOf,
  type Remedy,
  type Verdict,
} from '../../report/finding.ts'
import {explanation} from './keys.explanation.ts'

/** `why` follows at once: ": the unit has no value for it". */
export const found = findingsOf(explanation, {
  missing: cause('critical', (name: string, why: string) => `${name} is not set${why}`),
  empty: cause('critical', (name: string, why: string) => `${name} is empty${why}`),
  misspelt: cause(
    'critical',
    (wrong: string, name: string, where = '') =>
      `${wrong} is set${where}, but the settings read ${name}`,
  ),
  unread: cause(
    'warning',
    ({wrong, name}: UnreadName) => `${wrong} is set, but the settings read ${name}, which is not`,
  ),
  'not-decrypted': cause(
    'critical',
    (name: string, whose: string) => `${name} still holds ${whose} ciphertext`,
  ),
  'unreadable-url': cause('critical', () => {
    const encoded = 'a "/", "?" or "#" in its password must be written %2F, %3F or %23'
    return `DATABASE_URL cannot be read, since no port comes before its first "/": ${encoded}`
  }),
  placeholder: cause(
    'warning',
    (name: string) => `${name} holds a placeholder instead of a secret`,
  ),
  'passfile-open': cause(
    'critical',
    (path: string, mode: number) =>
      `libpq ignores the password file ${path}, since others have access to it (mode ${octal(mode)})`,
  ),
  'passfile-denied': cause(
    'critical',
    (user: string, path: string, mode: number | null) =>
      `${user} may not read the password file ${path}${mode === null ? '' : ` (mode ${octal(mode)})`}`,
  ),
  'passfile-hidden': cause('critical', (path: string, setting: string | null) =>
    setting === null
      ? `the service does not see the password file ${path}, which is there`
      : `${setting} hides the password file ${path} from the service`,
  ),
  'passfile-missing': cause(
    'critical',
    (path: string) => `the password file ${path} does not exist`,
  ),
  'passfile-not-a-file': cause(
    'critical',
    (path: string) => `the password file ${path} is not a regular file`,
  ),
  // No text of a line is shown: it may be nothing but a secret.
  'passfile-unmatched': cause('critical', ({path, line, differs}: Passfile, asked: string) => {
    if (line === null) return `the password file ${path} has no entry; ${asked} is asked for`
    if (differs.length === 0) return `line ${line} of the password file ${path} has no password`
    const nearest = differs.includes('form')
      ? 'has less than five fields'
      : `is for another ${listed(differs)}`
    return `the password file ${path} has no line for ${asked}: line ${line} ${nearest}`
  }),
  'stale-process': cause(
    'warning',
    (names: readonly string[]) =>
      `the running process still has values that differ from the secrets file: ${names.join(', ')}`,
  ),
})

export type Code = CodeOf<typeof found>

/** "host", "host and port", "host, port and user". */
function listed(words: readonly string[]): string {
  const last = words.at(-1) ?? ''
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`
}

export function rename(target: Target, {wrong, name}: UnreadName): Remedy {
  const means = {...secretMeans(target, wrong), lasting: null}
  return mend(`Rename ${wrong} to ${name} in the secrets`, means, {after: [restart(target)]})
}

/** Names that nobody reads, while the settings do without the one that was meant. */
export function unread(target: Target): readonly Verdict<Code>[] {
  const {answer} = target.django
  const names = answer ? unreadNames(target, answer) : []
  return names.map(each => finding(found.unread(each), rename(target, each)))
}

/** A value that is no secret, or cannot be read; null where nothing is wrong with it. */
export function unfit(target: Target, name: string, value: string): Verdict<Code> | null {
  const {platform} = target
  const fix = mend(`Give ${name} its real value`, platform.secret(target, name), {
    after: [restart(target)],
  })
  if (/^ENC\[AES256_GCM,/.test(value)) {
    const whose = platform.secretsInstaller ? `${platform.secretsInstaller.name}'s` : 'the'
    return finding(found['not-decrypted'](name, whose), fix)
  }
  if (name === 'DATABASE_URL' && splitPostgresUrl(value) === 'unreadable') {
    return finding(found['unreadable-url'](), fix)
  }
  const isPlaceholder =
    /^(?:change[-_ ]?me|todo|xxx+|secret|password|<[^>]*>)$|^django-insecure-/i.test(value)
  return soundsSecret(name) && isPlaceholder ? finding(found.placeholder(name), fix) : null
}

/** The process was started with other values than it would get now: compared, never shown. */
export function stale(target: Target): Verdict<Code> | null {
  const {running, environment} = target
  if (!running) return null
  const names = [
    ...new Set(target.secretsFiles.flatMap(({variables}) => [...(variables?.keys() ?? [])])),
  ]
  const differing = names.filter(
    name => running.has(name) && running.get(name) !== environment.get(name),
  )
  const absent = names.filter(name => !running.has(name))
  const changed = [...differing, ...absent]
  if (changed.length === 0) return null
  const cure = remedy('Restart the service so that it reads its secrets', 'disruptive', [
    restart(target),
  ])
  return finding(found['stale-process'](changed), cure, {
    evidence: changed.map(name => `${name} differs`),
  })
}
