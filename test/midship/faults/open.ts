import {type Fault, fault} from '../../container/fault.ts'

/** Adds lines to the end of a file of the application. */
const append = (file: string, lines: string) => `edit_package sh -c 'cat >> ${file}' <<'EOF'
${lines}
EOF
`

/** Django's own words in the journal, as most deployments have them. */
const logsToJournal = append(
  'prism/settings.py',
  `
LOGGING = {
    'version': 1,
    'disable_existing_loggers': False,
    'handlers': {'console': {'class': 'logging.StreamHandler'}},
    'root': {'handlers': ['console'], 'level': 'WARNING'},
}`,
)

/** A page of its own, which needs a name to be asked for. */
const view = (body: string) =>
  append(
    'prism/urls.py',
    `
from django.http import HttpResponse
from django.views.decorators.csrf import csrf_exempt

calls = 0


@csrf_exempt
def lamp(request, name):
    global calls
    calls += 1
${body
  .trim()
  .split('\n')
  .map(line => `    ${line}`)
  .join('\n')}
    return HttpResponse('lit')


urlpatterns = [path('lamps/<name>/', lamp)] + urlpatterns`,
  )

const lamp = 'http://127.0.0.1:8000/lamps/red/'

/** A page that writes a file of its own. */
const writes = `
      ${view(`
with open('/srv/uploads/' + name, 'w') as file:
    file.write('lit')`)}
      install -d -o prism -g prism /srv/uploads`

/** Sessions of the service's own role that sleep, as many as told. */
const sessions = `
      password=$(sed -n 's/^POSTGRES_PASSWORD=//p' /run/secrets/prism-env)
      held() { sql "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(3)'"; }
      hold() { PGPASSWORD=$password psql -h localhost -U prism -d prism -c 'SELECT pg_sleep(3)' >/dev/null & }`

