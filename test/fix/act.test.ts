import {execFileSync} from 'node:child_process'
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {act} from '../../src/fix/act.ts'
import type {FixOptions} from '../../src/fix/options.ts'
import type {Problem} from '../../src/fix/progress.ts'
import type {Prospect} from '../../src/fix/survey.ts'
import type {Past} from '../../src/fix/survey-again.ts'
import {describeRuns, putBack} from '../../src/fix/undo.ts'
import {localHands} from '../../src/host/local/hands.ts'
import {type RunJournal, startJournal} from '../../src/host/local/run-journal.ts'
import type {Change} from '../../src/report/finding.ts'
import {change, run} from '../../src/report/step.ts'

const service = {uid: 51_234, gid: 51_235}
const hands = localHands()

let base = ''
let state = ''
let upload = ''
let directory = ''

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'prism-doctor-'))
  chmodSync(base, 0o755)
  state = join(base, 'state')
  upload = join(state, 'upload')
  directory = join(base, 'journal')
  mkdirSync(state)
  writeFileSync(upload, 'kept')
  chmodSync(state, 0o700)
  chmodSync(upload, 0o600)
})

afterEach(() => rmSync(base, {recursive: true, force: true}))

const own = (): Change => ({kind: 'own', path: state, ...service, groups: [service.gid]})
const open = (path = state): Change => ({kind: 'mode', path, recursive: true, add: 0o555})
const aside = (): Change => ({kind: 'aside', path: upload, suffix: 'broken'})

/** Surveys all of them, as a plan does, then does one after the other; `between` comes first. */
async function carriedOut(changes: readonly Change[], between = (_: number): void => undefined) {
  const prospects: Prospect[] = []
  for (const each of changes)
    prospects.push({
      planned: {step: change(each, each.kind), remedies: [planned]},
      survey: await hands.survey(each, [state]),
      refused: null,
    })
  const journal = begun()
  const doing = {
    options: {hands, redact} as unknown as FixOptions,
    journal,
    past: new Map() as Past,
  }
  const problems: (Problem | null)[] = []
  for (const [index, prospect] of prospects.entries()) {
    between(index)
    problems.push(await act(doing, prospect, index + 1))
  }
  journal.close()
  return {problems, run: journal.run}
}

const redact = (text: string): string => text

const planned = {
  checks: ['state/modes' as const],
  summary: 'Do it',
  risk: 'safe' as const,
  requires: [],
  tries: [],
}

const begun = (): RunJournal =>
  startJournal(directory, {
    version: '0.1.0',
    host: 'midship',
    unit: 'prism-django.service',
    at: '2026-11-23T08:00:00.000Z',
    by: 'owner',
  })

function seen(path: string): string {
  const {uid, gid, mode} = lstatSync(path)
  return `${uid}:${gid} ${(mode & 0o7777).toString(8)}`
}

