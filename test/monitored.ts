import {failedReport} from '../src/engine/diagnose.ts'
import {remedy} from '../src/remedies/remedy.ts'
import {ok} from '../src/report/finding.ts'
import type {Report} from '../src/report/report.ts'
import {byHand, hand, run} from '../src/report/step.ts'
import {critical, diagnosed, literalCheck, symptom, warning} from './literal.ts'

const restart = remedy('Restart the service', 'disruptive', [
  run('systemctl', 'restart', 'prism-django.service'),
])
const unit = literalCheck('service/unit', ok('prism-django.service is loaded'))

const space = literalCheck('state/space', {
  ...warning(
    'scarce',
    '/var/lib/prism-django is nearly full: 150 MiB of 3.0 GiB are left',
    remedy('Find out what grows', 'manual', [
      byHand('df', '-h', '/var/lib/prism-django'),
      hand('sudo du -xh -d 2 /var/lib/prism-django | sort -h | tail'),
    ]),
    {since: '2026-11-22T03:12:07Z'},
  ),
  metrics: [
    {
      name: 'state_free_bytes',
      value: 157_286_400,
      unit: 'bytes',
      direction: 'below',
      warning: 161_061_274,
      critical: 16_777_216,
      max: 3_221_225_472,
    },
    {name: 'state_free_inodes', value: 1e21, unit: '', direction: 'below', critical: 100},
  ],
})
const health = literalCheck('database/health', {
  ...ok('12 of 97 connections are in use'),
  metrics: [
    {name: 'connections', value: 12, unit: '', direction: 'above', warning: 87, max: 97},
    {name: 'lag', value: 1.5e-7, unit: 'seconds', direction: 'above'},
  ],
})

// Metrics keep the time of the first of one code.
const ownership = literalCheck('state/ownership', [
  warning('owner', 'b belongs to root', restart, {since: '2026-11-23T07:00:00Z'}),
  warning('owner', 'a belongs to root', restart, {since: '2026-11-23T06:00:00Z'}),
])

/** What has a meaning in each of the media, in all places that others fill. */
export const foreign =
  'a|b #c \\d "e" \'f\' <g>&amp; ]]> é € \u{1f600} \u0000\u001b[31m\u2028\ufffe\ud800 {h="i"} %j'
const odd = literalCheck('foreign/said-so', {
  ...critical(
    'odd',
    `it said ${foreign}\nnot ok 1 - more`,
    remedy(`Do ${foreign}`, 'manual', [hand(`echo ${foreign}`)]),
    {evidence: [`line ${foreign}\n  ...\n1..0`]},
  ),
  metrics: [
    // Other names of ours begin like these, or are made of the same words.
    {name: 'state_free_bytes_of_mine', value: 0.25, unit: '', direction: 'above'},
    {name: 'critical', value: 3, unit: 'ratio', direction: 'above', warning: 0.5},
  ],
})

const settings = literalCheck(
  'app/settings',
  critical('fails', 'the settings do not import', restart),
)
const app = literalCheck('http/app', symptom('refused', 'nobody answers', restart))
const manifest = literalCheck('static/manifest', ok('never asked'), {needs: [settings]})

/** Reports that monitors have to be told well, besides those of reports.ts. */
export const monitored = {
  measured: () => diagnosed([unit, space, ownership, health]),
  waived: () =>
    diagnosed([unit, settings, app, manifest, space], {
      waivers: [
        {check: 'app/settings', status: 'critical', reason: 'until #12', until: '2026-12-31'},
        {check: 'http/app', status: 'critical', reason: 'as above', until: '2026-12-31'},
      ],
    }),
  foreign: () => diagnosed([unit, odd, space], {hostname: `mid "ship" \\ ${foreign}`}),
  failed: async () => ({
    ...failedReport(
      'there are several Django services here:\n  a.service\n  b.service\nname one with --unit',
      'midship',
    ),
    startedAt: '2026-11-23T08:00:00.000Z',
  }),
  fixed: async () => ({
    ...(await diagnosed([unit, settings])),
    fix: {
      run: '20261123T080000Z-4f1c',
      dryRun: false,
      before: {status: 'critical' as const, rootCauses: ['app/settings', 'state/ownership']},
      steps: [
        {
          check: 'state/ownership',
          shell: 'sudo chown -hR prism:prism /var/lib/prism-django',
          risk: 'safe' as const,
          outcome: 'verified' as const,
          reason: null,
        },
        {
          check: 'app/settings',
          shell: 'sudo systemctl restart prism-django.service',
          risk: 'disruptive' as const,
          outcome: 'refused' as const,
          reason: 'app/settings still fails',
        },
      ],
    },
  }),
} as const satisfies Readonly<Record<string, () => Promise<Report>>>
