import {mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, test} from 'vitest'
import type {Check} from '../../src/checks/check.ts'
import {createTape} from '../../src/cli/tape.ts'
import {diagnose} from '../../src/engine/diagnose.ts'
import {fix} from '../../src/fix/fix.ts'
import type {Host} from '../../src/host/host.ts'
import {once} from '../../src/host/once.ts'
import {parseRecording} from '../../src/host/recording-file.ts'
import {createSecrets} from '../../src/host/redactor.ts'
import {replayHost} from '../../src/host/replay.ts'

import {remedy} from '../../src/remedies/remedy.ts'
import {ok} from '../../src/report/finding.ts'
import {run} from '../../src/report/step.ts'
import {critical, literalCheck, literalHost, nobody} from '../literal.ts'

const unit = 'prism-django.service'
const session = {hostname: 'midship', settings: {unit}}
const password = 'canary-of-the-first-look'
const later = 'canary-of-the-last-look'
let directory = ''

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'prism-doctor-tape-'))
})

afterEach(() => rmSync(directory, {recursive: true, force: true}))

/**
 * What is broken until it is started; its configuration tells a password, and another one once it
 * runs.
 */
const started: Check = {
  ...literalCheck('a/started', []),
  async run({host}) {
    const file = await host.readFile('/etc/app.conf')
    const [shown] = await host.units(['app.service'], ['ActiveState'])
    if (shown?.ActiveState === 'active') return ok('it runs')
    const start = remedy('Start it', 'disruptive', [run('systemctl', 'start', 'app.service')])
    return critical('down', `it does not run: ${file.kind}`, start)
  },
}

/** Repairs a machine as the command does, with the tape on. */
async function repair(accept: boolean): Promise<readonly string[]> {
  let isUp = false
  let looks = 0
  const secrets = createSecrets()
  const machine = (): Host => {
    looks += 1
    const text = `DB_PASSWORD=${isUp ? later : password}\nlook ${looks}\n`
    return literalHost({
      secrets,
      units: async names =>
        names.map(Id => ({Id, LoadState: 'loaded', ActiveState: isUp ? 'active' : 'failed'})),
      stat: async () => null,
      readFile: async path =>
        path === '/etc/app.conf' ? {kind: 'file', text, utf8: true} : {kind: 'missing'},
    })
  }
  const tape = createTape(join(directory, 'machine.json'))
  const again = (): Host => once(tape.wrap(machine()))
  // What the session asks before the run: which unit it is of.
  await again().units([unit], ['LoadState'])
  const report = await fix({
    again,
    checks: [started],
    registry: [started],
    deadline: 10_000,
    redact: secrets.redact,
    dryRun: false,
    ...session,
    hands: {
      async run() {
        isUp = true
        return {exitCode: 0, stdout: '', stderr: ''}
      },
      survey: () => {
        throw new Error('nobody changes a file')
      },
      alter: () => ({done: 0, left: [], untouched: []}),
      restore: () => ({done: 0, left: [], untouched: []}),
    },
    consent: {
      show: async () => undefined,
      ask: async prospects =>
        new Set(accept ? prospects.flatMap(({planned}) => planned.remedies) : []),
    },
    audience: nobody,
    claim: () => false,
    journal: () => ({
      run: 'x',
      change: () => undefined,
      program: () => undefined,
      end: () => undefined,
      close: () => undefined,
    }),
    sleep: async () => undefined,
  })
  expect(report.status).toBe(accept ? 'ok' : 'critical')
  await tape.write(session)
  return readdirSync(directory).sort()
}

const read = (name: string): string => readFileSync(join(directory, name), 'utf8')

async function diagnosed(name: string) {
  const recording = parseRecording(read(name), name, read)
  const host = once(replayHost(recording, createSecrets()))
  const report = await diagnose({
    host,
    checks: [started],
    deadline: 10_000,
    ...session,
  })
  return {status: report.checks[0]?.status, recording}
}

test('a run that repairs leaves the machine as it was found, and beside it as it was left', async () => {
  expect(await repair(true)).toEqual(['machine.after.json', 'machine.json'])
  const [found, left] = [await diagnosed('machine.json'), await diagnosed('machine.after.json')]
  expect([found.status, left.status]).toEqual(['critical', 'ok'])
  // Each of one look: the second host is the first look, the last one is the last.
  const lookOf = (recording: typeof found.recording): number =>
    Number(/look (\d+)/.exec(JSON.stringify(recording.answers.readFile?.['/etc/app.conf']))?.[1])
  expect(lookOf(found.recording)).toBe(2)
  expect(lookOf(left.recording)).toBeGreaterThan(2)
  expect(read('machine.after.json').length).toBeLessThan(read('machine.json').length)
})

test('no secret of either look stands in either file', async () => {
  const texts = (await repair(true)).map(read).join('')
  expect(texts).toContain('DB_PASSWORD=redacted-')
  expect(texts).not.toContain(password)
  expect(texts).not.toContain(later)
})

test('where nothing was changed there is nothing beside it, nor what an earlier run left', async () => {
  writeFileSync(
    join(directory, 'machine.after.json'),
    '{"recording": 2, "extends": "machine.json"}',
  )
  expect(await repair(false)).toEqual(['machine.json'])
  expect((await diagnosed('machine.json')).status).toBe('critical')
})
