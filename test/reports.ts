import {CannotLook} from '../src/host/host.ts'
import {remedy} from '../src/remedies/remedy.ts'
import {ok} from '../src/report/finding.ts'
import type {Change, HistoryReport, Report} from '../src/report/report.ts'
import {run} from '../src/report/step.ts'
import {critical, diagnosed, literalCheck, refused, symptom, warning} from './literal.ts'

const startPostgres = remedy(
  'Start PostgreSQL, then the service that stopped with it',
  'disruptive',
  [
    run('systemctl', 'start', 'postgresql.service'),
    run('systemctl', 'start', 'prism-django.service'),
  ],
  'services.postgresql.enable = true;',
)
const rebuild = remedy(
  'Write STATIC_ROOT into the unit, then rebuild',
  'manual',
  [run('nixos-rebuild', 'switch', '--flake', '/etc/nixos#midship')],
  'systemd.services.prism-django.environment.STATIC_ROOT =\n  "/var/lib/prism-django/staticfiles";',
)
const owner = remedy('Give the directory to the service', 'safe', [
  run('chown', '-h', 'prism:prism', '/var/lib/prism-django/media'),
])
const restart = remedy('Restart the service', 'disruptive', [
  run('systemctl', 'restart', 'prism-django.service'),
])

const server = literalCheck(
  'database/server',
  critical(
    'refused',
    'localhost:5432 refuses connections; postgresql.service is inactive (dead)',
    startPostgres,
    {
      since: '2026-11-23T03:12:07.000Z',
      evidence: ['connect ECONNREFUSED 127.0.0.1:5432', 'ActiveState=inactive'],
    },
  ),
)
const login = literalCheck('database/login', ok('never asked'), {needs: [server]})
const active = literalCheck(
  'service/active',
  symptom('stopped', 'prism-django.service is inactive', restart, {because: ['database/server']}),
)
const app = literalCheck(
  'http/app',
  symptom('refused', '127.0.0.1:8000 refuses connections', restart, {because: ['service/active']}),
)
const unit = literalCheck(
  'service/unit',
  ok('prism-django.service is loaded from /etc/systemd/system/prism-django.service', {
    evidence: ['LoadState=loaded'],
  }),
)
const root = literalCheck(
  'static/root',
  critical('unset', 'STATIC_ROOT is not set in prism-django.service', rebuild),
)
const ownership = literalCheck('state/ownership', [
  warning('owner', '/var/lib/prism-django/media belongs to root', owner),
  warning('owner', '/var/lib/prism-django/media/a.png belongs to uid 1000, which is nobody', owner),
])
const keys = literalCheck('secrets/keys', refused)
const file = literalCheck('secrets/file', refused)
const proxy = literalCheck(
  'http/proxy',
  new CannotLook('nginx is not installed (looked in /usr/sbin, /usr/bin)'),
)

function changed(
  name: string,
  old: string | null,
  now: string | null,
  more: Partial<Change> = {},
): Change {
  return {
    name,
    source: 'systemctl show',
    kind: old === null ? 'added' : now === null ? 'removed' : 'changed',
    old,
    new: now,
    secret: false,
    at: null,
    checks: ['database/server'],
    ...more,
  }
}

const started = 'gunicorn prism.wsgi:application --bind 127.0.0.1:8000 --timeout 30 --workers'
const changes: readonly Change[] = [
  changed('unit/ExecStart', `${started} 2 --log-level info`, `${started} 64 --log-level info`, {
    at: '2026-11-23T07:48:00.000Z',
  }),
  {...changed('environment/POSTGRES_PASSWORD', '', '', {secret: true}), old: null, new: null},
  changed('distribution/psycopg', '3.2.1', null),
  changed('distribution/redis', null, '5.0.1', {checks: []}),
  changed('time/zone', 'Europe/Berlin', 'UTC', {at: '2020-01-01T00:00:00.000Z', checks: []}),
]
const before: HistoryReport['events'][number] = {
  at: '2026-11-22T21:30:00.000Z',
  status: 'ok',
  rootCauses: [],
  changes: [changed('distribution/django', '5.1.2', '5.2')],
  more: 0,
}
const past = {
  lastHealthy: '2026-11-23T06:50:00.000Z',
  since: '2026-11-23T07:55:00.000Z',
  comparedWith: {at: '2026-11-23T06:50:00.000Z', status: 'ok'},
  compared: 214,
  more: 12,
  note: null,
} as const satisfies Partial<HistoryReport>
const refusedThen = {
  at: '2026-11-23T07:55:00.000Z',
  status: 'critical',
  rootCauses: [{check: 'database/server', message: 'localhost:5432 refuses connections'}],
  more: 13,
} as const satisfies Partial<HistoryReport['events'][number]>

/** What a run remembers, in the report of one root cause. */
function remembered(history: HistoryReport): Promise<Report> {
  const remember = async ({report}: {readonly report: Report}): Promise<Report> => ({
    ...report,
    checks: report.checks.map(check =>
      check.id === 'database/server' && history.changes.length > 0
        ? {...check, changes: history.changes.slice(0, 3)}
        : check,
    ),
    history,
  })
  return diagnosed([unit, server, login, active, app], {remember})
}

/** Reports of every kind that the text has to say well. */
export const reports = {
  healthy: () => diagnosed([unit]),
  one: () => diagnosed([unit, server, login, active, app]),
  two: () => diagnosed([unit, server, login, active, app, root]),
  both: () => diagnosed([unit, root, ownership, keys, file, proxy]),
  warning: () => diagnosed([unit, ownership]),
  unprivileged: () => diagnosed([unit, keys, file]),
  unknown: () => diagnosed([proxy, keys]),
  changed: () =>
    remembered({
      ...past,
      changes: [...changes],
      events: [{...refusedThen, changes: [...changes]}, before],
    }),
  unchanged: () =>
    remembered({
      ...past,
      more: 0,
      changes: [],
      events: [{...refusedThen, more: 0, changes: []}, before],
      note: 'the history cannot be used: ENOSPC: no space left on device, write',
    }),
} as const satisfies Readonly<Record<string, () => Promise<Report>>>

/** The same wherever and whenever it is made. */
export function still(report: Report): Report {
  return {
    ...report,
    durationMs: 412,
    checks: report.checks.map(check => ({...check, durationMs: 3})),
    tool: {...report.tool, version: '0.0.0'},
  }
}
