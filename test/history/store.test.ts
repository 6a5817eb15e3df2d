import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {describe, expect, test} from 'vitest'
import type {Entry} from '../../src/history/kept.ts'
import {type Addition, storeIn} from '../../src/history/store.ts'
import {readLines} from '../../src/host/local/kept-lines.ts'
import {ownPlace} from './machine.ts'

const program = fileURLToPath(new URL('children/writer.ts', import.meta.url))
const day = 86_400_000

function writer(place: string, name: string, count: number): ChildProcess {
  return spawn(process.execPath, [program, place, name, String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

const fileOf = (place: string, unit = 'shop.service'): string =>
  join(place, `history/${unit}.jsonl`)

/** What `more` of each moment says, the oldest first: how many were there before it. */
function numbers(place: string): readonly number[] {
  const {events} = storeIn(place).read('shop.service', Number.POSITIVE_INFINITY)
  return events.map(({more}) => more).toReversed()
}

describe('several runs at once', {timeout: 60_000}, () => {
  test('lose nothing of each other', async () => {
    const place = ownPlace()
    const children = ['a', 'b', 'c'].map(name => writer(place, name, 15))
    const codes = await Promise.all(children.map(child => once(child, 'exit')))
    expect(codes).toEqual(Array(3).fill([0, null]))
    expect(readLines(fileOf(place)).damaged).toBe(0)
    expect(numbers(place)).toEqual([...Array(45).keys()])
    expect(readdirSync(join(place, 'history')).toSorted()).toEqual([
      'key',
      'lock',
      'shop.service.jsonl',
      'shop.service.seen',
    ])
  })

  test('killed at any moment, they leave what the next one goes on from', async () => {
    const place = ownPlace()
    let said = 0
    for (let kill = 0; kill < 12; kill += 1) {
      const child = writer(place, 'a', 1000)
      let lines = 0
      const enough = new Promise<void>(resolve => {
        child.stdout?.on('data', (data: Buffer) => {
          lines += String(data).split('\n').length - 1
          if (lines >= 3) resolve()
        })
      })
      await enough
      await new Promise(resolve => setTimeout(resolve, kill))
      child.kill('SIGKILL')
      await once(child, 'exit')
      said += lines
    }
    const kept = numbers(place)
    expect(readLines(fileOf(place)).damaged).toBe(0)
    // What was said to be added is there, each after the one before.
    expect(kept.length).toBeGreaterThanOrEqual(said)
    expect(kept).toEqual([...Array(kept.length).keys()])
  })
})

describe('bounds', () => {
  const facts = (size: number) => [
    {name: 'a', source: 'a test', value: 'x'.repeat(size), hash: null, checks: []},
  ]

  function entry(at: number, size: number): Entry {
    const event = {
      at: new Date(at).toISOString(),
      status: 'ok' as const,
      rootCauses: [],
      changes: [],
      more: 0,
    }
    return {event, picture: {version: '0.1.0', key: 'k', facts: facts(size), wholes: []}}
  }

  function add(place: string, at: number, size = 10, unit = 'shop.service'): void {
    const seen = {ok: new Date(at).toISOString(), warning: null}
    const store = storeIn(place)
    store.add(unit, store.read(unit), (): Addition => ({entry: entry(at, size), seen}), at)
  }

  const total = (place: string): number =>
    readdirSync(join(place, 'history'))
      .map(name => statSync(join(place, 'history', name)).size)
      .reduce((sum, size) => sum + size, 0)

  test('nothing is kept for longer than 90 days, but how it was last', () => {
    const place = ownPlace()
    const start = Date.parse('2026-01-01T00:00:00.000Z')
    for (let days = 0; days < 200; days += 10) add(place, start + days * day)
    const {events} = storeIn(place).read('shop.service', Number.POSITIVE_INFINITY)
    const [newest] = events
    expect(newest?.at).toBe(new Date(start + 190 * day).toISOString())
    expect(events.at(-1)?.at).toBe(new Date(start + 100 * day).toISOString())
    expect(events).toHaveLength(10)
  })

  test('a machine that was off for a year still has what it was like', () => {
    const place = ownPlace()
    const start = Date.parse('2026-01-01T00:00:00.000Z')
    add(place, start)
    const event = {...entry(start + 365 * day, 0).event, status: 'critical' as const}
    const seen = {ok: new Date(start).toISOString(), warning: null}
    const store = storeIn(place)
    const addition = {entry: {event}, seen}
    store.add('shop.service', store.read('shop.service'), () => addition, start + 365 * day)
    const {events, baselines} = store.read('shop.service')
    expect(events.map(({status}) => status)).toEqual(['critical', 'ok'])
    expect(baselines.ok?.picture()?.facts).toEqual(facts(10))
  })

  test('never more than 10 MiB, whatever changes how often', {timeout: 30_000}, () => {
    const place = ownPlace()
    const start = Date.parse('2026-01-01T00:00:00.000Z')
    for (let count = 0; count < 60; count += 1) {
      add(place, start + count * 60_000, 400_000)
      add(place, start + count * 60_000, 400_000, `other-${count % 3}.service`)
      expect(total(place)).toBeLessThan(10 * 1024 ** 2)
    }
    const {events} = storeIn(place).read('shop.service', Number.POSITIVE_INFINITY)
    expect(events).toHaveLength(60)
  })

  test('events alone are bounded, too, and the newest are kept', () => {
    const place = ownPlace()
    const start = Date.parse('2026-01-01T00:00:00.000Z')
    const store = storeIn(place, {age: 90 * day, size: 20_000, loose: 5000})
    const seen = {ok: null, warning: null}
    for (let count = 0; count < 200; count += 1) {
      const {event} = entry(start + count * 60_000, 0)
      const message = 'x'.repeat(200)
      const rootCauses = [{check: 'a/b', message}]
      const addition = {entry: {event: {...event, rootCauses, more: count}}, seen}
      const kept = store.read('shop.service')
      store.add('shop.service', kept, () => addition, start + count * 60_000)
      expect(total(place)).toBeLessThan(20_000)
    }
    const kept = numbers(place)
    expect(kept.at(-1)).toBe(199)
    expect(kept.length).toBeGreaterThan(20)
    expect(kept).toEqual([...Array(kept.length).keys()].map(number => 200 - kept.length + number))
  })

  test('what nobody looks at any more goes, and what a killed run left', () => {
    const place = ownPlace()
    const now = Date.now()
    add(place, now, 10, 'gone.service')
    const old = new Date(now - 91 * day)
    for (const name of ['gone.service.jsonl', 'gone.service.seen'])
      utimesSync(join(place, 'history', name), old, old)
    const left = join(place, 'history/shop.service.jsonl.4711.tmp')
    writeFileSync(left, 'half')
    const before = new Date(now - 2 * 3_600_000)
    utimesSync(left, before, before)
    add(place, now)
    expect(existsSync(left)).toBe(false)
    expect(storeIn(place).units()).toEqual(['shop.service'])
    expect(readFileSync(join(place, 'history/key'), 'utf8')).toMatch(
      /^[0-9a-f]{16} [0-9a-f]{64}\n$/,
    )
  })
})
