import {run} from '../container/container.ts'
import type {Fault} from '../container/fault.ts'
import {parse} from '../container/trials.ts'
import {checkHealth} from './health.ts'
import {bootFor, inject} from './test.ts'

/** The faults after which `--fix --yes --disruptive` leaves a healthy machine. */
export const repairable: readonly string[] = [
  'migration-pending',
  'hashed-file-altered',
  'compressed-copy-stale',
  'plain-static-stale',
  'css-of-an-earlier-version',
  'manifest-lacks-a-name',
  'collected-by-hand',
  'old-package-running',
  'environment-changed',
  'nginx-stopped',
  'may-not-create',
  'database-missing',
  'manifest-missing',
  'static-never-collected',
  'manifest-truncated',
  'hashed-file-gone',
  'upload-owned-by-root',
  'static-0700-behind-nginx',
  'collected-file-owned-by-root',
  'drop-in-not-loaded',
  'switched-without-reload',
  'stopped',
  'start-limit',
  'secrets-changed-not-restarted',
  'state-directory-missing',
  'namespace-failure',
  'media-owned-by-root',
  'collected-file-unreadable',
  'collected-directory-closed',
  'state-0750-behind-nginx',
  'static-0700-unread',
  'admin-files-gone',
  'static-dangling-link',
  'static-fifo',
  'manifest-of-a-later-django',
  'manifest-empty',
  'manifest-is-a-list',
  'manifest-unreadable',
  'workers-hang',
  'postgres-stopped',
  'state-owned-by-root',
]

/** A new database has no accounts yet: that is left, and rightly said. */
const remaining: Readonly<Record<string, string>> = {'database-missing': 'app/superuser'}

/** A tree beside the deployment and one in its uploads, with every kind of owner, mode and name. */
const makeSentinel = `
set -eu
for at in /srv/sentinel /var/lib/prism-django/media/sentinel; do
  mkdir -p "$at/deep/er"
  echo kept > "$at/file"; echo kept > "$at/deep/er/it's a "$'\\n'"name"
done
chown -R prism:prism /var/lib/prism-django/media/sentinel
chmod 0640 /srv/sentinel/file; chmod 04711 /srv/sentinel/deep/er/*; chmod 0700 /srv/sentinel/deep
ln -s /etc/shadow /srv/sentinel/link; ln -s /etc/shadow /var/lib/prism-django/media/sentinel/link
mkfifo /srv/sentinel/fifo
find /srv/sentinel /var/lib/prism-django/media/sentinel -exec touch -h -d '2020-02-02 02:02:02 UTC' {} +
`

/** What no fault touches, or what its repair must bring back. */
const sentinel = '/srv/sentinel /var/lib/prism-django/media/sentinel /etc/passwd /etc/shadow'

/** What a fault may change and a repair must not. */
const configuration = '/run/secrets.d /etc/systemd/system /nix/store'

/** Owners, modes, times and contents. */
async function seen(instance: number, paths: string): Promise<string> {
  const script = `
find ${paths} -xdev -printf '%p %y %m %U:%G %n %s %T@ %l\\n' | sort
find ${paths} -xdev -type f -size -200k -print0 | sort -z | xargs -0 md5sum`
  const {stdout} = await run(instance, ['bash', '-c', script])
  return stdout
}

/**
 * Breaks a machine, lets the doctor repair it, and throws unless it is healthy and nothing else has
 * changed.
 */
export async function repair(instance: number, fault: Fault): Promise<void> {
  await bootFor(instance, fault)
  await run(instance, ['bash', '-c', makeSentinel])
  const healthy = await seen(instance, sentinel)
  await inject(instance, fault)
  const {exitCode: gone} = await run(instance, [
    'test',
    '!',
    '-e',
    '/var/lib/prism-django/media/sentinel',
  ])
  const broken = await seen(instance, configuration)
  const {exitCode, stdout, stderr} = await run(
    instance,
    ['prism-doctor', '--fix', '--yes', '--disruptive', '--json', '--timeout', '20'],
    {timeout: 240},
  )
  const report = parse(stdout, stderr)
  const steps = (report.fix?.steps ?? []).map(
    ({outcome, shell, reason}) => `${outcome} ${shell}${reason === null ? '' : `: ${reason}`}`,
  )
  const problems: string[] = []
  const left = report.rootCauses.join(' ')
  if (left !== (remaining[fault.name] ?? '') || exitCode !== (left === '' ? 0 : 1))
    problems.push(
      `exit code ${exitCode}: ${report.rootCauses.join(' ')} ${JSON.stringify(report.notLookedAt)}`,
    )
  if (steps.length === 0) problems.push('nothing was repaired')
  const changed = [
    // What the fault itself removed cannot come back.
    ...(gone === 0 ? [] : difference(healthy, await seen(instance, sentinel))),
    ...difference(broken, await seen(instance, configuration)),
  ]
  if (changed.length > 0) problems.push(`something else was changed:\n${changed.join('\n')}`)
  if (problems.length === 0)
    await checkHealth(instance).catch(error => problems.push(String(error.message)))
  if (problems.length > 0) throw new Error([...problems, ...steps].join('\n       '))
}

function difference(before: string, after: string): readonly string[] {
  const old = before.split('\n')
  const fresh = after.split('\n')
  const gone = old.filter(line => !fresh.includes(line)).map(line => `- ${line}`)
  return [...gone, ...fresh.filter(line => !old.includes(line)).map(line => `+ ${line}`)].slice(
    0,
    20,
  )
}
