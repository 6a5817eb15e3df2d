import {execFileSync} from 'node:child_process'
import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout} from 'node:timers/promises'
import {fileURLToPath} from 'node:url'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {installed} from '../programs.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const tmux = installed('tmux')

/** Two groups; the last check answers when a line is typed. Then the verdict. */
const program = `
import {once} from 'node:events'
import {ok} from './src/report/finding.ts'
import {remedy} from './src/remedies/remedy.ts'
import {plant} from './src/cli/tree.ts'
import {styleFor} from './src/report/reporters/style.ts'
import {terminalOf} from './src/report/terminal.ts'
import {critical, diagnosed, literalCheck} from './test/literal.ts'
const fine = [1, 2, 3, 4, 5, 6].map(n => literalCheck('state/fine' + n, ok('fine')))
const slow = [1, 2, 3, 4, 5, 6, 7, 8].map(n => literalCheck('state/slow' + n, async () => {
  await typed
  return ok('fine')
}))
const typed = once(process.stdin, 'data')
const bad = literalCheck('service/bad', critical('bad', 'it is bad', remedy('Do it', 'manual', [])))
const tree = plant({style: await styleFor(terminalOf(process.stderr)), conceal: text => text, verbose: false})
const report = await diagnosed([bad, ...fine, ...slow], {watch: tree.watch})
process.stdin.pause()
await tree.done(report)
console.log('the verdict')
`

/** What a terminal shows, as tmux draws it. */
describe.skipIf(tmux === null)('in tmux', () => {
  let directory = ''

  const ask = (...args: readonly string[]): string =>
    execFileSync(tmux ?? '', ['-S', join(directory, 'socket'), '-f', '/dev/null', ...args], {
      cwd: root,
      encoding: 'utf8',
      env: {PATH: process.env.PATH, LANG: 'C.UTF-8', SHELL: '/bin/sh', PS1: '$ ', PROGRAM: program},
    })

  /** Every line, also of what has left the screen. */
  const lines = (): readonly string[] => ask('capture-pane', '-p', '-S', '-').trimEnd().split('\n')

  /** Waits until something is seen; what never comes ends the test by its own limit. */
  async function until(seen: (lines: readonly string[]) => boolean): Promise<readonly string[]> {
    for (;;) {
      const now = lines()
      if (seen(now)) return now
      await setTimeout(50)
    }
  }

  const open = (columns: number, rows: number): void => {
    const node = `${process.execPath} --input-type=module -e "$PROGRAM"`
    // What is typed must not move the cursor, and Ctrl-C is for the program alone.
    const run = `stty -echo; trap : INT; ${node}; echo "ended $?"; cat`
    ask('new-session', '-d', '-x', `${columns}`, '-y', `${rows}`, run)
  }

  const isRunning = (now: readonly string[]): boolean =>
    now.some(line => line.startsWith('✖ service')) && now.some(line => line.startsWith('❯ state'))

  const isOver = (now: readonly string[]): boolean => now.some(line => line.startsWith('ended'))

  const staying = [
    '✖ service  0 of 1 ok, 1 critical',
    '✔ state    14 of 14 ok',
    '',
    'the verdict',
    'ended 0',
  ]

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'prism-doctor-tmux-'))
  })

  afterEach(() => {
    try {
      ask('kill-server')
    } catch {
      // It never started, or has ended with its window.
    }
    rmSync(directory, {recursive: true, force: true})
  })

  test('the tree stands while it runs, and nothing but its groups stays', async () => {
    open(80, 24)
    const running = await until(isRunning)
    expect(running).toContain('❯ state    6 of 14 ok')
    expect(running).toContain('  ✖ service/bad is well')
    expect(running.filter(line => /[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] state\/slow\d is well/.test(line))).toHaveLength(8)
    expect(ask('display', '-p', '#{cursor_flag}')).toBe('0\n')
    ask('send-keys', 'go', 'Enter')
    expect(await until(isOver)).toEqual(staying)
    expect(ask('display', '-p', '#{cursor_flag}')).toBe('1\n')
  })

  test('on a terminal of six lines nothing is drawn twice', async () => {
    open(80, 6)
    const running = await until(isRunning)
    expect(running.length).toBeLessThanOrEqual(6)
    ask('send-keys', 'go', 'Enter')
    expect(await until(isOver)).toEqual(staying)
  })

  test('a terminal that becomes larger meanwhile gets more lines', async () => {
    open(80, 6)
    await until(isRunning)
    ask('resize-window', '-x', '100', '-y', '24')
    await until(now => now.filter(line => line.includes('state/slow')).length === 8)
    ask('send-keys', 'go', 'Enter')
    expect((await until(isOver)).slice(-5)).toEqual(staying)
  })

  test('Ctrl-C gives the cursor back', async () => {
    open(80, 24)
    await until(isRunning)
    ask('send-keys', 'C-c')
    expect(await until(isOver)).toContain('ended 130')
    expect(ask('display', '-p', '#{cursor_flag}')).toBe('1\n')
  })
})
