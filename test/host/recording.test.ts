import {expect, test} from 'vitest'
import {type Host, type JournalEntry, NotRecorded} from '../../src/host/host.ts'
import {ifSeen} from '../../src/host/if-seen.ts'
import {record} from '../../src/host/record.ts'
import {createSecrets} from '../../src/host/redactor.ts'
import {replayHost} from '../../src/host/replay.ts'

import {literalHost} from '../literal.ts'

const unit = 'prism-django.service'

/** A machine that answers as the recorder heard it. */
function replayed(recorder: ReturnType<typeof record>): Host {
  return replayHost(recorder.recording('midship', unit), createSecrets())
}

const lines = (...texts: readonly string[]): readonly JournalEntry[] =>
  texts.map((text, at) => ({at, text}))
const connection = {host: '/run', port: 5432, user: 'a', database: 'b', password: null, as: null}

test('an old recording answers a program that asks the same in other words', async () => {
  const asked = {exitCode: 0, stdout: 'tcp LISTEN', stderr: ''}
  const recorder = record(
    literalHost({
      exec: async () => asked,
      query: async () => ({kind: 'rows', rows: [{max: 100}]}),
      journal: async () => lines('a', 'b', 'c'),
    }),
  )
  await recorder.host.exec(['ss', '-ltx'], {question: 'listeners'})
  await recorder.host.query(connection, {question: 'health', sql: 'select 1 as max'})
  await recorder.host.journal([{unit}], 600)
  const host = replayed(recorder)
  expect(await host.exec(['lsof', '-i'], {question: 'listeners'})).toEqual(asked)
  expect(
    await host.query(connection, {question: 'health', sql: 'select 1 as max, 2 as more'}),
  ).toMatchObject({
    rows: [{max: 100}],
  })
  expect((await host.journal([{unit}], 2)).map(({text}) => text)).toEqual(['b', 'c'])
})

test('a unit is one answer, whatever is asked of it and beside it; what was not asked is absent', async () => {
  const known: Readonly<Record<string, string>> = {
    LoadState: 'loaded',
    Restart: 'always',
    RootImage: '/image',
  }
  const units: Host['units'] = async (names, properties) =>
    names.map(Id => ({
      Id,
      ...Object.fromEntries(properties.map(name => [name, known[name] ?? ''])),
    }))
  const recorder = record(literalHost({units}))
  await recorder.host.units([unit, 'nginx.service'], ['LoadState', 'Restart'])
  await recorder.host.units([unit], ['RootImage'])
  expect(Object.keys(recorder.recording('midship', unit).answers.unit ?? {})).toEqual([
    unit,
    'nginx.service',
  ])
  const [shown] = await replayed(recorder).units(
    [unit],
    ['LoadState', 'Restart', 'RootImage', 'NewInSystemd300'],
  )
  expect(shown).toEqual({Id: unit, ...known})
})

test('a unit of which only this and that was asked is not recorded', async () => {
  const recorder = record(literalHost({units: async names => names.map(() => ({Type: 'simple'}))}))
  await recorder.host.units([unit], ['Type'])
  const host = replayed(recorder)
  expect(await host.units([unit], ['Type', 'ExecStart'])).toEqual([{Type: 'simple'}])
  await expect(host.units([unit], ['LoadState', 'ActiveState'])).rejects.toThrow(NotRecorded)
})

test('of a journal that is asked twice the longer end is kept', async () => {
  const recorder = record(
    literalHost({journal: async (_, count) => lines('a', 'b', 'c').slice(-count)}),
  )
  await recorder.host.journal([{unit}], 600)
  await recorder.host.journal([{unit}], 1)
  expect(await replayed(recorder).journal([{unit}], 600)).toHaveLength(3)
})

test('what was never recorded is no CannotLook, and nobody does without it', async () => {
  const host = replayed(record(literalHost()))
  const sentence = 'the recording has no answer to stat /nowhere'
  await expect(host.stat('/nowhere')).rejects.toThrow(sentence)
  await expect(ifSeen(host.stat('/nowhere'))).rejects.toThrow(NotRecorded)
  await expect(ifSeen(host.units(['a.service'], ['Id']))).rejects.toThrow(NotRecorded)
  await expect(ifSeen(host.journal([{unit: 'a.service'}], 1))).rejects.toThrow(NotRecorded)
})

test('a recorder that goes on keeps what was asked before, and nothing that the first one is asked later', async () => {
  const of = (size: number): Host =>
    literalHost({
      stat: async () => ({type: 'file', mode: 0, uid: 0, gid: 0, nlink: 1, size, mtime: 0, dev: 1}),
    })
  const first = record(of(1))
  await first.host.stat('/a')
  await first.host.stat('/b')
  const second = first.goOn(of(2))
  await second.host.stat('/b')
  await first.host.stat('/c')
  const host = replayed(second)
  expect([(await host.stat('/a'))?.size, (await host.stat('/b'))?.size]).toEqual([1, 2])
  await expect(host.stat('/c')).rejects.toThrow(NotRecorded)
})
