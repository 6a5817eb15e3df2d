import {expect, test} from 'vitest'
import type {JournalEntry} from '../../src/host/host.ts'
import {record} from '../../src/host/record.ts'
import {redactedEntries} from '../../src/host/redacted-entries.ts'
import {createSecrets} from '../../src/host/redactor.ts'
import {literalHost} from '../literal.ts'

const key = 'Zx81Qw73Er55Ty90Ui'

const entry = (pid: number, text: string): JournalEntry => ({at: 0, text, pid, unit: 'a.service'})

/** Two processes speak at once, and each breaks the key in another place. */
const entries = [
  entry(1, `split ${key.slice(0, 7)}`),
  entry(2, `other ${key.slice(0, 3)}`),
  entry(1, `   ${key.slice(7)} end`),
  entry(2, `${key.slice(3)}\nand more`),
  entry(1, 'password: lamp9tide'),
]

const shown = (said: readonly JournalEntry[]): readonly string[] =>
  said.map(({text}) => text.replace(/redacted-[0-9a-f]{8}/g, 'X'))

const expected = ['split X', 'other X', ' end', '\nand more', 'password: X']

test('a secret in two entries of one process is hidden, whoever speaks in between', () => {
  const secrets = createSecrets()
  secrets.add(key)
  const said = redactedEntries(entries, secrets)
  expect(shown(said)).toEqual(expected)
  expect(said.map(({text: _, ...rest}) => rest)).toEqual(entries.map(({text: _, ...rest}) => rest))
})

test('what the last process tells is hidden in what the first said', () => {
  const said = redactedEntries(
    [entry(1, 'tries lamp9tide'), entry(2, 'password: lamp9tide')],
    createSecrets(),
  )
  expect(shown(said)).toEqual(['tries X', 'password: X'])
})

test('everything is learned before anything is sought: else every process costs a search', () => {
  const calls: string[] = []
  const secrets = createSecrets()
  const told = [1, 2, 3].map(pid => entry(pid, `password: lamp${pid}tide`))
  redactedEntries(told, {
    ...secrets,
    learn(text) {
      calls.push('learn')
      secrets.learn(text)
    },
    redactAll(lines) {
      calls.push('redact')
      return secrets.redactAll(lines)
    },
  })
  expect(calls.join(' ')).toBe('learn learn learn redact redact redact')
})

test('in a recording as well', async () => {
  const {host, recording} = record(literalHost({journal: async () => entries}))
  await host.journal([{unit: 'a.service'}], 10)
  host.secrets.add(key)
  const {answers} = recording('midship', 'a.service')
  const kept = Object.values(answers.journal ?? {})[0] as {answer: readonly JournalEntry[]}
  expect(shown(kept.answer)).toEqual(expected)
})
