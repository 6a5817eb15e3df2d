import {expect, test} from 'vitest'
import type {Check, CheckOf} from '../../src/checks/check.ts'
import {failedReport} from '../../src/engine/diagnose.ts'
import {matches} from '../../src/engine/names.ts'
import {select} from '../../src/engine/select.ts'
import {CannotLook, NotStated} from '../../src/host/host.ts'
import {remedy} from '../../src/remedies/remedy.ts'
import {type CheckId, ok} from '../../src/report/finding.ts'
import {
  critical,
  diagnosed,
  literalCheck,
  literalHost,
  refused,
  statuses,
  warning,
} from '../literal.ts'

const cure = remedy('Do something', 'manual', [])
const broken = critical('broken', 'it is broken', cure)
const odd = warning('odd', 'it is odd', cure)

test('what needs a broken check is skipped, and so is what needs that', async () => {
  const base = literalCheck('a/base', broken)
  const middle = literalCheck('a/middle', ok('fine'), {needs: [base]})
  const top = literalCheck('a/top', ok('fine'), {needs: [middle]})
  const report = await diagnosed([base, middle, top])
  expect(statuses(report)).toEqual({
    'a/base': 'critical',
    'a/middle': 'skipped',
    'a/top': 'skipped',
  })
  expect(report.checks.map(({skippedBecause}) => skippedBecause)).toEqual([
    [],
    ['a/base'],
    ['a/middle'],
  ])
  expect(report.counts).toEqual({ok: 0, warning: 0, critical: 1, unknown: 0, skipped: 2})
})

test('a need that only warns does not stop what needs it', async () => {
  const base = literalCheck('a/base', odd)
  const report = await diagnosed([base, literalCheck('a/top', ok('fine'), {needs: [base]})])
  expect(statuses(report)).toEqual({'a/base': 'warning', 'a/top': 'ok'})
})

test('a need that could not be looked at makes what needs it skipped, not unknown', async () => {
  const base = literalCheck('a/base', refused)
  const report = await diagnosed([base, literalCheck('a/top', ok('fine'), {needs: [base]})])
  expect(statuses(report)).toEqual({'a/base': 'unknown', 'a/top': 'skipped'})
  expect(report.status).toBe('unknown')
  expect(report.notLookedAt).toEqual(['a/base'])
  expect(report.rootCauses).toEqual([])
})

test('a check runs once, however many need it', async () => {
  let runs = 0
  const base = literalCheck('a/base', async () => {
    runs += 1
    return ok('fine')
  })
  const dependents = [1, 2, 3].map(n => literalCheck(`a/top${n}`, ok('fine'), {needs: [base]}))
  await diagnosed([...dependents, base])
  expect(runs).toBe(1)
})

test('the status of a check is that of its worst finding, and findings come worst first', async () => {
  const report = await diagnosed([literalCheck('a/several', [ok('fine'), odd, broken])])
  expect(report.checks[0]?.status).toBe('critical')
  expect(report.checks[0]?.findings.map(({status}) => status)).toEqual([
    'critical',
    'warning',
    'ok',
  ])
})

test('nobody could look: unknown, with whether root would have seen it', async () => {
  const report = await diagnosed([
    literalCheck('a/denied', refused),
    literalCheck('a/missing', new CannotLook('systemctl is not installed')),
  ])
  expect(report.checks.map(({findings}) => findings[0]?.code)).toEqual(['privilege', 'not-looked'])
})

const notStated = new NotStated(
  'which database the service uses is not known: the settings could not be imported',
)

test('what nobody stated is skipped where Django is known to fail at stating it', async () => {
  const settings = literalCheck('app/settings', broken)
  const needs = literalCheck('a/needs', notStated)
  const after = literalCheck('a/after', ok('fine'), {needs: [needs]})
  const report = await diagnosed([settings, needs, after])
  expect(statuses(report)).toEqual({
    'app/settings': 'critical',
    'a/needs': 'skipped',
    'a/after': 'skipped',
  })
  expect(report.checks.map(({skippedBecause}) => skippedBecause)).toEqual([
    [],
    ['app/settings'],
    ['a/needs'],
  ])
  expect(report.rootCauses).toEqual(['app/settings'])
  expect(report.notLookedAt).toEqual([])
})

test.each([
  ['Django is well', ok('fine')],
  ['Django could not be asked', new CannotLook('no systemd-run')],
  ['only a warning is known', odd],
])('what nobody stated is unknown where %s', async (_, says) => {
  const report = await diagnosed([
    literalCheck('app/settings', says),
    literalCheck('a/needs', notStated),
  ])
  expect(report.checks[1]).toMatchObject({
    status: 'unknown',
    skippedBecause: [],
    findings: [{code: 'not-stated', message: notStated.message, remedy: null}],
  })
  expect(report.rootCauses).not.toContain('a/needs')
})