describe.runIf(process.geteuid?.() === 0)('two changes of one thing', () => {
  test('are both made, listed and put back', async () => {
    const {problems, run} = await carriedOut([own(), open()])
    expect(problems).toEqual([null, null])
    expect([seen(state), seen(upload)]).toEqual(['51234:51235 755', '51234:51235 644'])
    expect(describeRuns(directory)).toContain('own  (2 entries)\n    sudo mode  (2 entries)')
    expect(putBack(directory, run).whole).toBe(true)
    expect([seen(state), seen(upload)]).toEqual(['0:0 700', '0:0 600'])
    expect(() => putBack(directory, run)).toThrow('was put back already')
  })

  test('what another changed between the two is refused, and no undo speaks of it', async () => {
    const {problems, run} = await carriedOut([own(), open(upload)], index => {
      if (index === 1) chmodSync(upload, 0o700)
    })
    expect(problems).toEqual([
      null,
      {state: 'refused', reason: `${upload}: it was changed meanwhile`},
    ])
    expect([seen(state), seen(upload)]).toEqual(['51234:51235 700', '51234:51235 700'])
    expect(describeRuns(directory)).not.toContain('mode')
    expect(putBack(directory, run).text).not.toContain('mode')
  })

  test('also where it was changed to another owner, or back to what it was', async () => {
    for (const [uid, gid] of [
      [777, 777],
      [0, 0],
    ] as const) {
      const {problems} = await carriedOut([own(), open(upload)], index => {
        if (index === 1) chownSync(upload, uid, gid)
      })
      expect(problems[1]).toMatchObject({reason: `${upload}: it was changed meanwhile`})
      chownSync(upload, 0, 0)
      chownSync(state, 0, 0)
    }
  })

  test('what was not shown is left alone, and so is what was replaced', async () => {
    const {problems} = await carriedOut([own(), open()], index => {
      if (index !== 1) return
      writeFileSync(join(state, 'new'), '', {mode: 0o600})
      writeFileSync(join(state, 'other'), '')
      chmodSync(join(state, 'other'), 0o600)
      renameSync(join(state, 'other'), upload)
    })
    expect(problems).toEqual([null, null])
    expect([seen(state), seen(upload)]).toEqual(['51234:51235 755', '0:0 600'])
    expect(seen(join(state, 'new'))).toBe('0:0 600')
  })

  test('what an earlier step moved aside needs no further one', async () => {
    const {problems, run} = await carriedOut([aside(), open(upload)])
    expect(problems).toEqual([null, null])
    expect(seen(`${upload}.broken`)).toBe('0:0 600')
    expect(describeRuns(directory)).not.toContain('mode')
    expect(putBack(directory, run).whole).toBe(true)
  })

  describe('where something was refused from the start', () => {
    beforeEach(() => {
      writeFileSync(join(state, 'linked'), '')
      linkSync(join(state, 'linked'), join(base, 'elsewhere'))
    })
    const reason = 'it has 2 links: another name of it may lie elsewhere'

    test('what somebody else has done meanwhile is done', async () => {
      const {problems} = await carriedOut([own()], () => {
        for (const path of [state, upload]) chownSync(path, service.uid, service.gid)
      })
      expect(problems).toEqual([null])
    })

    test('what was shown and is refused by now is told', async () => {
      const {problems} = await carriedOut([own()], () => {
        chownSync(state, service.uid, service.gid)
        linkSync(upload, join(base, 'other'))
      })
      expect(problems).toEqual([{state: 'refused', reason: `${upload}: ${reason}`}])
    })

    test('what another mount hides by now is told', async () => {
      const below = join(state, 'below')
      mkdirSync(below)
      writeFileSync(join(below, 'file'), '')
      for (const path of [state, upload, below]) chownSync(path, service.uid, service.gid)
      try {
        const {problems} = await carriedOut([own()], () =>
          execFileSync('mount', ['-t', 'tmpfs', 'none', below]),
        )
        expect(problems).toEqual([{state: 'refused', reason: `${below}: it is another mount`}])
      } finally {
        execFileSync('umount', [below])
      }
    })

    test('a step with nothing else to do is refused', async () => {
      for (const path of [state, upload]) chownSync(path, service.uid, service.gid)
      const {problems} = await carriedOut([own()])
      expect(problems).toEqual([{state: 'refused', reason: `${join(state, 'linked')}: ${reason}`}])
    })
  })

  test('what is gone when its turn comes is no step that was done', async () => {
    const {problems} = await carriedOut([open(upload)], () => rmSync(upload))
    expect(problems).toEqual([{state: 'refused', reason: `${upload} is not there`}])
    expect(describeRuns(directory)).toContain('changed nothing')
  })
})

test('a program that fails is listed as such', async () => {
  const journal = begun()
  const doing = {
    options: {hands, redact} as unknown as FixOptions,
    journal,
    past: new Map() as Past,
  }
  const prospect = {planned: {step: run('false'), remedies: [planned]}, survey: null, refused: null}
  expect(await act(doing, prospect, 1)).toEqual({state: 'failed', reason: 'exit code 1'})
  const gone = {...prospect, planned: {step: run('no-such-program'), remedies: [planned]}}
  expect(await act(doing, gone, 2)).toMatchObject({state: 'failed'})
  journal.close()
  expect(describeRuns(directory)).toContain('sudo false  (failed; cannot be undone)')
  expect(describeRuns(directory)).toContain('sudo no-such-program  (failed; cannot be undone)')
})
