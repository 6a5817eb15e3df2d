import {describe, expect, test} from 'vitest'
import {
  findObstacle,
  key,
  lacking,
  type MigrationFacts,
  unapplied,
} from '../../../src/facts/django/migrations.ts'

type Told = MigrationFacts['all'][number]
type Pair = [string, string]

/** lamps.0001, which follows lamps.0000. */
function one(name: string, more: Partial<Told> = {}, app = 'lamps'): Told {
  return {app, name, replaces: [], dependencies: [], ...more}
}

const lamps = (...names: readonly string[]): Pair[] => names.map(name => ['lamps', name])

function facts(all: readonly Told[], more: Partial<MigrationFacts> = {}): MigrationFacts {
  return {all: [...all], conflicts: {}, error: null, tables: null, uploads: [], ...more}
}

const three = [
  one('0001'),
  one('0002', {dependencies: lamps('0001')}),
  one('0003', {dependencies: lamps('0002')}),
]
const applied = (...names: readonly string[]): ReadonlySet<string> =>
  new Set(names.map(name => `lamps.${name}`))

describe('what is to be applied', () => {
  test('is what is on disk and not recorded', () => {
    expect(unapplied(facts(three), applied('0001')).map(key)).toEqual(['lamps.0002', 'lamps.0003'])
    expect(unapplied(facts(three), applied('0001', '0002', '0003'))).toEqual([])
    expect(unapplied(facts([]), applied('0001'))).toEqual([])
  })

  const squashed = one('0001_squashed', {replaces: lamps('0001', '0002')})

  test('is no squashed migration whose parts are all applied, beside them or alone', () => {
    expect(unapplied(facts([...three, squashed]), applied('0001', '0002', '0003'))).toEqual([])
    expect(unapplied(facts([squashed]), applied('0001', '0002'))).toEqual([])
  })

  test('is the squashed one alone where nothing is applied', () => {
    expect(unapplied(facts([squashed]), applied()).map(key)).toEqual(['lamps.0001_squashed'])
    // Its parts are there as well: they are applied, each by itself, where one of them already is.
    const both = facts([...three.slice(0, 2), squashed])
    expect(unapplied(both, applied('0001')).map(key)).toEqual(['lamps.0002'])
  })
})

describe('what the package lacks', () => {
  test('is recorded for an application that is installed', () => {
    const rows = [
      ...three.map(({app, name}) => ({app, name})),
      {app: 'lamps', name: '0004'},
      {app: 'gone', name: '0001'},
    ]
    expect(lacking(facts(three), rows).map(key)).toEqual(['lamps.0004'])
  })

  test('is nothing that a squashed migration replaces', () => {
    const squashed = facts([one('0001_squashed', {replaces: lamps('0001', '0002')})])
    expect(
      lacking(squashed, [
        {app: 'lamps', name: '0001'},
        {app: 'lamps', name: '0002'},
      ]),
    ).toEqual([])
  })
})

describe('why migrate refuses to begin', () => {
  const ask = (told: MigrationFacts, known: ReadonlySet<string>) =>
    findObstacle(told, known, unapplied(told, known))

  test('nothing does', () => {
    expect(ask(facts(three), applied('0001'))).toBeNull()
    expect(ask(facts(three), applied())).toBeNull()
  })

  test('a recorded migration before what it depends on', () => {
    expect(ask(facts(three), applied('0001', '0003'))).toEqual({
      kind: 'inconsistent',
      migration: {app: 'lamps', name: '0003'},
      dependency: {app: 'lamps', name: '0002'},
    })
  })

  test('a dependency on the first or last of an application is none on a certain one', () => {
    const first = one('0001', {
      dependencies: [
        ['auth', '__first__'],
        ['auth', '__latest__'],
      ],
    })
    expect(ask(facts([first, one('0001', {}, 'auth')]), applied('0001'))).toBeNull()
  })

  test('what depends on a part of a squashed migration depends on that, once its parts are gone', () => {
    const squashed = one('0001_squashed', {replaces: lamps('0001', '0002')})
    const after = one('0003', {dependencies: lamps('0002')})
    expect(ask(facts([squashed, after]), applied('0003'))).toMatchObject({
      kind: 'inconsistent',
      dependency: {app: 'lamps', name: '0002'},
    })
    expect(ask(facts([squashed, after]), applied('0001', '0002', '0003'))).toBeNull()
  })

  test.each([
    [['lamps', '0003'], {app: 'lamps', name: '0003'}],
    [null, null],
    [[], null],
  ])('a parent that is not there, named by %o', (origin, migration) => {
    const error = {kind: 'parent-missing' as const, message: 'x', node: ['lamps', '0002'], origin}
    expect(ask(facts(three, {error}), applied())).toEqual({
      kind: 'parent-missing',
      migration,
      dependency: {app: 'lamps', name: '0002'},
    })
  })

  test('what Django itself says, where nothing else tells', () => {
    const bad = {kind: 'bad' as const, message: 'no Migration class', node: null, origin: null}
    expect(ask(facts([], {error: bad}), applied())).toEqual({
      kind: 'broken',
      message: 'no Migration class',
    })
    const circular = {...bad, kind: 'circular' as const, message: 'lamps.0001, lamps.0002'}
    expect(ask(facts(three, {error: circular}), applied())).toMatchObject({kind: 'broken'})
    const nameless = {...bad, kind: 'parent-missing' as const, node: []}
    expect(ask(facts(three, {error: nameless}), applied())).toMatchObject({kind: 'broken'})
  })

  test('two that follow the same one, unless the order is already broken', () => {
    const forked = facts([...three, one('0003_b', {dependencies: lamps('0002')})], {
      conflicts: {lamps: ['0003', '0003_b']},
    })
    expect(ask(forked, applied('0001'))).toEqual({
      kind: 'conflict',
      leaves: [
        {app: 'lamps', name: '0003'},
        {app: 'lamps', name: '0003_b'},
      ],
    })
    expect(ask(forked, applied('0003'))).toMatchObject({kind: 'inconsistent'})
  })
})