test('what nobody stated is unknown where nobody asked Django, and nothing waits for it', async () => {
  const report = await diagnosed([literalCheck('a/needs', notStated)])
  expect(report.checks[0]).toMatchObject({status: 'unknown', findings: [{code: 'not-stated'}]})
  const itself = await diagnosed([literalCheck('app/settings', notStated)])
  expect(itself.checks[0]).toMatchObject({status: 'unknown', findings: [{code: 'not-stated'}]})
})

test('what only root could have asked Django says so', async () => {
  const forRoot = new NotStated('it is not known: only root can ask', {privilege: true})
  const report = await diagnosed([
    literalCheck('app/settings', refused),
    literalCheck('a/needs', forRoot),
  ])
  expect(report.checks.map(({findings}) => findings[0]?.code)).toEqual(['privilege', 'privilege'])
})

test('a check that crashes is unknown, and the others still answer', async () => {
  const report = await diagnosed([
    literalCheck('a/bug', new TypeError('x is undefined')),
    literalCheck('b/fine', ok('fine')),
  ])
  expect(statuses(report)).toEqual({'a/bug': 'unknown', 'b/fine': 'ok'})
  expect(report.checks[0]?.findings[0]).toMatchObject({
    code: 'crashed',
    message: 'this check failed: x is undefined',
    evidence: [],
  })
})

test('a check that says nothing is a bug, never ok', async () => {
  expect((await diagnosed([literalCheck('a/silent', [])])).status).toBe('unknown')
})

test('at the deadline what is done is reported and the rest is unknown', async () => {
  const hangs = literalCheck('a/hangs', () => new Promise<never>(() => undefined))
  const fine = literalCheck('b/fine', ok('fine'))
  const waits = literalCheck('c/waits', ok('fine'), {needs: [hangs]})
  const report = await diagnosed([hangs, fine, waits], {deadline: 30})
  expect(statuses(report)).toEqual({'a/hangs': 'unknown', 'b/fine': 'ok', 'c/waits': 'skipped'})
  expect(report.checks[0]?.findings[0]?.message).toBe(
    "cut off by the run's deadline of 0.03 s (--timeout)",
  )
})

test('a machine that does not even say what the unit is makes everything unknown in time', async () => {
  const host = literalHost({units: () => new Promise<never>(() => undefined)})
  const report = await diagnosed([literalCheck('a/check', ok('fine'))], {host, deadline: 30})
  expect(report.status).toBe('unknown')
  expect(report.target.unit).toBe('prism-django.service')
})

test('without systemd nothing is called critical', async () => {
  const units = async () => {
    throw new CannotLook(
      'systemctl cannot ask systemd: System has not been booted with systemd as init system',
    )
  }
  const report = await diagnosed([literalCheck('a/check', broken)], {host: literalHost({units})})
  expect(report.status).toBe('unknown')
  expect(report.checks[0]?.findings[0]?.message).toContain(
    'System has not been booted with systemd',
  )
})

test('skipped raises nothing, unknown is better than a warning', async () => {
  const unknown = literalCheck('a/unknown', refused)
  expect((await diagnosed([unknown, literalCheck('a/odd', odd)])).status).toBe('warning')
  expect((await diagnosed([unknown, literalCheck('a/fine', ok('fine'))])).status).toBe('unknown')
})

test('whoever watches is given every check and its end', async () => {
  const seen: string[] = []
  await diagnosed([literalCheck('a/one', ok('fine')), literalCheck('a/two', broken)], {
    watch: (check, outcome) => {
      outcome.then(({status}) => seen.push(`${check.id} ${status}`))
    },
  })
  expect(seen.sort()).toEqual(['a/one ok', 'a/two critical'])
})

test('every string of a report goes through the redactor', async () => {
  const leak = critical(
    'leak',
    'the password is hunter22',
    remedy(
      'Tell hunter22',
      'manual',
      [{shell: 'echo hunter22', argv: ['echo', 'hunter22']}],
      'x = "hunter22";',
    ),
    {
      evidence: ['hunter22'],
    },
  )
  const host = literalHost()
  host.secrets.add('hunter22')
  const report = await diagnosed(
    [literalCheck('a/leak', leak), literalCheck('a/crash', new Error('hunter22'))],
    {host},
  )
  expect(JSON.stringify(report)).not.toContain('hunter22')
})

const isSymptom = {findings: {off: {status: 'critical', kind: 'symptom'}}} as const

