import {chmodSync, readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {storeIn} from '../../src/history/store.ts'
import {CannotLook} from '../../src/host/host.ts'
import {createSecrets} from '../../src/host/redactor.ts'
import {remedy} from '../../src/remedies/remedy.ts'
import {ok} from '../../src/report/finding.ts'
import type {Report} from '../../src/report/report.ts'
import {critical, warning} from '../literal.ts'
import {look, offering, ownPlace} from './machine.ts'

const cure = remedy('Do something', 'manual', [])
const broken = critical('broken', 'it is broken', cure)
const odd = warning('odd', 'it is odd', cure)

/** "unit/MemoryMax 512M 64M": what a report says has changed. */
function changes({history}: Report): readonly string[] {
  return (history?.changes ?? []).map(({name, kind, old, new: now}) =>
    [name, kind === 'changed' ? '' : kind, old, now].filter(Boolean).join(' '),
  )
}

const history = (place: string): string => join(place, 'history/prism-django.service.jsonl')

test('what changed since it was last healthy is told, old and new, and when', async () => {
  const place = ownPlace()
  await look(place, {at: '2026-11-27T02:00:00.000Z', facts: {'unit/MemoryMax': '512M'}})
  await look(place, {at: '2026-11-27T02:10:00.000Z', facts: {'unit/MemoryMax': '512M'}})
  const report = await look(place, {
    at: '2026-11-27T03:20:00.000Z',
    facts: {'unit/MemoryMax': {value: '64M', at: Date.parse('2026-11-27T03:05:00.000Z')}},
    says: broken,
  })
  const change = {
    name: 'unit/MemoryMax',
    source: 'a test',
    kind: 'changed',
    old: '512M',
    new: '64M',
    secret: false,
    at: '2026-11-27T03:05:00.000Z',
    checks: ['unit/own'],
  }
  expect(report.history).toEqual({
    lastHealthy: '2026-11-27T02:10:00.000Z',
    since: '2026-11-27T03:20:00.000Z',
    comparedWith: {at: '2026-11-27T02:10:00.000Z', status: 'ok'},
    compared: 1,
    changes: [change],
    more: 0,
    events: [
      {
        at: '2026-11-27T03:20:00.000Z',
        status: 'critical',
        rootCauses: [{check: 'unit/own', message: 'it is broken'}],
        changes: [change],
        more: 0,
      },
      {at: '2026-11-27T02:00:00.000Z', status: 'ok', rootCauses: [], changes: [], more: 0},
    ],
    note: null,
  })
  expect(report.checks[0]?.changes).toEqual([change])
})

test('a run that finds nothing new adds no line', async () => {
  const place = ownPlace()
  const facts = {
    'unit/MemoryMax': '512M',
    'environment/KEY': {value: 'hunter22', secret: true},
  } as const
  await look(place, {at: '2026-11-27T02:00:00.000Z', facts: {...facts}})
  const before = readFileSync(history(place))
  await look(place, {at: '2026-11-27T02:05:00.000Z', facts: {...facts}})
  expect(readFileSync(history(place))).toEqual(before)
  await look(place, {at: '2026-11-27T02:10:00.000Z', facts, says: broken})
  const bad = readFileSync(history(place))
  await look(place, {at: '2026-11-27T02:15:00.000Z', facts, says: broken})
  expect(readFileSync(history(place))).toEqual(bad)
})

test('everything there is root’s alone', async () => {
  const place = ownPlace()
  await look(place, {at: '2026-11-27T02:00:00.000Z', facts: {a: '1'}})
  const directory = join(place, 'history')
  expect(statSync(directory).mode & 0o777).toBe(0o700)
  for (const name of readdirSync(directory))
    expect(statSync(join(directory, name)).mode & 0o777, name).toBe(0o600)
})

describe('what is not there', () => {
  const list = {
    facts: {'distribution/django': '5.1', 'distribution/six': '1'},
    wholes: ['distribution/'],
  }

  test('is gone where all of its kind were seen both times, and new likewise', async () => {
    const place = ownPlace()
    await look(place, {at: '2026-11-27T02:00:00.000Z', ...list})
    const report = await look(place, {
      at: '2026-11-27T02:10:00.000Z',
      facts: {'distribution/django': '5.1', 'distribution/redis': '5'},
      wholes: ['distribution/'],
      says: broken,
    })
    expect(changes(report)).toEqual(['distribution/redis added 5', 'distribution/six removed 1'])
  })

  test.each([
    ['now', list, {facts: {'distribution/redis': '5'}}],
    ['then', {facts: list.facts}, {facts: {'distribution/redis': '5'}, wholes: ['distribution/']}],
  ])('is not compared where it was not all seen %s', async (_, then, now) => {
    const place = ownPlace()
    await look(place, {at: '2026-11-27T02:00:00.000Z', ...then})
    const report = await look(place, {at: '2026-11-27T02:10:00.000Z', ...now, says: broken})
    expect(changes(report)).toEqual([])
    expect(report.history?.compared).toBe(0)
  })

  test('with what it is a part of is not told for itself', async () => {
    const place = ownPlace()
    const role = {'role/prism': 'there', 'role/prism/limit': '5', 'role/own': 'there'}
    await look(place, {at: '2026-11-27T02:00:00.000Z', facts: role, wholes: ['role/']})
    const report = await look(place, {
      at: '2026-11-27T02:10:00.000Z',
      facts: {'role/own': 'there', 'role/own/limit': '7'},
      wholes: ['role/'],
      says: broken,
    })
    expect(changes(report)).toEqual(['role/own/limit added 7', 'role/prism removed there'])
  })

  test('a check that could not look once loses nothing of the picture', async () => {
    const place = ownPlace()
    const seeing = offering('unit/own', ok('fine'), {a: '1'}, [''])
    const blind = {
      ...seeing,
      facts: async () => {
        throw new CannotLook('not now')
      },
    }
    const other = offering('unit/other', ok('fine'), {b: '1'})
    await look(place, {at: '2026-11-27T02:00:00.000Z', checks: [seeing, other]})
    await look(place, {at: '2026-11-27T02:05:00.000Z', checks: [blind, other]})
    const report = await look(place, {
      at: '2026-11-27T02:10:00.000Z',
      checks: [offering('unit/own', broken, {a: '2'}), other],
    })
    expect(changes(report)).toEqual(['a 1 2'])
  })
})

describe('secrets', () => {
  const canary = 'c4nary-Xk29fLqP0'

  test('neither a secret value, nor one that hides in another, is kept or told', async () => {
    const place = ownPlace()
    const url = `postgres://prism:${canary}@localhost/prism`
    const facts = {
      'environment/SECRET_KEY': {value: canary, secret: true} as const,
      'environment/DATABASE_URL': url,
      'unit/ExecStart': `gunicorn --token ${canary}`,
      [`unit/${canary}`]: 'a name that holds it',
    }
    await look(place, {at: '2026-11-27T02:00:00.000Z', facts})
    const said = critical('broken', `it is broken by ${canary}`, cure)
    const other = `${canary}-other`
    const report = await look(place, {
      at: '2026-11-27T02:10:00.000Z',
      says: said,
      facts: {
        'environment/SECRET_KEY': {value: other, secret: true},
        'environment/DATABASE_URL': url.replace(canary, other),
        'unit/ExecStart': `gunicorn --token ${other} --workers 2`,
      },
    })
    expect(JSON.stringify(report)).not.toContain(canary)
    for (const name of readdirSync(join(place, 'history')))
      expect(readFileSync(join(place, 'history', name), 'utf8'), name).not.toContain(canary)
    expect(report.history?.changes).toMatchObject([
      {name: 'environment/DATABASE_URL', old: null, new: null, secret: true},
      {name: 'environment/SECRET_KEY', old: null, new: null, secret: true},
      {
        name: 'unit/ExecStart',
        old: 'gunicorn --token redacted',
        new: 'gunicorn --token redacted --workers 2',
      },
    ])
  })

  test('a value is the same although this run does not know that it is a secret', async () => {
    const place = ownPlace()
    const knowing = createSecrets()
    knowing.add(canary)
    const facts = {'unit/ExecStart': `gunicorn --token ${canary}`}
    const host = {secrets: knowing}
    await look(place, {at: '2026-11-27T02:00:00.000Z', facts, host})
    const report = await look(place, {at: '2026-11-27T02:10:00.000Z', facts, says: broken})
    expect(changes(report)).toEqual([])
    expect(report.history?.compared).toBe(1)
  })

  test('with another key secrets are not compared, and everything else is', async () => {
    const place = ownPlace()
    const secret = (value: string) => ({value, secret: true}) as const
    await look(place, {at: '2026-11-27T02:00:00.000Z', facts: {KEY: secret('one'), a: '1'}})
    const key = join(place, 'history/key')
    writeFileSync(key, readFileSync(key, 'latin1').replace(/[0-9a-f]$/m, '-'))
    const facts = {KEY: secret('two'), a: '2'}
    const report = await look(place, {at: '2026-11-27T02:10:00.000Z', facts, says: broken})
    // Without a key nothing is compared; the run makes a new one.
    expect(changes(report)).toEqual([])
    expect(report.history?.note).toMatch(/^the key of the history was damaged/)
    const next = await look(place, {at: '2026-11-27T02:15:00.000Z', facts, says: broken})
    expect(changes(next)).toEqual(['a 1 2'])
    expect(readdirSync(join(place, 'history'))).toContain('key.damaged')
  })
})

test('a long value is compared as a whole', async () => {
  const place = ownPlace()
  const long = 'x'.repeat(1000)
  await look(place, {at: '2026-11-27T02:00:00.000Z', facts: {a: `${long}1`, b: `${long}2`}})
  const facts = {a: `${long}2`, b: `${long}2`}
  const report = await look(place, {at: '2026-11-27T02:10:00.000Z', facts, says: broken})
  expect(report.history?.changes).toMatchObject([{name: 'a', old: null, new: null, secret: false}])
})

describe('what it is compared with', () => {
  const at = (time: string) => `2026-11-${time}:00.000Z`

  test('the last healthy run, although a warning came first', async () => {
    const place = ownPlace()
    await look(place, {at: at('27T02:00'), facts: {a: '1'}})
    await look(place, {at: at('27T02:05'), facts: {a: '2'}, says: odd})
    const report = await look(place, {at: at('27T02:10'), facts: {a: '2'}, says: broken})
    expect(report.history?.comparedWith).toEqual({at: at('27T02:00'), status: 'ok'})
    expect(changes(report)).toEqual(['a 1 2'])
  })

  test('where there is always some warning, the last run with others', async () => {
    const place = ownPlace()
    const lasting = offering('unit/lasting', odd)
    const fine = offering('unit/own', ok('fine'), {a: '1'})
    await look(place, {at: at('27T02:00'), checks: [lasting, fine]})
    const checks = [lasting, offering('unit/own', broken, {a: '2'})]
    const report = await look(place, {at: at('27T02:10'), checks})
    expect(report.history?.comparedWith).toEqual({at: at('27T02:00'), status: 'warning'})
    expect(changes(report)).toEqual(['a 1 2'])
    // The same warning with other facts has nothing to be compared with.
    const warned = await look(place, {
      at: at('27T02:15'),
      checks: [lasting, offering('unit/own', ok('fine'), {a: '3'})],
    })
    expect(warned.history?.comparedWith).toBeNull()
  })

  test('nothing, where it was never well', async () => {
    const report = await look(ownPlace(), {at: at('27T02:00'), facts: {a: '1'}, says: broken})
    expect(report.history).toMatchObject({lastHealthy: null, comparedWith: null, changes: []})
  })

  test('what could not be asked is no picture', async () => {
    const place = ownPlace()
    await look(place, {at: at('27T02:00'), facts: {a: '1'}})
    const unknown = new CannotLook('no root')
    const report = await look(place, {at: at('27T02:05'), facts: {a: '2'}, says: unknown})
    expect(report.status).toBe('unknown')
    expect(changes(report)).toEqual(['a 1 2'])
    const later = await look(place, {at: at('27T02:10'), facts: {a: '2'}, says: broken})
    expect(changes(later)).toEqual(['a 1 2'])
  })
})

test('a run of some checks compares, and leaves no trace', async () => {
  const place = ownPlace()
  await look(place, {at: '2026-11-27T02:00:00.000Z', facts: {a: '1'}})
  const files = () =>
    readdirSync(join(place, 'history')).map(name => [
      name,
      readFileSync(join(place, 'history', name), 'hex'),
    ])
  const before = files()
  const some = {isWhole: false}
  const bad = await look(
    place,
    {at: '2026-11-27T02:10:00.000Z', facts: {a: '2'}, says: broken},
    some,
  )
  expect(changes(bad)).toEqual(['a 1 2'])
  expect(bad.history?.events).toHaveLength(1)
  await look(place, {at: '2026-11-27T02:11:00.000Z', facts: {a: '3'}}, some)
  expect(files()).toEqual(before)
})

describe('what is another at every look', () => {
  const key = (value: string) => ({'setting/SECRET_KEY': {value, secret: true} as const, a: '1'})
  const at = (minute: number) => new Date(Date.UTC(2026, 10, 27, 2, minute)).toISOString()

  test('is soon written down no more, and comes last', async () => {
    const place = ownPlace()
    for (let minute = 0; minute < 6; minute += 1)
      await look(place, {at: at(minute), facts: key(`made-${minute}`)})
    const before = readFileSync(history(place))
    const well = await look(place, {at: at(8), facts: key('made-8')})
    expect(readFileSync(history(place))).toEqual(before)
    expect(well.history?.events).toHaveLength(4)
    const facts = {...key('made-9'), a: '2'}
    const said = critical('broken', 'SECRET_KEY is odd', cure)
    const report = await look(place, {at: at(9), facts, says: said})
    expect(report.history?.changes.map(({name}) => name)).toEqual(['a', 'setting/SECRET_KEY'])
  })

  test('counts again when it stays as it is', async () => {
    const place = ownPlace()
    for (let minute = 0; minute < 6; minute += 1)
      await look(place, {at: at(minute), facts: key(`made-${minute}`)})
    await look(place, {at: at(7), facts: key('made-3')})
    const report = await look(place, {
      at: at(8),
      facts: key('other'),
      says: critical('broken', 'SECRET_KEY is odd', cure),
    })
    expect(report.history?.changes.map(({name}) => name)).toEqual(['setting/SECRET_KEY'])
    expect(report.history?.comparedWith?.at).toBe(at(7))
  })

  test('one that was changed, and stays so, is not restless', async () => {
    const place = ownPlace()
    for (let minute = 0; minute < 12; minute += 1)
      await look(place, {at: at(minute), facts: {a: `${Math.floor(minute / 2)}`}})
    const facts = {a: 'x', b: 'y'}
    const report = await look(place, {at: at(13), facts, says: broken})
    expect(changes(report)).toEqual(['a 5 x'])
  })
})

describe('a machine at rest', () => {
  const at = (minute: number): string => new Date(Date.UTC(2026, 10, 27, 2, minute)).toISOString()
  const seen = (place: string): string =>
    readFileSync(join(place, 'history/prism-django.service.seen'), 'utf8')

  test('is known by a mark, and its next change is seen all the same', async () => {
    const place = ownPlace()
    const facts = {a: '1', 'secret/key': {value: 'top-secret-value', secret: true as const}}
    await look(place, {at: at(0), facts})
    expect(seen(place)).not.toMatch(/"mark"/)
    await look(place, {at: at(1), facts})
    const mark = /"mark":"[0-9a-f]{32}"/.exec(seen(place))?.[0]
    expect(mark).toBeDefined()
    await look(place, {at: at(2), facts})
    expect(seen(place)).toContain(mark)
    expect(seen(place)).toContain(at(2))
    const other = {...facts, 'secret/key': {value: 'another-secret', secret: true as const}}
    const well = await look(place, {at: at(3), facts: other})
    expect(well.history?.events[0]?.changes).toMatchObject([{name: 'secret/key', old: null}])
    const report = await look(place, {at: at(4), facts, says: broken})
    expect(report.history?.changes.map(({name}) => name)).toEqual(['secret/key'])
  })

  test('is not looked through again, and another state keeps a picture of its own', async () => {
    const place = ownPlace()
    let redactions = 0
    const secrets = createSecrets()
    const counting = {
      ...secrets,
      redactAll: (texts: readonly string[]) => {
        redactions += 1
        return secrets.redactAll(texts)
      },
    }
    const counts: number[] = []
    for (const minute of [0, 1, 2, 3]) {
      redactions = 0
      await look(place, {at: at(minute), facts: {a: '1'}, host: {secrets: counting}})
      counts.push(redactions)
    }
    const [, second = 0, third = 0, fourth] = counts
    expect(third).toBe(second - 1)
    expect(fourth).toBe(third)
    await look(place, {at: at(4), facts: {a: '1'}, says: odd})
    const {baselines} = storeIn(place).read('prism-django.service')
    expect(baselines.warning?.picture()?.facts.map(({value}) => value)).toEqual(['1'])
  })

  test('is compared again where the picture that it was like is lost', async () => {
    const place = ownPlace()
    await look(place, {at: at(0), facts: {a: '1'}})
    for (const minute of [1, 2, 3]) await look(place, {at: at(minute), facts: {a: '2'}})
    const [first] = readFileSync(history(place), 'utf8').split('\n')
    writeFileSync(history(place), `${first}\n`)
    await look(place, {at: at(4), facts: {a: '2'}})
    const report = await look(place, {at: at(5), facts: {a: '3'}, says: broken})
    expect(changes(report)).toEqual(['a 2 3'])
  })
})

test('two units have histories of their own', async () => {
  const place = ownPlace()
  await look(place, {at: '2026-11-27T02:00:00.000Z', facts: {a: '1'}})
  const other = {unit: 'shop.service'}
  await look(place, {at: '2026-11-27T02:01:00.000Z', facts: {a: '9'}, ...other})
  const report = await look(place, {at: '2026-11-27T02:10:00.000Z', facts: {a: '2'}, says: broken})
  expect(changes(report)).toEqual(['a 1 2'])
  expect(storeIn(place).units().toSorted()).toEqual(['prism-django.service', 'shop.service'])
})

test('a clock that steps back reorders nothing', async () => {
  const place = ownPlace()
  await look(place, {at: '2026-11-27T02:00:00.000Z', facts: {a: '1'}})
  await look(place, {at: '2000-01-01T00:00:00.000Z', facts: {a: '2'}})
  const report = await look(place, {at: '2000-01-01T00:05:00.000Z', facts: {a: '3'}, says: broken})
  expect(changes(report)).toEqual(['a 2 3'])
  expect(report.history?.events.map(({at}) => at)).toEqual([
    '2000-01-01T00:05:00.000Z',
    '2000-01-01T00:00:00.000Z',
    '2026-11-27T02:00:00.000Z',
  ])
  expect(report.history?.comparedWith?.at).toBe('2000-01-01T00:00:00.000Z')
})

describe('a damaged file', () => {
  test('is said and set aside, and what is whole of it still counts', async () => {
    const place = ownPlace()
    await look(place, {at: '2026-11-27T02:00:00.000Z', facts: {a: '1'}})
    await look(place, {at: '2026-11-27T02:05:00.000Z', facts: {a: '2'}})
    const damaged = readFileSync(history(place), 'utf8').replace('"unit/own"', '"unit/0wn"')
    writeFileSync(history(place), damaged)
    const state = {facts: {a: '3'}, says: broken}
    const report = await look(place, {at: '2026-11-27T02:10:00.000Z', ...state})
    expect(report.history?.note).toBe(
      `one line of the history was damaged and does not count any more; the file as it was is ${history(place)}.damaged`,
    )
    expect(changes(report)).toEqual(['a 2 3'])
    expect(readFileSync(`${history(place)}.damaged`, 'utf8')).toBe(damaged)
    const next = await look(place, {at: '2026-11-27T02:15:00.000Z', ...state})
    expect(next.history?.note).toBeNull()
    expect(next.history?.events).toHaveLength(2)
  })

  test('a directory that others may write is not used, and that is said', async () => {
    const place = ownPlace()
    await look(place, {at: '2026-11-27T02:00:00.000Z', facts: {a: '1'}})
    chmodSync(join(place, 'history'), 0o777)
    const report = await look(place, {
      at: '2026-11-27T02:10:00.000Z',
      facts: {a: '2'},
      says: broken,
    })
    expect(report.history?.note).toMatch(/^the history cannot be used: .* can be written by others/)
    expect(report.history?.changes).toEqual([])
  })

  test('whatever else is in the way, what is wrong is told all the same', async () => {
    const place = ownPlace()
    writeFileSync(join(place, 'history'), 'no directory')
    const report = await look(place, {
      at: '2026-11-27T02:10:00.000Z',
      facts: {a: '2'},
      says: broken,
    })
    expect(report.rootCauses).toEqual(['unit/own'])
    expect(report.history?.note).toMatch(/^the history cannot be used: ENOTDIR/)
  })
})
