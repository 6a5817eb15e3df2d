import fc from 'fast-check'
import type {CheckId, Status} from '../src/report/finding.ts'
import type {Report} from '../src/report/report.ts'
import {rank, worst} from '../src/report/report.ts'
import {foreign} from './monitored.ts'

/** What has a meaning in one of the media, and what is no text at all. */
const signs = [
  ...foreign,
  '\n',
  '\r\n',
  '\t',
  '\0',
  '\x85',
  '\ufffe',
  '\uffff',
  '\ud800',
  '\udc00',
  '…',
  ']]>',
  '<!--',
  '---',
  '...',
  '# TODO',
  ' # SKIP ',
  '\nBail out!',
  '\nok 1',
  '\n1..0',
  '\n# TYPE x gauge',
  '{x="',
  '"} 1',
] as const

const anyText = fc
  .array(fc.oneof(fc.constantFrom(...signs), fc.string({unit: 'binary', maxLength: 6})), {
    maxLength: 8,
  })
  .map(parts => parts.join(''))
const sentence = anyText.map(text => `x${text}`)
const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,12}$/)
const time = fc
  .date({min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true})
  .map(date => date.toISOString())
const number = fc.double({noNaN: true, noDefaultInfinity: true})

const way = fc.record({
  summary: sentence,
  risk: fc.constantFrom('safe', 'disruptive', 'manual'),
  steps: fc.array(fc.record({shell: anyText, argv: fc.constant(null)}), {maxLength: 2}),
  nix: fc.option(anyText),
  lasting: fc.option(fc.record({file: fc.option(anyText), text: anyText})),
})
const waived = fc.option(fc.record({reason: anyText, until: fc.constant('2026-12-31')}), {freq: 3})
const bad = fc.constantFrom<'warning' | 'critical' | 'unknown' | 'ok'>(
  'warning',
  'critical',
  'unknown',
  'ok',
)
const unexplained = fc.option(
  fc.record({
    ruledOut: fc.constant<string[]>(['a/b', 'c/d']),
    experiments: fc.array(
      fc.record({check: fc.constant('a/b'), rulesOut: sentence, outcome: sentence}),
      {maxLength: 2},
    ),
    lines: fc.array(anyText, {maxLength: 2}),
  }),
)
const finding = fc
  .record({
    code: word,
    status: bad,
    message: sentence,
    since: fc.option(time),
    evidence: fc.array(anyText, {maxLength: 2}),
    remedy: fc.option(
      fc
        .tuple(way, fc.array(way, {maxLength: 1}))
        .map(([first, alternatives]) => ({...first, alternatives})),
    ),
    waived,
    unexplained,
  })
  .map(({unexplained, ...rest}) => (unexplained ? {...rest, unexplained} : rest))

const metric = fc.record(
  {
    // Names that meet those of other checks, and of the run, when they are put together.
    name: fc.oneof(
      fc.constantFrom('seconds', 'connections', 'state_free_bytes', 'c_d', 'time'),
      fc.stringMatching(/^[a-z][a-z0-9_]{0,30}$/),
    ),
    value: number,
    unit: fc.constantFrom('', 'seconds', 'bytes', 'ratio'),
    direction: fc.constantFrom('above', 'below'),
    warning: number,
    critical: number,
    max: number,
  },
  {requiredKeys: ['name', 'value', 'unit', 'direction']},
)

const experiment = fc.record({
  outcome: sentence,
  rulesOut: fc.option(sentence),
  runs: fc.integer({min: 0, max: 99}),
  durationMs: fc.integer({min: 0, max: 1e7}),
})

const id = fc.oneof(
  fc.constantFrom<CheckId>('check/duration', 'a/b-c', 'a-b/c', 'run/x', 'state/space'),
  fc.tuple(word, word).map(([group, name]): CheckId => `${group}/${name}`),
)

