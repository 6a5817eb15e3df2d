import type {Check} from '../src/checks/check.ts'
import {CannotLook} from '../src/host/host.ts'
import {or, remedy} from '../src/remedies/remedy.ts'
import {type CheckId, ok, type Remedy} from '../src/report/finding.ts'
import type {FixReport, Report} from '../src/report/report.ts'
import {byHand, edit, hand, run} from '../src/report/step.ts'
import {critical, diagnosed, literalCheck, refused, symptom, warning} from './literal.ts'
import {reports} from './reports.ts'

const store = '/nix/store/f43b84jfakyi5rivv0nyshlsbns1vqm9-prism-django-unstable'
const restart = remedy('Restart the service', 'disruptive', [
  run('systemctl', 'restart', 'prism-django.service'),
])

/** A cause with everything that a remedy may have. */
const password: Remedy = {
  ...or(
    remedy(
      'Write the password of the role into the secrets file, then restart',
      'manual',
      [edit('/etc/prism/secrets.env'), run('systemctl', 'restart', 'prism-django.service')],
      null,
    ),
    remedy('Give the role the password that the service has', 'disruptive', [
      hand("sudo -u postgres psql -c '\\password prism'"),
    ]),
    remedy(
      'Let the service log in without one',
      'manual',
      [run('nixos-rebuild', 'switch')],
      'services.postgresql.authentication = "local all all peer";',
    ),
  ),
  lasting: {file: '/etc/prism/secrets.env', text: 'POSTGRES_PASSWORD=…\nPOSTGRES_USER=prism\n'},
}

/** Four independent causes, and twenty checks that follow from one or several of them. */
function manyChecks(): readonly Check[] {
  const login = literalCheck('database/login', [
    critical('wrong-password', 'PostgreSQL refuses the password of role "prism"', password, {
      since: '2026-11-21T22:40:00.000Z',
      evidence: ['FATAL:  password authentication failed for user "prism"'],
    }),
    warning('no-expiry', 'role "prism" has a password that never expires', restart),
  ])
  const manifest = literalCheck(
    'static/manifest',
    critical(
      'cut-off',
      `Django cannot load ${store}/share/staticfiles.json: its JSON ends after 4000 characters`,
      remedy('Move the manifest aside, then collect anew and restart', 'safe', [
        run('mv', '-T', '--', `${store}/staticfiles.json`, `${store}/staticfiles.json.broken`),
        run('systemctl', 'restart', 'prism-django.service'),
      ]),
      {
        since: '2026-11-23T07:59:30.000Z',
        evidence: [
          'Traceback (most recent call last):\n  File "/srv/views.py", line 7\nValueError: no JSON',
        ],
      },
    ),
  )
  const space = literalCheck(
    'state/space',
    critical(
      'full',
      '12.0 MiB for /var/lib/prism-django left',
      remedy('Make room', 'manual', [byHand('du', '-xh', '--max-depth=2', '/var/lib')]),
      {
        metrics: [
          {
            name: 'state_free_bytes',
            value: 12_582_912,
            unit: 'bytes',
            direction: 'below',
            warning: 67_108_864,
            critical: 16_777_216,
            max: 1_073_741_824,
          },
          {name: 'oldest_seconds', value: 1.2345, unit: 'seconds', direction: 'above'},
        ],
      },
    ),
  )
  const owner = literalCheck(
    'state/ownership',
    warning(
      'owner',
      '/var/lib/prism-django/media belongs to root',
      remedy('Give the directory to the service', 'safe', [
        run('chown', '-h', 'prism:prism', '/var/lib/prism-django/media'),
      ]),
    ),
  )
  const file = literalCheck('secrets/file', refused)
  const because = (id: CheckId, ...causes: readonly CheckId[]): Check =>
    literalCheck(
      id,
      symptom('failing', `${id} fails, since it needs ${causes.join(' and ')}`, restart, {
        because: causes,
      }),
    )
  const needing = (id: CheckId, ...needs: readonly Check[]): Check =>
    literalCheck(id, ok('never asked'), {needs})
  const exists = needing('database/exists', login)
  const migrations = needing('database/migrations', exists)
  return [
    login,
    manifest,
    space,
    owner,
    because('service/active', 'database/login', 'static/manifest'),
    because('http/app', 'service/active', 'state/space'),
    because('http/proxy', 'http/app'),
    because('static/served', 'http/proxy'),
    because('service/journal', 'database/login', 'static/manifest', 'state/space'),
    because('http/tls', 'state/space'),
    because('other/mail', 'service/active'),
    because('other/queue', 'database/login'),
    because('other/backup', 'state/space'),
    exists,
    migrations,
    needing('database/privileges', exists),
    needing('database/health', exists),
    needing('app/superuser', exists, migrations),
    needing('static/integrity', manifest),
    needing('static/fresh', manifest),
    needing('static/compressed', manifest),
    needing('state/uploads', owner),
    needing('state/thumbnails', owner),
    needing('state/inodes', space),
    file,
    literalCheck('app/deploy', new CannotLook('nginx is not installed (looked in /usr/sbin)')),
    needing('secrets/keys', file),
  ]
}

