import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import type {Report} from '../../src/report/report.ts'
import {scratch} from './machines.ts'
import {prismDoctor} from './run.ts'

const healthy = new URL('../../fixtures/healthy.json', import.meta.url).pathname
const directory = scratch()

async function report(...args: readonly string[]): Promise<Report> {
  const {stdout} = await prismDoctor(['--json', '--replay', healthy, ...args])
  return JSON.parse(stdout) as Report
}

const statusOf = ({checks}: Report, id: string) => checks.find(check => check.id === id)

describe('asking Django', () => {
  test('the healthy machine is healthy', async () => {
    const found = await report()
    expect(found).toMatchObject({status: 'ok', rootCauses: [], notLookedAt: []})
  })

  test('is refused by ask = false, and then only what depends on it is unknown', async () => {
    const config = join(directory, 'config.toml')
    writeFileSync(config, '[django]\nask = false\n')
    const found = await report('--config', config)
    expect(found).toMatchObject({status: 'unknown', rootCauses: []})
    expect(statusOf(found, 'app/settings')?.findings[0]?.message).toBe(
      'Django was not asked: the configuration says ask = false',
    )
    expect(statusOf(found, 'database/migrations')?.findings[0]?.message).toMatch(
      /: the configuration says ask = false$/,
    )
    // What the environment states itself is enough for these.
    expect(
      ['service/active', 'database/login', 'static/root'].map(id => statusOf(found, id)?.status),
    ).toEqual(['ok', 'ok', 'ok'])
  })

  test('goes all the way with --deep, also where nothing is wrong', async () => {
    const found = await report('--deep', 'app/settings')
    // The recording is of a run without it, which says that the question was put.
    expect(statusOf(found, 'app/settings')?.findings[0]?.message).toContain('ask Django: start')
  })
})
