import {
  appendFileSync,
  chmodSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, test} from 'vitest'
import type {Alteration, Survey} from '../../../src/host/hands.ts'
import {takeLock} from '../../../src/host/local/lock.ts'
import {startJournal} from '../../../src/host/local/run-journal.ts'
import {listRuns, markUndone, readRun} from '../../../src/host/local/run-records.ts'

const header = {
  version: '0.1.0',
  host: 'midship',
  unit: 'prism-django.service',
  at: '2026-11-23T08:00:00.000Z',
  by: 'owner',
}
const path = '/var/lib/prism-django/name\nof bytes \u00ff'
const survey: Survey = {
  change: {kind: 'own', path: '/var/lib/prism-django', uid: 990, gid: 990, groups: [990]},
  bound: '/var/lib/prism-django',
  entries: [
    {path, ino: 12, was: {uid: 0, gid: 0, mode: 0o644}, to: {uid: 990, gid: 990, mode: 0o644}},
  ],
  refused: [],
}
const change = {
  step: 1,
  check: 'state/ownership' as const,
  shell: 'sudo chown -R prism:prism /var/lib/prism-django',
  survey,
}
let directory = ''

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'prism-doctor-'))
})

afterEach(() => rmSync(directory, {recursive: true, force: true}))

test('what is written is read', () => {
  const journal = startJournal(directory, header)
  journal.change(change)
  journal.end(1, 'done')
  journal.change({...change, step: 2})
  journal.program(3, 'state/ownership', 'sudo systemctl restart prism-django.service')
  journal.end(3, 'failed')
  journal.close()
  expect(journal.run).toMatch(/^20261123T080000Z-[0-9a-f]{4}$/)
  expect(listRuns(directory)).toEqual([journal.run])
  expect(readRun(directory, journal.run)).toEqual({
    ...header,
    run: journal.run,
    changes: [
      {...change, lost: 0, end: 'done'},
      {...change, step: 2, lost: 0, end: null},
    ],
    programs: [{shell: 'sudo systemctl restart prism-django.service', end: 'failed'}],
    undone: null,
  })
  markUndone(directory, journal.run, header.at)
  expect(readRun(directory, journal.run)?.undone).toBe(header.at)
})

test('of a change what was not touched is no change, once the run has said so', () => {
  const other = {...survey.entries[0], path: '/var/lib/prism-django/other'} as Alteration
  const many = {...change, survey: {...survey, entries: [...survey.entries, other]}}
  const journal = startJournal(directory, header)
  journal.change(many)
  journal.end(1, 'done', [path])
  journal.change({...change, step: 2})
  journal.end(2, 'refused', [path])
  journal.close()
  const entriesOf = () =>
    readRun(directory, journal.run)?.changes.map(({step, end, survey}) => [
      step,
      end,
      survey.entries.map(entry => entry.path),
    ])
  expect(entriesOf()).toEqual([[1, 'done', [other.path]]])
  const file = join(directory, 'runs', `${journal.run}.jsonl`)
  const whole = readFileSync(file, 'utf8')
  writeFileSync(file, whole.slice(0, whole.indexOf('{"step":1,"end"') + 5))
  expect(entriesOf()).toEqual([[1, null, [path, other.path]]])
})

test('a change whose record is not whole was never begun', () => {
  const journal = startJournal(directory, header)
  journal.change(change)
  journal.close()
  const file = join(directory, 'runs', `${journal.run}.jsonl`)
  const whole = readFileSync(file)
  for (let length = whole.length; length >= 0; length -= 1) {
    truncateSync(file, length)
    const changes = readRun(directory, journal.run)?.changes ?? []
    expect(changes.length).toBe(length >= whole.length - 1 ? 1 : 0)
  }
  appendFileSync(file, whole)
})

test('an entry whose line is damaged is counted', () => {
  const journal = startJournal(directory, header)
  journal.change(change)
  journal.close()
  const file = join(directory, 'runs', `${journal.run}.jsonl`)
  writeFileSync(file, readFileSync(file, 'utf8').replace('"ino":12', '"ino":1\u0000'))
  expect(readRun(directory, journal.run)?.changes).toMatchObject([{lost: 1, survey: {entries: []}}])
})

test('after a line that could not be written nothing more is', () => {
  const journal = startJournal(directory, header)
  // Stands for a disk that is full in the middle of the record.
  const unwritable = {...change, survey: {...survey, entries: [{...survey.entries[0], ino: 1n}]}}
  expect(() => journal.change(unwritable as unknown as typeof change)).toThrow(TypeError)
  expect(() => journal.change(change)).toThrow(TypeError)
  expect(() => journal.program(2, 'state/ownership', 'sudo true')).toThrow(TypeError)
  journal.close()
  expect(readRun(directory, journal.run)).toMatchObject({changes: [], programs: []})
})

test('a journal that others could write is neither read nor written', () => {
  const journal = startJournal(directory, header)
  journal.close()
  const file = join(directory, 'runs', `${journal.run}.jsonl`)
  for (const path of [file, join(directory, 'runs'), directory]) {
    chmodSync(path, 0o777)
    expect(() => listRuns(directory).map(run => readRun(directory, run)), path).toThrow(
      'can be written by others',
    )
    chmodSync(path, 0o700)
  }
  chmodSync(directory, 0o777)
  expect(() => startJournal(directory, header)).toThrow('can be written by others')
  expect(() => takeLock(directory)).toThrow('can be written by others')
  const link = `${directory}-link`
  chmodSync(directory, 0o700)
  symlinkSync(directory, link)
  try {
    expect(() => takeLock(link)).toThrow('is a symbolic link')
    expect(() => startJournal(link, header)).toThrow('is a symbolic link')
    expect(() => listRuns(link)).toThrow('is a symbolic link')
  } finally {
    rmSync(link)
  }
})

test('old journals are removed, and nothing else, also when the clock was set back', () => {
  const runs = join(directory, 'runs')
  startJournal(directory, header).close()
  for (let day = 0; day < 60; day += 1)
    writeFileSync(join(runs, `202601${String(day).padStart(2, '0')}T000000Z-0000.jsonl`), '')
  writeFileSync(join(runs, 'notes'), 'the owner’s')
  const {run, close} = startJournal(directory, {...header, at: '2001-01-01T00:00:00.000Z'})
  close()
  expect(listRuns(directory)).toHaveLength(50)
  expect(listRuns(directory)).toContain(run)
  expect(readFileSync(join(runs, 'notes'), 'utf8')).toBe('the owner’s')
})
