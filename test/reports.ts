import {CannotLook} from '../src/host/host.ts'
import {remedy} from '../src/remedies/remedy.ts'
import {ok} from '../src/report/finding.ts'
import type {Report} from '../src/report/report.ts'
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

/** Reports of every kind that the text has to say well. */
export const reports = {
  healthy: () => diagnosed([unit]),
  one: () => diagnosed([unit, server, login, active, app]),
  two: () => diagnosed([unit, server, login, active, app, root]),
  both: () => diagnosed([unit, root, ownership, keys, file, proxy]),
  warning: () => diagnosed([unit, ownership]),
  unprivileged: () => diagnosed([unit, keys, file]),
  unknown: () => diagnosed([proxy, keys]),
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
