import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {type IsEnough, smallestSet} from '../../../src/facts/start/smallest-set.ts'

const names = (count: number): readonly string[] =>
  Array.from({length: count}, (_, at) => `setting-${at}`)

/** Asks, and counts; the first `most` are answered. */
function counted(isEnough: (some: readonly string[]) => boolean, most = Number.POSITIVE_INFINITY) {
  const asked: (readonly string[])[] = []
  const ask: IsEnough = async some => {
    asked.push(some)
    return asked.length > most ? null : isEnough(some)
  }
  return {asked, ask}
}

const holds =
  (...needed: readonly string[]) =>
  (some: readonly string[]): boolean =>
    needed.every(each => some.includes(each))

describe('smallestSet', () => {
  it('names the one of forty in seven questions', async () => {
    for (const only of names(40)) {
      const {asked, ask} = counted(holds(only))
      expect(await smallestSet(names(40), ask)).toEqual({kind: 'found', set: [only]})
      expect(asked.length).toBeLessThanOrEqual(7)
    }
  })

  it('asks nothing where there is only one', async () => {
    const {asked, ask} = counted(() => true)
    expect(await smallestSet(['only'], ask)).toEqual({kind: 'found', set: ['only']})
    expect(asked).toEqual([])
  })

  it('asks nothing twice', async () => {
    const {asked, ask} = counted(holds('setting-3', 'setting-11', 'setting-17'))
    await smallestSet(names(20), ask)
    const keys = asked.map(some => [...some].sort().join())
    expect(new Set(keys).size).toBe(keys.length)
  })

  it('finds every set that is needed as a whole, whatever it is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.nat(29), {minLength: 1, maxLength: 4}), async places => {
        const needed = places.map(at => `setting-${at}`)
        const {asked, ask} = counted(holds(...needed))
        const search = await smallestSet(names(30), ask)
        expect(search.kind).toBe('found')
        expect([...('set' in search ? search.set : [])].sort()).toEqual([...needed].sort())
        expect(asked.length).toBeLessThanOrEqual(needed.length * 7)
      }),
    )
  })

  it('is content with one of several ways, and takes no member that can be spared', async () => {
    const {ask} = counted(some => holds('setting-2', 'setting-9')(some) || holds('setting-5')(some))
    const search = await smallestSet(names(12), ask)
    expect(search).toMatchObject({kind: 'found'})
    expect([['setting-5'], ['setting-9', 'setting-2']]).toContainEqual(
      'set' in search && search.set,
    )
  })

  it('finds what was tried where more is not always enough', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({min: 2, max: 12}), fc.func(fc.boolean()), async (count, any) => {
        const all = names(count)
        const isEnough = (some: readonly string[]): boolean =>
          some.length === count || (some.length > 0 && any([...some].sort()))
        const {ask} = counted(isEnough)
        const search = await smallestSet(all, ask)
        if (search.kind !== 'found') throw new Error('every question was answered')
        expect(isEnough(search.set)).toBe(true)
        expect(search.set.length).toBeGreaterThan(0)
      }),
    )
  })

  it('says which are enough together when the answers end', async () => {
    for (const most of [0, 1, 2, 3, 4]) {
      const {ask} = counted(holds('setting-0'), most)
      const search = await smallestSet(names(32), ask)
      if (search.kind !== 'open') throw new Error('nobody can know it yet')
      expect(search.among).toContain('setting-0')
      expect(search.among.length).toBe(32 / 2 ** most)
    }
  })

  it('calls nothing the smallest set when the last answer fails to come', async () => {
    const isEnough = holds('setting-2', 'setting-9')
    const all = counted(isEnough)
    await smallestSet(names(12), all.ask)
    const {ask} = counted(isEnough, all.asked.length - 1)
    expect(await smallestSet(names(12), ask)).toEqual({
      kind: 'open',
      among: ['setting-9', 'setting-2'],
    })
  })

  it('keeps what it has found when the answers end while it looks for more', async () => {
    const {ask} = counted(holds('setting-3', 'setting-11'), 5)
    expect(await smallestSet(names(16), ask)).toMatchObject({
      kind: 'open',
      among: expect.arrayContaining(['setting-3', 'setting-11']),
    })
  })
})
