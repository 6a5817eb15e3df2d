import {expect, test} from 'vitest'
import {settled} from '../../scripts/fixtures/settle.ts'
import type {JournalEntry} from '../../src/host/host.ts'
import type {Answers, Recording} from '../../src/host/recording.ts'

/** What another start of the same machine changes of what it says. */
interface Start {
  /** Seconds later. */
  readonly later: number
  readonly main: number
  readonly worker: number
  readonly invocation: string
  /** What stands for the password in the file of secrets, and in the process. */
  readonly stated: string
  readonly running: string
}

const first: Start = {
  later: 0,
  main: 75,
  worker: 77,
  invocation: 'a'.repeat(32),
  stated: 'redacted-0000000a',
  running: 'redacted-0000000a',
}
const second: Start = {
  later: 86_400 * 9 + 12,
  main: 77,
  worker: 90,
  invocation: 'b'.repeat(32),
  stated: 'redacted-0000000b',
  running: 'redacted-0000000b',
}

const begun = Date.parse('2026-11-26T12:00:00Z')

/** A machine that has just started; `left` are what a fault changes of its answers. */
function recorded(start: Start, {state = 'active', words = 'Booting'} = {}): Recording {
  const at = begun + start.later * 1000
  const clock = new Date(at).toISOString().replace('T', ' ').slice(0, 19)
  const {main, worker, invocation} = start
  const answers: Answers = {
    unit: {
      'a.service': {
        answer: {
          ActiveState: state,
          MainPID: String(main),
          InvocationID: invocation,
          After: after(start),
        },
      },
    },
    exec: {
      listeners: {
        answer: {exitCode: 0, stdout: listeners(start), stderr: ''},
      },
    },
    journal: {
      'a.service': {
        answer: [
          {at: at + start.main, text: 'Starting', about: 'a.service', uid: 0, pid: 1, invocation},
          {
            at: at + 100,
            text: `[${clock} +0000] [${worker}] ${words} worker with pid: ${worker}`,
            pid: worker,
            invocation,
          },
        ],
      },
    },
    readFile: {
      [`/proc/${main}/environ`]: file(
        `PASSWORD=${start.running}\0JOURNAL_STREAM=8:${worker}00\0SYSTEMD_EXEC_PID=${main}\0`,
      ),
      '/run/secrets': file(`PASSWORD="${start.stated}"\n`),
      '/sys/fs/cgroup/a.service/cgroup.procs': file(`${main}\n${worker}\n`),
    },
    stat: {
      '/state': {answer: {type: 'directory', mode: 493, size: worker, mtime: at, dev: worker}},
    },
  }
  const recordedAt = new Date(at + 10_000).toISOString()
  return {recording: 2, tool: 't', host: 'h', unit: 'a.service', recordedAt, uid: 0, answers}
}

const file = (text: string) => ({answer: {kind: 'file', text, utf8: true}})
const after = ({later}: Start): string => (later === 0 ? 'a.target b.target' : 'b.target a.target')

/** More than one line, as ss prints it, in any order. */
function listeners({later, main, worker}: Start): string {
  const socket = `u_str LISTEN 0 4096 /run/a.sock ${worker}123 * 0 users:(("a",pid=${main},fd=${worker}))`
  const port = `tcp   LISTEN 0 5 127.0.0.1:8000 0.0.0.0:* users:(("a",pid=${worker},fd=3),("a",pid=${main},fd=3))`
  const lines = later === 0 ? [socket, port] : [port, `${socket}   `]
  return `${[...lines, ...Array.from({length: 8}, (_, n) => `tcp   LISTEN 0 5 [::1]:${n} [::]:* `)].join('\n')}\n`
}

function linesOf({answers}: Recording): readonly JournalEntry[] {
  const journal = answers.journal?.['a.service'] as {answer: readonly JournalEntry[]}
  return journal.answer
}

test('the same machine, recorded again, is as it was', () => {
  expect(settled(recorded(second), recorded(first), {moved: true})).toEqual(recorded(first))
})

test('what a fault changes stays, at the time that it has on the machine of before', () => {
  const fault = settled(recorded(second, {state: 'failed', words: 'No'}), recorded(first), {
    moved: true,
  })
  const before = recorded(first, {state: 'failed', words: 'No'})
  expect(fault.answers.unit).toEqual(before.answers.unit)
  expect(fault.recordedAt).toBe(before.recordedAt)
  // All of the journal, or nothing: pids and times go with its lines. 77 was another process
  // before.
  const [starting, said] = linesOf(fault)
  expect(starting).toMatchObject({at: begun + second.main, invocation: first.invocation})
  expect(said).toMatchObject({
    at: begun + 100,
    pid: first.worker,
    text: '[2026-11-26 12:00:00 +0000] [77] No worker with pid: 77',
  })
})

test('beside another machine it keeps its own time', () => {
  const fault = settled(recorded(second, {state: 'failed'}), recorded(first), {moved: false})
  expect(fault.recordedAt).toBe(recorded(second).recordedAt)
  expect(fault.answers.stat).toEqual(recorded(first).answers.stat)
})

test('what was equal is equal still, and what was not is not', () => {
  const stale = {...second, running: 'redacted-0000000c'}
  const {readFile} = settled(recorded(stale), recorded(first), {moved: true}).answers
  const text = JSON.stringify(readFile)
  expect(text).toContain('PASSWORD=redacted-0000000')
  const [running, stated] = [/PASSWORD=(redacted-\w+)/, /PASSWORD=\\"(redacted-\w+)/].map(
    each => each.exec(text)?.[1],
  )
  expect(running).not.toBe(stated)
})
