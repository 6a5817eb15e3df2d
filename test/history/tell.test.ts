import {chmodSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {sinceWhen} from '../../src/cli/since-when.ts'
import {historyOf} from '../../src/history/tell.ts'
import {remedy} from '../../src/remedies/remedy.ts'
import {renderHistory} from '../../src/report/reporters/history.ts'
import {plainTerminal} from '../../src/report/terminal.ts'
import {critical} from '../literal.ts'
import {look, ownPlace} from './machine.ts'

process.env.TZ = 'UTC'

const broken = critical('broken', 'it is \x1b[31mbroken', remedy('Do something', 'manual', []))

async function filled(): Promise<string> {
  const place = ownPlace()
  await look(place, {at: '2026-11-26T22:00:00.000Z', facts: {'unit/MemoryMax': '512M'}})
  await look(place, {at: '2026-11-27T02:00:00.000Z', facts: {'unit/MemoryMax': '256M'}})
  // Only that it stays so is written down.
  await look(place, {at: '2026-11-27T02:10:00.000Z', facts: {'unit/MemoryMax': '256M'}})
  const at = Date.parse('2026-11-27T03:00:00.000Z')
  const facts = {'unit/MemoryMax': {value: '64M', at}}
  await look(place, {at: '2026-11-27T03:05:00.000Z', facts, says: broken})
  return place
}

test('a person reads when the status changed, and what else had', async () => {
  const history = historyOf(await filled(), undefined, undefined)
  expect(await renderHistory(history, '2026-11-27T03:10:00.000Z', plainTerminal)).toBe(
    `prism-django.service: last healthy 02:10, 60 min ago

✖ 03:05  critical
    unit/own: it is \\e[31mbroken
    unit/MemoryMax: 256M → 64M, 03:00
✔ 02:00  ok
    unit/MemoryMax: 512M → 256M
✔ 26 Nov 22:00  ok
`,
  )
})

test('a program reads the same', async () => {
  const place = await filled()
  const {unit, lastHealthy, events} = historyOf(place, 'prism-django.service', undefined)
  expect([unit, lastHealthy]).toEqual(['prism-django.service', '2026-11-27T02:10:00.000Z'])
  expect(events.map(({at, status}) => [at, status])).toEqual([
    ['2026-11-27T03:05:00.000Z', 'critical'],
    ['2026-11-27T02:00:00.000Z', 'ok'],
    ['2026-11-26T22:00:00.000Z', 'ok'],
  ])
  expect(historyOf(place, undefined, '2026-11-27T02:30:00.000Z').events).toHaveLength(1)
})

test('a moment by a clock that was set back says so', async () => {
  const place = await filled()
  await look(place, {at: '2026-11-20T00:00:00.000Z', facts: {'unit/MemoryMax': '64M'}})
  const text = await renderHistory(
    historyOf(place, undefined, undefined),
    '2026-11-27T03:10:00.000Z',
    plainTerminal,
  )
  expect(text).toContain(
    '✔ 20 Nov 00:00  ok (later than the one below, by a clock that was set back)',
  )
})

describe('a sentence', () => {
  test('where nothing is kept', () => {
    expect(() => historyOf(ownPlace(), undefined, undefined)).toThrow(/^nothing is kept yet: /)
    expect(() => historyOf(ownPlace(), 'a.service', undefined)).toThrow(
      /^nothing is kept of a\.service yet: /,
    )
  })

  test('where there are several units, and none is named', async () => {
    const place = ownPlace()
    for (const unit of ['shop.service', 'blog.service'])
      await look(place, {at: '2026-11-27T02:00:00.000Z', unit, facts: {a: '1'}})
    expect(() => historyOf(place, undefined, undefined)).toThrow(
      'there are histories of blog.service, shop.service; choose one with --unit NAME',
    )
    expect(historyOf(place, 'shop.service', undefined).unit).toBe('shop.service')
  })

  test('where others may write', async () => {
    const place = await filled()
    chmodSync(join(place, 'history'), 0o777)
    expect(() => historyOf(place, undefined, undefined)).toThrow(/can be written by others/)
  })
})

describe('--since', () => {
  test.each([
    ['90min', 90 * 60],
    ['2h', 7200],
    ['3d', 3 * 86_400],
    ['1w', 7 * 86_400],
  ])('%s', async (text, seconds) => {
    const distance = Date.now() - Date.parse(await sinceWhen(text))
    expect(Math.abs(distance / 1000 - seconds)).toBeLessThan(5)
  })

  test.each([
    ['2026-11-26', '2026-11-26T00:00:00.000Z'],
    ['2026-11-26 14:30', '2026-11-26T14:30:00.000Z'],
    ['2026-11-26T14:30:10+02:00', '2026-11-26T12:30:10.000Z'],
  ])('%s', async (text, time) => {
    expect(await sinceWhen(text)).toBe(time)
  })

  test.each(['yesterday', '2', '26.11.2026', '2026-13-01', '-2h', ''])(
    '%j is no time',
    async text => {
      await expect(sinceWhen(text)).rejects.toThrow(/is not a time; give 90min, 2h, 3d, 1w/)
    },
  )
})
