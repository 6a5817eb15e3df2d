import {run, shutDown, start, waitForBoot} from '../container/container.ts'
import type {Fault} from '../container/fault.ts'
import type {Trial} from '../container/trials.ts'
import {casesOf} from './cases.ts'
import {ask, type Change, changesOf} from './changed.ts'
import {type Expected, unknownFaults} from './changes-unknown.ts'
import {checkHealth} from './health.ts'
import {boot} from './machine.ts'
import {midship} from './paths.ts'
import {postgresUpgrade} from './postgres-upgrade.ts'
import {inject} from './test.ts'

/** A rebuild gives the package and what depends on it another path. */
const rebuilt = /^(?:package$|program\/\/nix\/store\/)/

/** Settings that are made of variables. */
const derived = /^(?:setting\/DATABASES|application\/binds)$/

/** Faults of the matrix, by what their injection changes. */
const known: Readonly<Record<string, Expected>> = {
  'unit-missing': {first: /^unit\/(?:LoadState|WantedBy)$/},
  'unit-masked': {first: /^unit\/LoadState$/},
  'static-root-missing': {first: /^environment\/STATIC_ROOT$/},
  'static-root-in-store': {first: /^environment\/STATIC_ROOT$/},
  'manifest-truncated': {first: /^static\/manifest$/},
  'hashed-file-gone': {first: /^static files\/css$/},
  'state-owned-by-root': {first: /^(?:access\/|owners below )\/var\/lib\/prism-django/},
  'upload-owned-by-root': {first: /^owners below \/var\/lib\/prism-django$/},
  'collected-file-owned-by-root': {first: /^owners below \/var\/lib\/prism-django$/},
  'postgres-stopped': {first: /^dependency\/postgresql\.service\/state$/},
  'wrong-password': {first: /^environment\/POSTGRES_PASSWORD$/},
  'pgpass-wrong-password': {
    first: /^password file\//,
    also: /^environment\/POSTGRES_PASSWORD$/,
  },
  'database-missing': {first: /^pg_database\/prism$/},
  'role-missing': {first: /^role\/prism$/, also: /^pg_database\/prism\/owner$/},
  'secret-key-missing': {first: /^environment\/SECRET_KEY$/},
  'postgres-username': {first: /^environment\/POSTGRES_USER(?:NAME)?$/},
  'module-missing': {
    first: /^(?:distribution|module)\//,
    also: /^(?:package|python\/environment)$/,
  },
  'port-taken': {first: /^listener\/127\.0\.0\.1:8000$/},
  'unit-disabled': {first: /^unit\/(?:WantedBy|UnitFileState)$/},
  'drop-in-not-loaded': {first: /^unit\/not read yet$/},
  'user-missing': {first: /^(?:user\/|unit\/User)/},
  'group-missing': {first: /^(?:group\/|unit\/Group)/},
  'supplementary-group-missing': {first: /^unit\/SupplementaryGroups$/},
  stopped: {first: /^unit\/wanted$/},
  'secrets-missing': {first: /^access\/\/run\/secrets/},
  'secrets-world-readable': {first: /^access\/\/run\/secrets/},
  'state-directory-missing': {first: /^access\/\/var\/lib\/prism-django/},
  'namespace-failure': {first: /^unit\/ReadWritePaths$/},
  'not-writable-in-the-sandbox': {first: /^unit\/ReadWritePaths$/},
  'state-mounted-read-only': {first: /^mount\/\/var\/lib\/prism-django/},
  'hashed-file-altered': {first: /^static files\//},
  'postgres-other-port': {first: /^environment\/POSTGRES_PORT$/},
  'private-network': {first: /^unit\/PrivateNetwork$/},
  'hba-reject': {first: /^pg_hba\//},
  'role-may-not-log-in': {first: /^role\/prism\/rolcanlogin$/},
  'password-expired': {first: /^role\/prism\/rolvaliduntil$/},
  'too-many-connections': {first: /^role\/prism\/rolconnlimit$/},
  'database-closed': {first: /^pg_database\/prism\/datallowconn$/},
  'table-dropped': {first: /^database\/table\/[^/]*$/, also: /^database\/(?:sequence|table)\//},
  'database-read-only': {first: /^(?:database\/setting|role)\//},
  'statement-timeout': {first: /^(?:database\/setting|role)\//},
  'host-not-allowed': {first: /^environment\/ALLOWED_HOSTS$/},
  'nginx-wrong-port': {first: /^front\/nginx\/.*\/proxy_pass$/},
  'nginx-stopped': {first: /^dependency\/nginx\.service\/state$/},
  // The fault names an upstream as well, whose name then stands for the host.
  'host-not-forwarded': {
    first: /^front\/nginx\/.*\/(?:proxy_set_header|proxy_pass)$/,
    also: /upstream/,
  },
  'debug-on': {first: /^environment\/DEBUG$/},
  'superuser-inactive': {first: /^application\/superusers$/},
  'settings-syntax-error': {first: /^code\//, also: rebuilt},
  'wsgi-import-error': {first: /^code\//, also: rebuilt},
  'migration-pending': {first: /^(?:migration|code)\//, also: rebuilt},
  'manifest-missing': {first: /^static\/manifest$/},
  'condition-unmet': {first: /^unit file\/ConditionPathExists$/},
  'credential-missing': {first: /^unit file\/LoadCredential$/},
  'volume-not-mounted': {first: /^unit file\/RequiresMountsFor$/},
  'secrets-not-utf8': {first: /^environment of \/run\/secrets/},
  'front-temp-of-root': {first: /^access\/\/var\/cache\/nginx\/client_body$/},
  'front-temp-full': {first: /^(?:access|mount)\/\/var\/cache\/nginx\/client_body$/},
  'reload-unusable': {first: /^unit\/ExecReload$/},
  'collation-of-a-column': {first: /^database\/table\/lighthouse_beacon\/column name$/},
  'postgres-down-at-boot': {
    first: /^postgresql\/17\/shared_preload_libraries$/,
    also: /^dependency\/postgresql\.service\/state$/,
  },
  'postgres-socket-directory-missing': {
    first: /^dependency\/postgresql\.service\/RuntimeDirectory$/,
    also: /^dependency\/postgresql\.service\/state$/,
  },
  'redis-socket-denied': {first: /^environment\/REDIS_URL$/},
}

/** A fault, and what is to be told of it: the first `among`. */
function trialOf(fault: Fault, expected: Expected, among: number): Trial {
  return {
    name: fault.name,
    async attempt(instance) {
      await boot(instance)
      await checkHealth(instance)
      if (expected.before) await inject(instance, {...fault, inject: expected.before})
      const before = await ask(instance)
      if (before.status !== 'ok') throw new Error(`before the fault: ${before.rootCauses}`)
      await inject(instance, fault)
      judge(await changesOf(instance), expected, among)
    },
  }
}

function judge(changes: readonly Change[], {first, also}: Expected, among: number): void {
  const shown = changes.map(each => `${each.name}: ${each.old} → ${each.new}`)
  const at = changes.findIndex(({name}) => first.test(name))
  const isRight = at >= 0 && at < among
  const extra = changes.filter(
    ({name}) => !first.test(name) && !derived.test(name) && !also?.test(name),
  )
  if (isRight && extra.length === 0) return
  const where = at < 0 ? 'is not told' : `stands at ${at + 1}`
  const said = isRight ? '' : `the change ${where}; `
  throw new Error(`${said}${extra.length} others\n         ${shown.join('\n         ')}`)
}

/** What happens to every machine by itself, and changes nothing. */
const uneventful: Readonly<Record<string, (instance: number) => Promise<void>>> = {
  restarts: instance =>
    done(instance, 'systemctl restart postgresql.service nginx.service prism-django.service'),
  'log-rotation': instance =>
    done(
      instance,
      `journalctl --rotate; journalctl --vacuum-time=1s
      mv /var/log/nginx/access.log /var/log/nginx/access.log.1; systemctl kill --signal=USR1 nginx`,
    ),
  traffic: instance =>
    done(
      instance,
      `pages='http://prism.midship.local/ http://prism.midship.local/accounts/login/'
      for _ in $(seq 100); do curl -s -o /dev/null $pages http://prism.midship.local/static/nothing; done
      setpriv --reuid=postgres --regid=postgres --init-groups psql -Xq prism -c 'VACUUM ANALYZE' \
        -c "INSERT INTO lighthouse_beacon (name, address, enabled) VALUES ('far', 'x', true)"
      install -o prism -g prism -m 0644 /dev/null /var/lib/prism-django/media/upload.png`,
    ),
  reboot,
  'days-later': async instance => {
    for (let day = 1; day <= 3; day += 1) {
      await reboot(instance)
      await done(instance, 'systemctl restart prism-django.service; journalctl --rotate')
      await ask(instance)
    }
  },
}

async function reboot(instance: number): Promise<void> {
  await shutDown(instance)
  await start(instance, midship)
  await waitForBoot(instance)
}

async function done(instance: number, script: string): Promise<void> {
  const {exitCode, stderr} = await run(instance, ['bash', '-c', script], {timeout: 120})
  if (exitCode !== 0) throw new Error(stderr)
}

function unchanged(name: string, happen: (instance: number) => Promise<void>): Trial {
  return {
    name: `unchanged-${name}`,
    async attempt(instance) {
      await boot(instance)
      await checkHealth(instance)
      await ask(instance)
      await happen(instance)
      await checkHealth(instance)
      const {status} = await ask(instance)
      if (status !== 'ok') throw new Error(`the doctor says ${status}`)
      const changes = await changesOf(instance)
      if (changes.length > 0) throw new Error(changes.map(({name}) => name).join(' '))
    },
  }
}

/** Sixty faults that the checks know, and twenty that they do not. */
export const changeTrials: readonly Trial[] = [
  ...casesOf(Object.keys(known)).map(fault => trialOf(fault, known[fault.name] as Expected, 1)),
  ...unknownFaults.map(({expected, ...fault}) => trialOf(fault, expected, 3)),
  ...Object.entries(uneventful).map(([name, happen]) => unchanged(name, happen)),
  postgresUpgrade,
]
