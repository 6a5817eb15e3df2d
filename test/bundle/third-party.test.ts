import {chmodSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {afterAll, expect, test} from 'vitest'
import {invalidities} from '../valid.ts'
import {scratch, writeWithoutUnit} from './machines.ts'
import {prismDoctor} from './run.ts'

// Root loads nothing from the temporary directory: anybody may write there.
const directory = mkdtempSync(
  process.geteuid?.() === 0 ? '/var/lib/prism-doctor-test-' : '/tmp/prism-doctor-',
)
chmodSync(directory, 0o755)
afterAll(() => rmSync(directory, {recursive: true, force: true}))

const recordings = scratch()

const check = (
  name: string,
  body: string,
): string => `{id: 'own/${name}', title: 'It is well', run() {${body}},
  explanation: {why: 'Why.', asks: 'What.', findings: {}, mistakenFor: ''}}`
const fine = "return [{code: 'ok', status: 'ok', message: 'it is well'}]"

/** Diagnoses a machine without the unit, with checks of somebody's own. */
async function withChecks(...checks: readonly string[]) {
  writeFileSync(`${directory}/own.mjs`, `export const checks = [${checks.join(', ')}]`, {
    mode: 0o644,
  })
  writeFileSync(`${directory}/config.toml`, `timeout = 1\nchecks = ["${directory}/own.mjs"]\n`, {
    mode: 0o644,
  })
  const machine = await writeWithoutUnit(recordings)
  const started = Date.now()
  const {code, stdout} = await prismDoctor([
    '--json',
    '--config',
    `${directory}/config.toml`,
    '--replay',
    machine,
  ])
  const report = JSON.parse(stdout)
  expect(invalidities(report)).toEqual([])
  const own = report.checks.filter(({group}: {group: string}) => group === 'own')
  return {code, took: Date.now() - started, rootCauses: report.rootCauses, own}
}

test('one that hangs, throws later or keeps a timer takes no other answer along, and the run ends', async () => {
  const {code, took, rootCauses, own} = await withChecks(
    check('hangs', 'return new Promise(() => setInterval(() => undefined, 100))'),
    check(
      'throws-later',
      `setTimeout(() => { throw new Error('nobody waits for this') }); ${fine}`,
    ),
    check('forgets', `Promise.reject(new Error('nor for this')); ${fine}`),
  )
  expect({code, rootCauses}).toEqual({code: 2, rootCauses: ['service/unit']})
  expect(own.map(({status}: {status: string}) => status)).toEqual(['unknown', 'ok', 'ok'])
  expect(took).toBeLessThan(10_000)
})

test('one that waits for what never comes is no silence', async () => {
  const {own} = await withChecks(check('waits', 'return new Promise(() => undefined)'))
  expect(own).toMatchObject([
    {status: 'unknown', findings: [{message: expect.stringContaining("run's deadline of 1 s")}]},
  ])
})
