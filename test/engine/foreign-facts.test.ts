import {chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import type {Check} from '../../src/checks/check.ts'
import {checks as ours} from '../../src/checks/index.ts'
import {prefixOf} from '../../src/engine/foreign-facts.ts'
import {loadChecks} from '../../src/engine/third-party.ts'
import {memory} from '../../src/history/remember.ts'
import {CannotLook, type Host} from '../../src/host/host.ts'
import {ok} from '../../src/report/finding.ts'
import type {Report} from '../../src/report/report.ts'
import {ownPlace} from '../history/machine.ts'
import {critical, diagnosed, literalCheck, literalHost, pictured} from '../literal.ts'
import {machine} from '../machine.ts'

const unit = literalCheck('service/unit', ok('well'))

// Not below the temporary directory: anybody may write there, and root loads nothing from it.
let directory = ''

beforeAll(() => {
  directory = mkdtempSync(
    process.geteuid?.() === 0 ? '/var/lib/prism-doctor-test-' : '/tmp/prism-doctor-',
  )
  chmodSync(directory, 0o755)
})

afterAll(() => rmSync(directory, {recursive: true, force: true}))

let count = 0

/** A module of somebody else's, loaded as the configuration would have it. */
async function loaded(facts: string, id = 'queue/length'): Promise<readonly Check[]> {
  count += 1
  const path = `${directory}/checks-${count}.mjs`
  const explanation = "{why: 'Why.', asks: 'What.', findings: {}, mistakenFor: ''}"
  const run = "async run() { return {code: 'ok', status: 'ok', message: 'short'} }"
  const text = `export const checks = [{id: '${id}', title: 'The queue is short', explanation: ${explanation}, ${run}, ${facts}}]`
  writeFileSync(path, text, {mode: 0o644})
  return loadChecks([path], [unit])
}

const returning = (list: string): string => `facts: async () => ${list}`

async function remembered(
  place: string,
  checks: readonly Check[],
  host: Partial<Host> = {},
): Promise<Report> {
  return diagnosed(checks, {
    host: literalHost(host),
    remember: memory({directory: place, isWhole: true}),
  })
}

test('its facts stand below its own name, beside a fact of ours with the same name', async () => {
  const own: Check = {
    ...literalCheck('service/unit', ok('well')),
    facts: async () => [{name: 'unit/User', source: 'systemctl show', value: 'prism'}],
  }
  const list =
    "[{name: 'unit/User', source: 'me', value: 'let-me-in-9', secret: true, at: 5}, {whole: 'unit/'}]"
  const {facts, wholes, unseen} = await pictured([own, ...(await loaded(returning(list)))])
  expect([...unseen]).toEqual([])
  expect(facts.get('unit/User')).toMatchObject({value: 'prism', checks: ['service/unit']})
  expect(facts.get('check/queue/length/unit/User')).toEqual({
    name: 'check/queue/length/unit/User',
    source: 'me',
    value: 'let-me-in-9',
    secret: true,
    at: 5,
    checks: ['queue/length'],
  })
  expect([...wholes]).toEqual([['check/queue/length/unit/', ['queue/length']]])
})

test('no fact of ours is called like one of theirs', async () => {
  const {facts} = await pictured(ours, {host: machine('healthy')})
  expect(facts.size).toBeGreaterThan(100)
  const start = prefixOf('a/b').replace(/a\/b.*/, '')
  expect([...facts.keys()].filter(name => name.startsWith(start))).toEqual([])
})

test('a time that no date has is said to be none', async () => {
  const list = "[{name: 'a', source: 'me', value: 'b', at: 1.76e18}]"
  const {unseen} = await pictured(await loaded(returning(list)))
  expect(String([...unseen.values()][0])).toContain('0.at: must be milliseconds since the epoch')
})

test('a secret of theirs is hidden in the report of a machine at rest, and a word is not', async () => {
  const list =
    "[{name: 'a', source: 'me', value: 'let-me-in-9', secret: true}, {name: 'b', source: 'me', value: '5432', secret: true}]"
  const said = {...literalCheck('unit/own', ok('token let-me-in-9 at port 5432'))}
  const place = ownPlace()
  const checks = [said, ...(await loaded(returning(list)))]
  for (const _ of [1, 2, 3, 4]) {
    const report = JSON.stringify(await remembered(place, checks))
    expect(report).not.toContain('let-me-in-9')
    expect(report).toContain('at port 5432')
  }
})

test('a change of theirs is told, with what was there and what is', async () => {
  const place = ownPlace()
  const fact = (value: string) =>
    loaded(returning(`[{name: 'limit', source: '/etc/queue', value: '${value}'}]`))
  await remembered(place, [unit, ...(await fact('100'))])
  const broken = literalCheck(
    'service/unit',
    critical('missing', 'it is not there', {
      summary: 'Do it',
      risk: 'manual',
      steps: [],
      nix: null,
      lasting: null,
      alternatives: [],
    }),
  )
  const {history} = await remembered(place, [broken, ...(await fact('5'))])
  expect(history?.changes).toMatchObject([
    {name: 'check/queue/length/limit', old: '100', new: '5', source: '/etc/queue'},
  ])
})

test('no secret of theirs is kept or told', async () => {
  const place = ownPlace()
  const list = (end: string): string =>
    `[{name: 'token', source: 'me', value: 'canary-of-token-${end}', secret: true},
      {name: 'url', source: 'me', value: 'redis://:canary-of-url-${end}@127.0.0.1/0'},
      {name: 'known', source: 'me', value: 'see canary-that-is-known'}]`
  const host = literalHost()
  host.secrets.add('canary-that-is-known')
  const {secrets} = host
  await remembered(place, [unit, ...(await loaded(returning(list('one'))))], {secrets})
  const report = await remembered(place, [unit, ...(await loaded(returning(list('two'))))], {
    secrets,
  })
  expect(report.history?.note).toBeNull()
  const kept = readdirSync(place, {recursive: true, withFileTypes: true})
    .filter(entry => entry.isFile())
    .map(entry => readFileSync(`${entry.parentPath}/${entry.name}`, 'utf8'))
    .join('\n')
  expect(kept).toContain('check/queue/length/token')
  expect(kept + JSON.stringify(report)).not.toContain('canary')
  const change = report.history?.events[0]?.changes.map(({name}) => name)
  expect(change).toEqual(
    expect.arrayContaining(['check/queue/length/token', 'check/queue/length/url']),
  )
})

describe('what is no list of facts is said in one sentence, and costs nothing else', () => {
  const fact = (rest: string): string => returning(`[{name: 'a', source: 'me', ${rest}}]`)
  test.each([
    ['5', returning('5'), 'what it offers are no facts: must be a list'],
    ['nothing', 'facts() {}', 'what it offers are no facts: must be a list'],
    ['a number', fact('value: 5'), /no facts: 0\.value: .*string/],
    ['an unknown field', fact("value: '', owner: 'x'"), /no facts: 0\.owner: /],
    ['two lines', fact("value: 'a\\nb'"), /no facts: 0\.value: must be one line/],
    ['a terminal', fact("value: '\\u001b[31m'"), /no facts: 0\.value: must be one line/],
    ['a long value', fact("value: 'x'.repeat(5000)"), /0\.value: must not be longer than 4000/],
    ['secret: false', fact("value: '', secret: false"), /0\.secret: must be true/],
    ['at: NaN', fact("value: '', at: NaN"), /0\.at: /],
    ['no name', returning("[{name: '', source: 'me', value: ''}]"), /0\.name: must not be empty/],
    [
      'too many',
      returning("Array.from({length: 501}, (_, i) => ({name: 'n' + i, source: 'me', value: ''}))"),
      /must not be more than 500/,
    ],
    [
      'twice',
      returning("[{name: 'a', source: 'me', value: '1'}, {name: 'a', source: 'me', value: '2'}]"),
      /no facts: a is there twice/,
    ],
    ['a bug', 'async facts() { return none.of.it }', /^queue\/length: none is not defined$/],
    ['a bug at once', "facts() { throw 'no error' }", /^queue\/length: no error$/],
  ])('%s', async (_, facts, sentence) => {
    const report = await remembered(ownPlace(), [unit, ...(await loaded(facts))])
    expect(report.status).toBe('ok')
    expect(report.history?.note).toMatch(sentence)
    expect(report.history?.note).toMatch(/^queue\/length: /)
    expect(report.history?.note).not.toContain('\n')
  })

  test('it takes too long', {timeout: 10_000}, async () => {
    const facts = 'facts: () => new Promise(() => undefined)'
    const report = await remembered(ownPlace(), [unit, ...(await loaded(facts))])
    expect(report.history?.note).toBe('queue/length: its facts were not there within 5 s')
  })

  test('a secret in the sentence is hidden', async () => {
    const {secrets} = literalHost()
    secrets.add('canary-in-an-error')
    const facts = "facts() { throw new Error('no canary-in-an-error here') }"
    const report = await remembered(ownPlace(), [unit, ...(await loaded(facts))], {secrets})
    expect(report.history?.note).toMatch(/^queue\/length: no redacted-\w+ here$/)
  })

  test('what the machine does not tell is no fault of theirs', async () => {
    const facts =
      "facts: async ({host}) => [{name: 'a', source: 'me', value: await host.stat('/x')}]"
    const report = await remembered(ownPlace(), [unit, ...(await loaded(facts))], {
      stat: async () => {
        throw new CannotLook('it may not be read')
      },
    })
    expect(report.history?.note).toBeNull()
  })

  test('facts that are no function', async () => {
    await expect(loaded('facts: []')).rejects.toThrow(/checks\.0\.facts: must be a function/)
  })
})
