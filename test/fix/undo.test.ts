import {execFileSync} from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, test} from 'vitest'
import {describeRuns, putBack} from '../../src/fix/undo.ts'
import {alter} from '../../src/host/local/alter.ts'
import {takeLock} from '../../src/host/local/lock.ts'
import {startJournal} from '../../src/host/local/run-journal.ts'
import {survey} from '../../src/host/local/survey.ts'
import type {Change} from '../../src/report/finding.ts'

let base = ''
let state = ''
let directory = ''

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'prism-doctor-'))
  state = join(base, 'state')
  directory = join(base, 'journal')
  mkdirSync(state)
  writeFileSync(join(state, 'upload'), 'kept')
  chmodSync(join(state, 'upload'), 0o600)
})

afterEach(() => rmSync(base, {recursive: true, force: true}))

const open = (add: number): Change => ({
  kind: 'mode',
  path: join(state, 'upload'),
  recursive: false,
  add,
})
const mode = (): number => statSync(join(state, 'upload')).mode & 0o777

const begun = () =>
  startJournal(directory, {
    version: '0.1.0',
    host: 'midship',
    unit: 'prism-django.service',
    at: '2026-11-23T08:00:00.000Z',
    by: 'owner',
  })

/** A run that makes these changes; what it said it would do is journalled before each. */
async function fixed(...changes: readonly Change[]): Promise<string> {
  const journal = begun()
  for (const [index, change] of changes.entries()) {
    const seen = await survey(change, [state])
    journal.change({
      step: index + 1,
      check: 'state/modes',
      shell: `step ${index + 1}`,
      survey: seen,
    })
    journal.end(index + 1, 'done', alter(seen).untouched)
  }
  const program = changes.length + 1
  journal.program(program, 'service/active', 'sudo systemctl restart prism-django.service')
  journal.end(program, 'done')
  journal.close()
  return journal.run
}

test('what the journal tells by itself is not shown', () => {
  const journal = begun()
  journal.program(1, 'database/login', 'sudo psql postgres://prism:canaryValue@localhost/prism')
  journal.program(2, 'database/login', 'echo canaryValue')
  journal.close()
  expect(describeRuns(directory)).toMatch(/postgres:\/\/prism:redacted-[0-9a-f]{8}@localhost/)
  expect(describeRuns(directory) + putBack(directory, journal.run).text).not.toContain('canary')
})

test('nor what two of its lines tell together', () => {
  const journal = begun()
  journal.program(1, 'database/login', 'sudo psql postgres://prism:canary7Lamp9@localhost/prism')
  journal.program(2, 'database/login', 'echo canary7\n  Lamp9')
  journal.close()
  expect(describeRuns(directory)).not.toMatch(/canary7|Lamp9/)
})

