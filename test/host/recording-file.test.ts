import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {differenceOf, withDifference} from '../../src/host/difference.ts'
import {formatJson, type JsonObject} from '../../src/host/json.ts'
import type {Answers, Recording} from '../../src/host/recording.ts'
import {formatRecording, parseRecording} from '../../src/host/recording-file.ts'
import {UsageError} from '../../src/report/usage-error.ts'

const nowhere = (name: string): never => {
  throw new UsageError(`the recording ${name} does not exist`)
}

function recording(answers: Answers, more: Partial<Recording> = {}): Recording {
  const head = {
    recording: 2,
    tool: 'prism-doctor',
    host: 'midship',
    unit: 'a.service',
    uid: 0,
  } as const
  return {...head, recordedAt: '2026-11-26T12:00:00.000Z', ...more, answers}
}

const starting = {
  at: 1000,
  text: 'Starting',
  about: 'a.service',
  unit: 'init.scope',
  uid: 0,
  pid: 1,
  invocation: 'f',
}
const long = `${'a line of a text that is long\n'.repeat(20)}the last one`
const entry = {type: 'file', mode: 420, uid: 0, gid: 0, nlink: 1, size: 1, mtime: 0}
const writer = {unit: 'a.service', uid: 5100, pid: 7}
const django = JSON.stringify({
  settings: {DEBUG: false, NAMES: ['a', 'b']},
  text: long,
  secrets: {},
})

/** An answer of each form that a file holds otherwise than it is. */
const answers: Answers = {
  asUnit: {
    'a.service: ask Django: settings': {answer: {exitCode: 0, stdout: `${django}\n`, stderr: ''}},
    'a.service: ask Django: start': {
      answer: {exitCode: 0, stdout: django.replace('false', 'true'), stderr: ''},
    },
    'a.service: true': {answer: {exitCode: 0, stdout: '{no document', stderr: ''}},
    'b.service: ask Django: settings': {cannotLook: 'only root', privilege: true},
  },
  exec: {listeners: {answer: {exitCode: null, stdout: long, stderr: `${long}\n`}}},
  journal: {
    'a.service': {
      answer: [
        starting,
        {at: 1010, text: 'first line\nsecond line', ...writer},
        {at: 1015, text: '', ...writer},
        {at: 1020, text: '+3 of nothing', kernel: true},
      ],
    },
  },
  readFile: {
    '/proc/7/environ': {answer: {kind: 'file', text: `A=1\0${'B=2\0'.repeat(200)}`, utf8: true}},
    '/proc/7/cmdline': {
      answer: {kind: 'file', text: `nginx: worker${'\0'.repeat(500)}`, utf8: true},
    },
  },
  stat: {'/gone': {answer: null}},
  walk: {
    '/state': {
      answer: {
        entries: [
          {path: 'b', ...entry},
          {path: '1', ...entry},
        ],
        unreadable: [],
        truncated: false,
      },
    },
    '/srv/large': {
      answer: {
        truncated: true,
        kinds: [{type: 'file', count: 1_000_000, named: [{path: 'a', ...entry}]}],
        unjudged: 1,
        unreadable: [],
      },
    },
  },
}

test('a file says what was recorded', () => {
  const text = formatRecording(recording(answers))
  expect(parseRecording(text, 'whole.json', nowhere)).toEqual(recording(answers))
  // A text by its lines, and an entry in one.
  expect(text).toMatch(/^ +"a line of a text that is long",$/m)
  expect(text).toMatch(/^ +"\.\/b": \{"type": "file", .*\},$/m)
})

describe('a recording that extends another', () => {
  const base = recording(answers)
  const fault = recording(
    {
      ...answers,
      stat: {'/gone': {cannotLook: 'no'}},
      journal: {
        'a.service': {answer: [starting, {at: 1010, text: 'Failed', ...writer}]},
      },
      readFile: {'/proc/7/environ': {answer: {kind: 'missing'}}},
      unit: {'a.service': {answer: {ActiveState: 'failed'}}},
    },
    {recordedAt: '2026-11-26T12:01:00.000Z'},
  )
  const text = formatRecording(fault, {name: 'base.json', recording: base})
  const beside = (name: string): string =>
    name === 'base.json' ? formatRecording(base) : nowhere(name)

  test('states the difference alone, and is whole with that', () => {
    expect(parseRecording(text, '/some/where/fault.json', beside)).toEqual(fault)
    expect(text.length).toBeLessThan(formatRecording(fault).length / 3)
    expect(text).not.toContain('ask Django')
  })

  test('is refused where the other is missing, or an older one', () => {
    expect(() => parseRecording(text, 'fault.json', nowhere)).toThrow(
      'the recording base.json does not exist',
    )
    const older = (): string => '{"recording": 1, "answers": {}}'
    expect(() => parseRecording(text, 'fault.json', older)).toThrow(
      'base.json is a recording of version 1, and this prism-doctor reads version 2; make one with `prism-doctor record --output FILE`',
    )
  })

  test('leads to no other directory, in no circle, and to no end', () => {
    const to = (name: unknown): string => JSON.stringify({recording: 2, extends: name})
    for (const name of ['../a.json', '/etc/passwd', 'a/b.json', '..', '', 7])
      expect(() => parseRecording(to(name), 'fault.json', nowhere)).toThrow(
        'which is not the name of a file beside it',
      )
    expect(() => parseRecording(to('fault.json'), '/tmp/fault.json', nowhere)).toThrow(
      '/tmp/fault.json extends itself: fault.json, fault.json',
    )
    const circle = (name: string): string => to(name === 'a.json' ? 'b.json' : 'a.json')
    expect(() => parseRecording(to('a.json'), 'fault.json', circle)).toThrow(
      'b.json extends itself: fault.json, a.json, b.json, a.json',
    )
    const next = (name: string): string => to(`${Number.parseInt(name, 10) + 1}.json`)
    expect(() => parseRecording(to('1.json'), 'fault.json', next)).toThrow(
      'extends more than 8 recordings',
    )
  })
})

test.each([
  ['an answer that is none', {answers: {exec: {a: 1}}}],
  ['an answer of another form', {answers: {walk: {'/a': {answer: null}}}}],
  ['a walk that stopped', {answers: {walk: {'/a': {answer: {truncated: true, entries: {}}}}}}],
  ['no time', {recordedAt: 'yesterday'}],
  ['no unit', {unit: null}],
])('%s is refused', (_, more) => {
  expect(() =>
    parseRecording(JSON.stringify({...recording({}), ...more}), 'x.json', nowhere),
  ).toThrow(UsageError)
})

const json = fc.letrec<{value: unknown}>(tie => ({
  value: fc.oneof(
    {depthSize: 'small'},
    fc.constantFrom(null, true, 0, 1, 'a', 'b\nc'),
    fc.array(tie('value'), {maxLength: 4}),
    fc.dictionary(fc.constantFrom('a', 'b', 'first', 'new', 'last', '__proto__'), tie('value'), {
      maxKeys: 4,
    }),
  ),
})).value
const object = fc.dictionary(fc.constantFrom('a', 'b', 'c'), json) as fc.Arbitrary<JsonObject>

test('a difference makes one object of another, whatever they hold', () => {
  fc.assert(
    fc.property(object, object, (from, to) => {
      const difference = JSON.parse(formatJson(differenceOf(from, to) as unknown as JsonObject))
      expect(JSON.stringify(sorted(withDifference(from, difference)))).toBe(
        JSON.stringify(sorted(to)),
      )
    }),
  )
})

/** The order of members is nothing that a recording says. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return entries.map(([name, item]) => [name, sorted(item)])
}