/** What comes and goes, what is open, and what PostgreSQL limits. */
export const open: readonly Fault[] = [
  fault('error-comes-and-goes', 'Each fourth request of a page fails', {
    inject: `
      ${logsToJournal}
      ${view(`
if calls % 4 == 1:
    raise ValueError('the lamp is out')`)}
      restart_app
      for _ in $(seq 24); do status_of ${lamp} >/dev/null; done
      until_true 10 answers 200 ${lamp}`,
    broken: 'logged "ValueError: the lamp is out"',
    expect: {
      exit: 1,
      rootCauses: ['service/journal'],
      message:
        /logged \d+ times, last at \S+ UTC, with \d+ good answers to the same in between: ValueError: the lamp is out/,
    },
  }),
  fault('form-fails', 'A form fails when it is sent, and comes up well', {
    inject: `
      ${logsToJournal}
      ${view(`
if request.method == 'POST':
    raise ValueError('the lamp is out')`)}
      restart_app
      [ "$(status_of -d a=b ${lamp})" = 500 ]
      for _ in $(seq 9); do answers 200 ${lamp}; done`,
    broken: `answers 200 ${lamp} && logged "ValueError: the lamp is out"`,
    expect: {
      exit: 1,
      rootCauses: ['service/journal'],
      message: /logged once, last at \S+ UTC: ValueError: the lamp is out/,
    },
  }),
  fault('error-once', 'A page failed once, and comes well since', {
    inject: `
      ${logsToJournal}
      ${view(`
if name == 'red' and calls == 1:
    raise ValueError('the lamp is out')`)}
      restart_app
      first_fails() { ! answers 200 ${lamp}; }
      until_true 10 first_fails
      for _ in $(seq 20); do status_of ${lamp} >/dev/null; done`,
    broken: `answers 200 ${lamp} && logged "ValueError: the lamp is out"`,
    expect: {
      exit: 1,
      rootCauses: ['service/journal'],
      message: /last \d+ s ago; \d+ good answers since: ValueError: the lamp is out/,
    },
  }),
  fault('upload-outside-the-sandbox', 'A page writes where the sandbox lets nobody write', {
    inject: `
      ${logsToJournal}
      ${writes}
      edit_unit '/^ProtectSystem=/d'
      add_to_unit ProtectSystem=strict
      add_to_unit ReadWritePaths=/var/lib/prism-django
      restart_app
      answers 500 ${lamp}`,
    broken: `answers 200 && logged "Read-only file system: '/srv/uploads/red'"`,
    expect: {
      exit: 1,
      rootCauses: ['app/settings'],
      message:
        /ProtectSystem=strict of prism-django\.service closes \/srv\/uploads\/red to the service, .*Read-only file system/,
    },
  }),
  fault('healthy-writes-where-it-may', 'A page writes where the unit allows that', {
    inject: `
      ${logsToJournal}
      ${writes}
      edit_unit '/^ProtectSystem=/d'
      add_to_unit ProtectSystem=strict
      add_to_unit 'ReadWritePaths=/var/lib/prism-django /srv/uploads'
      restart_app`,
    broken: `answers 200 ${lamp}`,
    expect: {exit: 0, rootCauses: []},
  }),
  fault(
    'start-fails-beside-django',
    'A program that ends the start has nothing to do with Django',
    {
      inject: `
      edit_pre_start '2i echo "frobnicator: the moon is full" >&2; exit 3'
      crash_app`,
      broken: 'waits_for_retry && logged "the moon is full"',
      expect: {
        exit: 2,
        rootCauses: ['service/active'],
        message: /ruled out: what Django itself needs to start, and its sandbox \(a dry start/,
      },
    },
  ),
  fault('page-takes-a-number-twice', 'A page adds a row, and its sequence lies behind', {
    inject: `
      ${view(`
from django.contrib.contenttypes.models import ContentType
ContentType.objects.create(app_label='lamp', model=str(calls))`).replace(
        "path('lamps/<name>/', lamp)",
        "path('', lamp, {'name': 'red'})",
      )}
      sql "SELECT setval('django_content_type_id_seq', 1, false)" prism
      restart_app`,
    broken: 'answers 500',
    expect: {
      exit: 2,
      rootCauses: ['database/health'],
      message: /sequence public\.django_content_type_id_seq lies behind its table/,
    },
  }),
  fault('role-connection-limit', 'The role may have fewer connections than are asked for', {
    inject: `
      ${logsToJournal}
      restart_app
      ${sessions}
      sql 'ALTER ROLE prism CONNECTION LIMIT 5'
      for _ in 1 2 3 4 5; do hold; done
      all_held() { [ "$(held)" = 5 ]; }
      until_true 5 all_held
      answers 500
      wait`,
    broken: 'answers 200 && logged "too many connections for role"',
    expect: {
      exit: 1,
      rootCauses: ['database/health'],
      message:
        /PostgreSQL refused the service connections within the last hour \(logged .*\): role "prism" may have 5/,
    },
  }),
  fault('lock-timeout', 'A short lock_timeout ends a page that waits for a lock', {
    inject: `
      ${logsToJournal}
      sql "ALTER ROLE prism SET lock_timeout = '200ms'"
      restart_app
      sql 'BEGIN; LOCK TABLE lighthouse_beacon; SELECT pg_sleep(3); COMMIT' prism &
      locked() { [ "$(sql "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation = 'lighthouse_beacon'::regclass" prism)" = 1 ]; }
      until_true 5 locked
      answers 500
      wait`,
    broken: 'answers 200 && logged "canceling statement due to lock timeout"',
    expect: {
      exit: 1,
      rootCauses: ['database/health'],
      message: /waited for a lock within the last hour .*: lock_timeout is 200 ms \(of the role\)/,
    },
  }),
  fault('idle-session-timeout', 'PostgreSQL ends connections that Django keeps', {
    inject: `
      ${logsToJournal}
      ${append('prism/settings.py', "DATABASES['default']['CONN_MAX_AGE'] = 600")}
      sql "ALTER ROLE prism SET idle_session_timeout = '1s'"
      restart_app
      for _ in 1 2 3 4; do answers 200 || true; done
      sleep 2
      first_fails() { ! answers 200; }
      until_true 5 first_fails`,
    broken:
      'logged "server closed the connection" && logged "idle-session timeout" postgresql.service',
    expect: {
      exit: 2,
      rootCauses: ['database/health'],
      message:
        /connections that the service had kept .*: idle_session_timeout is 1 s \(of the role\)/,
    },
  }),
  fault('locale-gone', 'The system lacks the locale that the database was made with', {
    inject: `
      sql "UPDATE pg_database SET datcollate = 'de_XX.UTF-8' WHERE datname = 'prism'"
      crash_app`,
    broken: 'waits_for_retry && logged "database locale is incompatible"',
    expect: {
      exit: 2,
      rootCauses: ['database/exists'],
      message: /database "prism" sorts by the locale de_XX\.UTF-8, which this system does not have/,
    },
  }),
  fault('collation-of-a-column', 'The system has another version of the collation of a column', {
    inject: `
      sql "CREATE COLLATION german (provider = icu, locale = 'de')" prism
      sql 'ALTER TABLE lighthouse_beacon ALTER COLUMN name TYPE varchar(100) COLLATE german' prism
      sql "UPDATE pg_collation SET collversion = '1.0' WHERE collname = 'german'" prism`,
    broken: 'answers 200',
    expect: {
      exit: 1,
      rootCauses: ['database/health'],
      message: /columns of database "prism" are sorted by public\.german/,
    },
  }),
  fault('healthy-limits', 'Limits on time and connections are set, and nothing came of them', {
    inject: `
      sql "ALTER ROLE prism SET lock_timeout = '5s'"
      sql "ALTER ROLE prism SET statement_timeout = '30s'"
      sql "ALTER ROLE prism SET idle_in_transaction_session_timeout = '1min'"
      sql "ALTER DATABASE prism SET idle_session_timeout = '10min'"
      sql 'ALTER ROLE prism CONNECTION LIMIT 40'
      sql "CREATE COLLATION german (provider = icu, locale = 'de')" prism
      sql 'ALTER TABLE lighthouse_beacon ALTER COLUMN name TYPE varchar(100) COLLATE german' prism
      restart_app`,
    broken: 'answers 200',
    expect: {exit: 0, rootCauses: []},
  }),
]