test('lists more than fits into memory at once', () => {
  const journal = begun()
  const attributes = {uid: 0, gid: 0, mode: 0o600}
  const entries = Array.from({length: 10_000}, (_, at) => ({
    path: `${state}/upload${at}`,
    ino: at + 1,
    was: attributes,
    to: attributes,
  }))
  const survey = {change: open(0o040), bound: state, entries, refused: []}
  journal.change({step: 1, check: 'state/modes', shell: 'step 1', survey})
  journal.close()
  const runs = join(directory, 'runs')
  for (let at = 10; at < 59; at += 1)
    copyFileSync(join(runs, `${journal.run}.jsonl`), join(runs, `20261124T080000Z-00${at}.jsonl`))
  const module = new URL('../../src/fix/undo.ts', import.meta.url).href
  const source = `const {describeRuns} = await import(${JSON.stringify(module)})
process.stdout.write(describeRuns(${JSON.stringify(directory)}))`
  // One run needs less than 24 MB, all of them more than 100.
  const memory = '--max-old-space-size=64'
  const listed = execFileSync(process.execPath, [memory, '--input-type=module', '-e', source], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  expect(listed.match(/up to 10000 entries/g)).toHaveLength(50)
})

test('puts back what a run changed, last first, looks again, and does it once', async () => {
  const run = await fixed(open(0o040), open(0o004))
  expect(mode()).toBe(0o644)
  expect(putBack(directory, run)).toEqual({
    whole: true,
    text: `put back 1 of 1: step 2
put back 1 of 1: step 1
looked again: everything is as it was before the run
not undone: sudo systemctl restart prism-django.service
`,
  })
  expect(mode()).toBe(0o600)
  expect(() => putBack(directory, run)).toThrow(
    new RegExp(`^${run} was put back already \\(20.* UTC\\), so there is nothing left to undo$`),
  )
  expect(describeRuns(directory)).toContain('put back')
})

test('an undo that was ended before it was noted is completed by the next', async () => {
  const run = await fixed(open(0o044), {
    kind: 'aside',
    path: join(state, 'upload'),
    suffix: 'broken',
  })
  const file = join(directory, 'runs', `${run}.jsonl`)
  const {size} = statSync(file)
  for (let attempt = 0; attempt < 3; attempt += 1) {
    truncateSync(file, size)
    expect(putBack(directory, run)).toMatchObject({whole: true})
    expect([mode(), readFileSync(join(state, 'upload'), 'utf8')]).toEqual([0o600, 'kept'])
  }
})

test('what has changed since is left, said, and the run stays to be put back', async () => {
  const run = await fixed(open(0o044))
  const path = join(state, 'upload')
  renameSync(path, join(state, 'mine'))
  writeFileSync(path, 'another')
  const {whole, text} = putBack(directory, run)
  expect(whole).toBe(false)
  expect(text).toContain(`left ${path}: it was replaced meanwhile`)
  expect(text).toContain(`looked again: 1 not as before the run, like ${path}`)
  renameSync(join(state, 'mine'), path)
  expect(putBack(directory, run).whole).toBe(true)
})

test('what a run only meant to do is neither listed nor undone', async () => {
  const journal = begun()
  const path = join(state, 'upload')
  const seen = await survey(open(0o044), [state])
  const step = {check: 'state/modes' as const, survey: seen}
  journal.change({...step, step: 1, shell: 'refused'})
  chmodSync(path, 0o640)
  const {left, untouched} = alter(seen)
  expect(left).toMatchObject([{why: 'it was changed meanwhile'}])
  journal.end(1, 'refused', untouched)
  journal.change({...step, step: 2, shell: 'cut off'})
  journal.close()
  expect(describeRuns(directory)).toBe(
    `${journal.run}  2026-11-23 08:00 UTC by owner, prism-django.service
    cut off  (cut off: up to 1 entry)
`,
  )
  chmodSync(path, 0o600)
  expect(putBack(directory, journal.run)).toEqual({
    whole: true,
    text: `put back 0 of 1 (1 is so already): cut off
looked again: everything is as it was before the run
`,
  })
})

test('a run that is ended at any byte of its journal is put back', async () => {
  const run = await fixed(open(0o040), open(0o004))
  const file = join(directory, 'runs', `${run}.jsonl`)
  const whole = readFileSync(file)
  const second = whole.indexOf('{"step":2,"ready"')
  const last = whole.indexOf('{"step":3,"check"')
  for (let length = second; length <= whole.length; length += 1) {
    writeFileSync(file, whole.subarray(0, length))
    // Before all of its intention is written, the second step is not begun.
    const begun = length > second + '{"step":2,"ready":1'.length
    chmodSync(join(state, 'upload'), begun ? 0o644 : 0o640)
    const {text} = putBack(directory, run)
    expect([length, text, mode()]).toEqual([length, expect.stringContaining('step 1'), 0o600])
  }
  expect(last).toBeGreaterThan(second)
})

test('what is put back of a run is not put back twice', async () => {
  const run = await fixed(open(0o040), {
    kind: 'aside',
    path: join(state, 'upload'),
    suffix: 'broken',
  })
  writeFileSync(join(state, 'upload'), 'another')
  expect(putBack(directory, run).whole).toBe(false)
  rmSync(join(state, 'upload'))
  const {text, whole} = putBack(directory, run)
  expect({text, whole}).toMatchObject({
    whole: true,
    text: expect.stringContaining('put back 1 of 1: step 2'),
  })
  expect(() => putBack(directory, run)).toThrow('was put back already')
})

test('a damaged journal is told, and what can still be read is put back', async () => {
  const run = await fixed(open(0o040), open(0o004))
  const file = join(directory, 'runs', `${run}.jsonl`)
  writeFileSync(file, readFileSync(file, 'utf8').replace('"step":1,"path"', '"step":1,"pa'))
  const {whole, text} = putBack(directory, run)
  expect([whole, mode()]).toEqual([false, 0o640])
  expect(text).toContain(
    'put back 0 of 1: step 1\n  1 more cannot be read: the journal is damaged\n',
  )
})

test('waits for no other run: it says who is at work, and puts nothing back', async () => {
  const run = await fixed(open(0o044))
  const release = takeLock(directory)
  expect(() => putBack(directory, run)).toThrow(
    `another --fix or undo is at work (pid ${process.pid})`,
  )
  release()
  expect(mode()).toBe(0o644)
})

test('a run that is not there', () => {
  expect(() => putBack(directory, '20261123T080000Z-0000')).toThrow('there is no run')
  expect(() => putBack(directory, '../../etc/passwd')).toThrow('there is no run')
})