/** What was meant to break a page: markup, scripts, quotes, templates, controls. */
export const hostile =
  `</style></script><script>window.hacked=1</script><img src=x onerror="window.hacked=2">` +
  `"' onmouseover='window.hacked=3' --> ]]> &lt;b&gt; \${1} {{1}} javascript:x \u202eevil\x1b[2J`

const word = `/nix/store/${'0123456789abcdfghijklmnpqrsvwxyz'.repeat(12)}`

/** A report in which every text is this one. */
export async function saying(text: string): Promise<Report> {
  const way = remedy(text, 'manual', [hand(text), hand(`${text}\n${text}`)], text)
  const report = await diagnosed(
    [
      literalCheck('a/cause', [
        critical('evil', text, or(way, way, {...way, nix: null}), {evidence: [text, `a\n${text}`]}),
        warning('evil-too', text, way),
      ]),
      literalCheck('b/unknown', new Error(text)),
      literalCheck('c/waived', warning('known', text, way)),
      literalCheck('d/symptom', symptom('follows', text, way, {because: ['a/cause']})),
    ],
    {
      hostname: text,
      waivers: [{check: 'c/waived', status: 'warning', reason: text, until: '2026-12-31'}],
    },
  )
  const target = {
    unit: text,
    user: text,
    group: text,
    stateDirectory: text,
    staticRoot: text,
    package: text,
    workingDirectory: text,
    url: text,
    database: {host: text, port: 1, name: text, user: text},
  }
  const fix = fixed('failed', 'refused')
  return {
    ...report,
    target,
    error: {message: text},
    platform: {id: text, version: text},
    fix: {...fix, steps: fix.steps.map(step => ({...step, shell: text, reason: text}))},
  }
}

function fixed(...outcomes: readonly FixReport['steps'][number]['outcome'][]): FixReport {
  return {
    run: '20261123T080000Z-4f1c',
    dryRun: false,
    before: {status: 'critical', rootCauses: ['state/ownership']},
    steps: outcomes.map(outcome => ({
      check: 'state/ownership',
      shell: 'sudo chown -h prism:prism /var/lib/prism-django/media',
      risk: 'safe',
      outcome,
      reason: outcome === 'refused' ? 'a link leads out of /var/lib/prism-django' : null,
    })),
  }
}

async function withWaivers(count: number): Promise<Report> {
  const names = Array.from({length: count}, (_, at) => `known/problem-${at + 1}` as CheckId)
  return diagnosed(
    [
      literalCheck('service/unit', ok('prism-django.service is loaded')),
      ...names.map(id =>
        literalCheck(id, warning('known', `${id} is not as it should be`, restart)),
      ),
    ],
    {
      waivers: names.map(check => ({
        check,
        status: 'warning' as const,
        reason: 'the new server arrives in January',
        until: '2027-01-31',
      })),
    },
  )
}

/** Why a run did not start, as src/cli/failure.ts reports it. */
async function notStarted(): Promise<Report> {
  const {target} = await reports.healthy()
  return {
    ...(await diagnosed([])),
    status: 'unknown',
    platform: null,
    error: {message: '/etc/prism-doctor/config.toml: line 3 has no value;\nwrite one'},
    target: {...target, unit: null},
  }
}

/** More reports than the text needs: what a page has to look right with. */
export const pages = {
  ...reports,
  many: () => diagnosed(manyChecks()),
  known: () => withWaivers(2),
  waivers: () => withWaivers(30),
  fixed: async () => ({
    ...(await reports.both()),
    fix: fixed('verified', 'ineffective', 'failed', 'refused', 'declined', 'unneeded'),
  }),
  planned: async () => ({...(await reports.warning()), fix: fixed('planned')}),
  unfixable: async () => ({...(await reports.one()), fix: fixed()}),
  error: notStarted,
  hostile: () => saying(hostile),
  long: () => saying(word),
} as const satisfies Readonly<Record<string, () => Promise<Report>>>
