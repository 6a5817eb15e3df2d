import {spawnSync} from 'node:child_process'
import {describe, expect, test} from 'vitest'
import {installed} from '../programs.ts'
import {enemyReports, knownReports, written} from './reports.ts'

const promtool = installed('promtool')

/** What promtool says of a text: exit code 1 where it cannot be read, 3 where it is bad style. */
function checked(text: string): {readonly status: number | null; readonly said: string} {
  const {status, stdout, stderr} = spawnSync(promtool ?? '', ['check', 'metrics'], {
    input: text,
    encoding: 'utf8',
  })
  return {status, said: `${stdout}${stderr}`}
}

describe.skipIf(promtool === null)('promtool check metrics', () => {
  test('has nothing to say of any known report', async () => {
    for (const [name, report] of await knownReports())
      expect([name, checked(await written(report, 'prometheus'))]).toEqual([
        name,
        {status: 0, said: ''},
      ])
  })

  test('reads a report of which every word comes from an enemy', async () => {
    for (const [name, report] of enemyReports(60)) {
      const {status, said} = checked(await written(report, 'prometheus'))
      // The names that checks of others give may be bad style.
      expect([name, status === 3 ? 0 : status, said]).toEqual([name, 0, said])
    }
  })

  test('refuses broken metrics', () => {
    expect(checked('a{b="c} 1\n').status).toBe(1)
    expect(checked('# TYPE a gauge\na 1\na 1\n').status).not.toBe(0)
  })
})
