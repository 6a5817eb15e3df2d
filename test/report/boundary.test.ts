import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {createSecrets} from '../../src/host/redactor.ts'

import {guarded, visibleReport} from '../../src/report/boundary.ts'
import type {Report} from '../../src/report/report.ts'
import {invalidities} from '../valid.ts'

/** A report with something in every field; every text that may come from the machine is `text`. */
function full(text: string): Report {
  const way = {
    summary: text,
    risk: 'safe' as const,
    steps: [{shell: text, argv: [text]}],
    nix: text,
    lasting: {file: text, text},
  }
  return {
    schemaVersion: 1,
    tool: {name: 'prism-doctor', version: '0.1.0'},
    platform: {id: 'debian', version: '13'},
    host: text,
    startedAt: '2026-11-23T08:00:00.000Z',
    durationMs: 412,
    error: {message: text},
    target: {
      unit: text,
      user: text,
      group: text,
      stateDirectory: text,
      staticRoot: text,
      package: text,
      workingDirectory: text,
      url: text,
      database: {host: text, port: 5432, name: text, user: text},
    },
    status: 'critical',
    counts: {ok: 0, warning: 0, critical: 1, unknown: 0, skipped: 0},
    rootCauses: ['database/server'],
    notLookedAt: ['state/space'],
    checks: [
      {
        id: 'database/server',
        group: 'database',
        title: 'PostgreSQL accepts connections',
        status: 'critical',
        durationMs: 12,
        causedBy: ['service/active'],
        skippedBecause: ['service/unit'],
        waived: {reason: text, until: '2026-12-31'},
        findings: [
          {
            code: 'refused',
            status: 'critical',
            message: text,
            since: '2026-11-23T03:12:07.000Z',
            evidence: [text, text],
            remedy: {...way, alternatives: [way]},
            waived: {reason: text, until: '2026-12-31'},
          },
        ],
        metrics: [{name: 'connections', value: 12, unit: 'seconds', direction: 'above'}],
      },
    ],
    fix: {
      run: '20261123T080000Z-4f1c',
      dryRun: false,
      before: {status: 'critical', rootCauses: ['database/server']},
      steps: [
        {
          check: 'database/server',
          shell: text,
          risk: 'disruptive',
          outcome: 'verified',
          reason: text,
        },
      ],
    },
  }
}

function strings(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(strings) : []
}

test('every text that may come from the machine is redacted, wherever the report has it', () => {
  const secrets = createSecrets()
  secrets.add('hunter2222')
  const report = guarded(full('is hunter2222'), secrets)
  expect(strings(report).filter(text => text.includes('hunter2222'))).toEqual([])
  expect(strings(report).filter(text => /^is redacted-[0-9a-f]{8}$/.test(text))).toHaveLength(32)
  expect(invalidities(report)).toEqual([])
})

test('what a later version adds and the schema does not know yet is redacted as well', () => {
  const secrets = createSecrets()
  secrets.add('hunter2222')
  const later = {...full('fine'), added: {deep: ['hunter2222']}}
  expect(JSON.stringify(guarded(later, secrets))).not.toContain('hunter2222')
})

test('lines that follow one another are one text: a secret may go from one to the next', () => {
  const secrets = createSecrets()
  secrets.add('hunter2222Lamp')
  const {checks, ...rest} = full('fine')
  const evidence = [
    'it is hunter22',
    '   22Lamp',
    'and password:',
    'TOKEN=tide9Glass',
    'tide9Glass',
  ]
  const report = guarded(
    {
      ...rest,
      checks: checks.map(check => ({
        ...check,
        findings: check.findings.map(finding => ({...finding, evidence})),
      })),
    },
    secrets,
  )
  const [shown] = report.checks.flatMap(({findings}) => findings.map(finding => finding.evidence))
  expect(shown?.map(line => line.replace(/redacted-[0-9a-f]{8}/, 'X'))).toEqual([
    'it is X',
    '',
    'and password:',
    'TOKEN=X',
    'X',
  ])
})

test('a password that is a word which programs compare does not change that word', () => {
  const secrets = createSecrets()
  const words = strings(full('')).filter(word => word !== '')
  for (const word of words) secrets.add(word)
  const report = guarded(full('it is critical'), secrets)
  expect(strings(report).filter(word => words.includes(word))).toEqual(words)
  expect(report.checks[0]?.findings[0]?.message).toMatch(/^it is redacted-[0-9a-f]{8}$/)
})

