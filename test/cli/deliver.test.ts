import {existsSync, mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, expect, test} from 'vitest'
import {deliver, oweAnswer, owedAnswer} from '../../src/cli/deliver.ts'
import {type Delivery, deliveriesOf} from '../../src/cli/deliveries.ts'
import {reports} from '../reports.ts'

const directory = mkdtempSync(join(tmpdir(), 'prism-doctor-deliver-'))
afterAll(() => rmSync(directory, {recursive: true, force: true}))

const how = {verbose: false, privileged: true}

test('a file that cannot be written costs the others nothing, and is named', async () => {
  const lost = join(directory, 'nowhere', 'a.json')
  const gone = join(directory, 'nowhere', 'b.tap')
  const kept = join(directory, 'kept.prom')
  const deliveries: readonly Delivery[] = [
    {format: 'json', file: lost},
    {format: 'tap', file: gone},
    {format: 'prometheus', file: kept},
  ]
  oweAnswer(deliveries, null)
  await expect(deliver(await reports.one(), deliveries, how)).rejects.toThrow(
    `--output ${lost} cannot be written (ENOENT); choose another path; --output ${gone} cannot be written (ENOENT); choose another path`,
  )
  expect(readFileSync(kept, 'utf8')).toContain('prism_doctor_status')
  expect(existsSync(lost)).toBe(false)
  // What has its answer is not given another one that says that the run failed.
  expect(owedAnswer()?.deliveries).toEqual([])
})

test.each([
  [{}, ['text on stdout']],
  [{json: true}, ['json on stdout']],
  [{format: 'nagios'}, ['nagios on stdout']],
  [{output: ['a']}, ['text in a']],
  [{json: true, output: ['a']}, ['json in a']],
  [{output: ['tap:a']}, ['tap in a']],
  [{format: 'nagios', output: ['prometheus:a']}, ['prometheus in a', 'nagios on stdout']],
  [{format: 'text', output: ['prometheus:a']}, ['prometheus in a', 'text on stdout']],
  [{json: true, output: ['tap:a', 'b']}, ['tap in a', 'json in b']],
  [{output: ['./tap:a']}, ['text in ./tap:a']],
  [{output: ['tap:b:c']}, ['tap in b:c']],
] as const)('%j', (flags, places) => {
  const shown = deliveriesOf(flags).map(({format, file}) =>
    file === null ? `${format} on stdout` : `${format} in ${file}`,
  )
  expect(shown).toEqual(places)
})