const check = fc
  .record({
    id,
    title: sentence.map(text => text.replace(/\s/g, ' ')),
    durationMs: fc.integer({min: 0, max: 1e7}),
    waived,
    findings: fc.array(finding, {minLength: 1, maxLength: 3}),
    metrics: fc.array(metric, {maxLength: 3}),
    experiments: fc.option(fc.array(experiment, {minLength: 1, maxLength: 2})),
    skipped: fc.boolean(),
  })
  .map(({skipped, findings, experiments, ...rest}) => ({
    ...rest,
    ...(experiments && {experiments}),
    group: rest.id.slice(0, rest.id.indexOf('/')),
    findings: skipped ? [] : [...findings].sort((a, b) => rank(b.status) - rank(a.status)),
    status: skipped ? ('skipped' as const) : worst(findings.map(({status}) => status)),
    causedBy: [] as CheckId[],
    skippedBecause: skipped ? (['service/unit'] as CheckId[]) : [],
  }))

const change = fc.record({
  name: sentence,
  source: anyText,
  kind: fc.constantFrom<'changed' | 'added' | 'removed'>('changed', 'added', 'removed'),
  old: fc.option(anyText),
  new: fc.option(anyText),
  secret: fc.boolean(),
  at: fc.option(time),
  checks: fc.constant<string[]>(['check/duration', 'a/b-c']),
})
const changes = fc.array(change, {maxLength: 4})
const overall = fc.constantFrom<'warning' | 'critical' | 'unknown' | 'ok'>(
  'warning',
  'critical',
  'unknown',
  'ok',
)
const event = fc.record({
  at: time,
  status: overall,
  rootCauses: fc.array(fc.record({check: fc.constant('a/b-c'), message: anyText}), {maxLength: 2}),
  changes,
  more: fc.integer({min: 0, max: 3}),
})
const history = fc.record({
  lastHealthy: fc.option(time),
  since: fc.option(time),
  comparedWith: fc.option(
    fc.record({at: time, status: fc.constantFrom<'ok' | 'warning'>('ok', 'warning')}),
  ),
  compared: fc.integer({min: 0, max: 3}),
  changes,
  more: fc.integer({min: 0, max: 3}),
  events: fc.array(event, {maxLength: 3}),
  note: fc.option(anyText),
})

/** Reports that a run might make if every word in them came from an enemy. */
export const anyReport: fc.Arbitrary<Report> = fc
  .record({
    host: anyText,
    unit: fc.option(anyText),
    startedAt: time,
    durationMs: fc.integer({min: 0, max: 1e7}),
    error: fc.option(fc.record({message: sentence}), {freq: 6}),
    checks: fc.uniqueArray(check, {minLength: 1, maxLength: 6, selector: each => each.id}),
    history: fc.option(history),
  })
  .map(({unit, error, checks: made, history, ...run}) => {
    const checks = error ? [] : made
    const counting = checks.filter(each => each.waived === null)
    const idsOf = (...statuses: readonly Status[]): CheckId[] =>
      counting.filter(({status}) => statuses.includes(status)).map(each => each.id)
    const statuses = counting.map(({status}) => status).filter(status => status !== 'skipped')
    return {
      schemaVersion: 1,
      tool: {name: 'prism-doctor', version: '0.0.0'},
      platform: null,
      ...run,
      error,
      target: {
        unit,
        user: null,
        group: null,
        stateDirectory: null,
        staticRoot: null,
        package: null,
        workingDirectory: null,
        url: null,
        database: null,
      },
      status: error ? 'unknown' : worst(statuses),
      counts: {
        ok: idsOf('ok').length,
        warning: idsOf('warning').length,
        critical: idsOf('critical').length,
        unknown: idsOf('unknown').length,
        skipped: idsOf('skipped').length,
      },
      rootCauses: idsOf('critical', 'warning'),
      notLookedAt: idsOf('unknown'),
      checks,
      ...(history && {history}),
    }
  })
