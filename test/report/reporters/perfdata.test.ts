import {expect, test} from 'vitest'
import {ok} from '../../../src/report/finding.ts'
import {perfdata} from '../../../src/report/reporters/perfdata.ts'
import {diagnosed, literalCheck} from '../../literal.ts'

test('labels differ where a round-robin database cuts them off, and always in the same way', async () => {
  const metrics = ['one', 'two'].map(end => ({
    name: `seconds_in_the_queue_${end}`,
    value: 1,
    unit: '',
    direction: 'above' as const,
  }))
  const report = await diagnosed([literalCheck('app/queue', {...ok('short'), metrics})])
  const labels = (): readonly string[] =>
    perfdata(report)
      .split(' ')
      .map(datum => datum.slice(0, datum.indexOf('=')))
  const [first = '', second = ''] = labels().slice(-2)
  expect(first).toBe('seconds_in_the_queue_one')
  expect(second.slice(0, 19)).not.toBe(first.slice(0, 19))
  expect(second).toMatch(/^seconds_in_t_[0-9a-f]{6}$/)
  expect(labels().at(-1)).toBe(second)
})