test('naming a check brings what it needs, and where it may be a symptom all that stands below', () => {
  const needed = literalCheck('a/needed', ok('fine'))
  const below = literalCheck('b/below', ok('fine'))
  const beside = literalCheck('c/beside', ok('fine'))
  const named = literalCheck('c/named', ok('fine'), {needs: [needed]})
  const above = literalCheck('d/above', ok('fine'), isSymptom)
  const layerOf = (id: string): number => id.charCodeAt(0)
  const registry = [needed, below, beside, named, above]
  const ids = (names: readonly string[], skipped: readonly string[] = []) =>
    select(registry, names, skipped, layerOf).map(({id}) => id)
  expect(ids(['c/named'])).toEqual(['a/needed', 'c/named'])
  expect(ids(['d'])).toEqual(['a/needed', 'b/below', 'c/beside', 'c/named', 'd/above'])
  expect(ids([])).toHaveLength(5)
  expect(ids([], ['a', 'd/above'])).toEqual(['b/below', 'c/beside', 'c/named'])
})

test('naming a check that depends on what Django says brings what tells why it may say nothing', () => {
  const facts = literalCheck('app/settings', ok('fine'))
  const database = literalCheck('database/server', ok('fine'))
  const unit = literalCheck('service/unit', ok('fine'))
  const registry = [unit, database, facts]
  const ids = (...names: readonly string[]) => select(registry, names, []).map(({id}) => id)
  expect(ids('database')).toEqual(['database/server', 'app/settings'])
  expect(ids('service')).toEqual(['service/unit'])
  expect(select(registry, ['database'], ['app']).map(({id}) => id)).toEqual(['database/server'])
})

test('a need hands its result on, and is asked once, however many want it and whether it was left out or not', async () => {
  let runs = 0
  const base: CheckOf<string, {readonly pages: number}> = {
    ...literalCheck('a/base', ok('fine')),
    run: async () => {
      runs += 1
      return {findings: [ok('fine')], result: {pages: 7}}
    },
  }
  const wants = (id: CheckId): Check => ({
    ...literalCheck(id, ok('fine')),
    needs: [base],
    run: async ({resultOf}) => ok(`${(await resultOf(base)).pages} pages`),
  })
  const messages = async (...checks: readonly Check[]) =>
    (await diagnosed(checks)).checks.map(({findings}) => findings[0]?.message)
  expect(await messages(base, wants('a/one'), wants('a/two'))).toEqual([
    'fine',
    '7 pages',
    '7 pages',
  ])
  expect(runs).toBe(1)
  expect(await messages(wants('a/one'))).toEqual(['7 pages'])
})

test('whoever wants a result that there is none of could not look', async () => {
  const base: CheckOf<string, {readonly pages: number}> = {
    ...literalCheck('a/base', ok('fine')),
    run: async () => critical('broken', 'it is broken', cure),
  }
  const wants: Check = {
    ...literalCheck('a/wants', ok('fine')),
    run: async ({resultOf}) => ok(`${(await resultOf(base)).pages} pages`),
  }
  expect((await diagnosed([wants])).checks[0]?.findings[0]).toMatchObject({
    code: 'not-looked',
    message: 'a/base did not tell what it found: it is broken',
  })
})

test('a need that was left out does not hold anything up', async () => {
  const base = literalCheck('a/base', broken)
  const top = literalCheck('a/top', ok('fine'), {needs: [base]})
  expect(statuses(await diagnosed([top]))).toEqual({'a/top': 'ok'})
})

test('what a need that was left out needs, must pass all the same', async () => {
  const base = literalCheck('a/base', broken)
  const middle = literalCheck('a/middle', ok('fine'), {needs: [base]})
  const top = literalCheck('a/top', ok('fine'), {needs: [middle, base]})
  const report = await diagnosed([base, top])
  expect(statuses(report)).toEqual({'a/base': 'critical', 'a/top': 'skipped'})
  expect(report.checks[1]?.skippedBecause).toEqual(['a/base'])
})

test('patterns', () => {
  expect(matches('static', 'static/root')).toBe(true)
  expect(matches('static/*', 'static/root')).toBe(true)
  expect(matches('static/root', 'static/root')).toBe(true)
  expect(matches('stat', 'static/root')).toBe(false)
  expect(matches('static/ro', 'static/root')).toBe(false)
})

test('a run that never started is a report, too', () => {
  expect(failedReport('no such flag', 'midship')).toMatchObject({
    status: 'unknown',
    error: {message: 'no such flag'},
    checks: [],
    target: {unit: null, database: null},
  })
})