describe('a secret that one text gives away is hidden in all of them', () => {
  const telling = {
    message: 'cannot reach redis://:canaryValue@localhost:6379/0',
    evidence: 'ExecStart=gunicorn --env API_TOKEN=canaryValue',
    summary: "Run it with SECRET_KEY='canaryValue'",
    header: 'proxy_set_header X-Internal-Token canaryValue;',
  }
  test.each(Object.values(telling))('%s', text => {
    const {checks, error, target, fix, ...rest} = full('the word is canaryValue')
    const places: readonly Report[] = [
      {...rest, checks, target, error: {message: text}},
      {...rest, checks, error, target: {...target, url: text}},
      {
        ...rest,
        checks,
        error,
        target,
        fix: {
          ...(fix as NonNullable<typeof fix>),
          steps: [{check: 'a/b', shell: 'true', risk: 'safe', outcome: 'failed', reason: text}],
        },
      },
      {
        ...rest,
        error,
        target,
        checks: checks.map(check => ({...check, waived: {reason: text, until: null}})),
      },
      ...(['message', 'evidence', 'summary', 'shell', 'argv', 'nix', 'file', 'text'] as const).map(
        place => ({
          ...rest,
          error,
          target,
          checks: checks.map(check => ({
            ...check,
            findings: check.findings.map(finding => placed(finding, place, text)),
          })),
        }),
      ),
    ]
    for (const report of places) {
      const left = strings(guarded(report, createSecrets())).filter(each =>
        each.includes('canaryValue'),
      )
      expect(left).toEqual([])
    }
  })
})

type Finding = Report['checks'][number]['findings'][number]

/** The finding with a text in one place. */
function placed(finding: Finding, place: string, text: string): Finding {
  const {remedy} = finding
  if (place === 'message') return {...finding, message: text}
  if (place === 'evidence') return {...finding, evidence: [text]}
  if (!remedy) return finding
  const steps = [{shell: place === 'shell' ? text : 'true', argv: place === 'argv' ? [text] : null}]
  const lasting = {file: place === 'file' ? text : null, text: place === 'text' ? text : ''}
  const summary = place === 'summary' ? text : 'Do it'
  return {
    ...finding,
    remedy: {...remedy, summary, steps, lasting, nix: place === 'nix' ? text : null},
  }
}

describe('what was said at length is shortened', () => {
  const long = `ValueError: ${'far '.repeat(400)}(prism/wsgi.py, line 1)`
  const {checks, fix} = guarded(full(long), createSecrets())

  test('and keeps its end, which tells where', () => {
    const [finding] = checks[0]?.findings ?? []
    for (const text of [finding?.message, finding?.evidence[0], fix?.steps[0]?.reason]) {
      expect(text).toHaveLength(500)
      expect(text).toMatch(/^ValueError: far .*….* far \(prism\/wsgi\.py, line 1\)$/)
    }
  })

  test('what is typed, and names of things, are not', () => {
    const {remedy} = checks[0]?.findings[0] ?? {}
    const whole = [
      remedy?.summary,
      remedy?.steps[0]?.shell,
      remedy?.nix,
      remedy?.lasting?.text,
      fix?.steps[0]?.shell,
    ]
    for (const text of whole) expect(text).toBe(long)
  })

  test('evidence line by line', () => {
    const report = guarded(full(`${'a'.repeat(300)}\n${'b'.repeat(600)}\nc`), createSecrets())
    const lines = report.checks[0]?.findings[0]?.evidence[0]?.split('\n').map(({length}) => length)
    expect(lines).toEqual([300, 500, 1])
  })

  test('no character is cut in half', () => {
    for (const before of ['', 'a']) {
      const report = guarded(full(before + '🚀'.repeat(400)), createSecrets())
      expect(report.checks[0]?.findings[0]?.message.isWellFormed()).toBe(true)
    }
  })

  test('only when no secret is left in it, wherever that stands', () => {
    const secret = 'canaryOneTwoThree'
    fc.assert(
      fc.property(
        fc.integer({min: 0, max: 700}),
        fc.integer({min: 0, max: 700}),
        (before, after) => {
          const secrets = createSecrets()
          secrets.add(secret)
          const report = guarded(
            full(`${'a '.repeat(before)}${secret}${' b'.repeat(after)}`),
            secrets,
          )
          expect(JSON.stringify(report)).not.toMatch(/canary|Three/)
        },
      ),
    )
  })
})

test('a report that has been here before stays as it is', () => {
  fc.assert(
    fc.property(
      fc.string({unit: 'binary', maxLength: 12}),
      fc.integer({min: 0, max: 100}),
      (text, times) => {
        const secrets = createSecrets()
        const once = guarded(full(`TOKEN=canaryValue ${text.repeat(times)}`), secrets)
        expect(guarded(once, secrets)).toEqual(once)
      },
    ),
  )
})

test('for a terminal, what is one line becomes one, and what has lines keeps them', () => {
  const [check] = visibleReport(full('a\n  b\x1b')).checks
  const [finding] = check?.findings ?? []
  expect(finding).toMatchObject({
    message: 'a b\\e',
    evidence: ['a\n  b\\e', 'a\n  b\\e'],
    remedy: {
      summary: 'a b\\e',
      steps: [{shell: 'a\n  b\\e', argv: ['a\n  b\\e']}],
      nix: 'a\n  b\\e',
      lasting: {file: 'a b\\e', text: 'a\n  b\\e'},
    },
  })
  expect(check?.metrics[0]?.value).toBe(12)
})
