import {copyFileSync, writeFileSync} from 'node:fs'
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
    copyFileSync(healthy, join(directory, 'healthy.json'))
    const shallow = join(directory, 'shallow.json')
    const without = {asUnit: ['prism-django.service: ask Django: start']}
    writeFileSync(shallow, JSON.stringify({recording: 2, extends: 'healthy.json', without}))
    const settings = async (...args: readonly string[]) =>
      statusOf(
        JSON.parse((await prismDoctor(['--json', '--replay', ...args])).stdout),
        'app/settings',
      )
    expect((await settings(shallow))?.status).toBe('ok')
    expect((await settings(healthy, '--deep'))?.status).toBe('ok')
    // What the recording does not hold says that the question was put.
    expect((await settings(shallow, '--deep'))?.findings).toMatchObject([
      {
        code: 'not-looked',
        message: 'the recording has no answer to asUnit prism-django.service: ask Django: start',
      },
    ])
  })
})
