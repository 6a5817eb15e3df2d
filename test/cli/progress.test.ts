import {execFileSync} from 'node:child_process'
import {expect, test} from 'vitest'

/** What a terminal is sent (util-linux's script) while this runs, and then an answer. */
function sent(body: string, env: Readonly<Record<string, string>> = {}): string {
  const program = `
import {setTimeout} from 'node:timers/promises'
import {whileShown, withProgress} from './src/cli/progress.ts'
${body}
process.stdout.write('the answer')
`
  const command = `stty cols 60 rows 24; ${process.execPath} --input-type=module -e "$PROGRAM"`
  return execFileSync('script', ['-qec', command, '/dev/null'], {
    env: {
      ...{PATH: process.env.PATH, LANG: 'C.UTF-8', TERM: 'xterm-256color', NO_COLOR: '1'},
      ...{PROGRAM: program, ...env},
    },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

const slow = `
const work = setTimeout(1500, 'worth')
process.stdout.write(await withProgress('at work\\x1b[31m', work))
`

test('what takes long is announced, and cleared before the answer', () => {
  const screen = sent(slow)
  expect(screen).toContain('at work\\e[31m')
  expect(screen).toMatch(/\x1b\[\?25hworththe answer(?:\x1b\[\?25h)?$/)
  // Up over its line and erased, before the cursor is shown again.
  expect(screen.slice(screen.lastIndexOf('at work'))).toMatch(/\x1b\[(?:\d*A|2K|\d*J|0?G)/)
  expect(screen).not.toContain('\x1b[31m')
})

test('nothing is drawn where nothing can be', () => {
  expect(sent(slow, {TERM: 'dumb'})).toBe('worththe answer')
})

test('where only ASCII can be shown, only that is', () => {
  const screen = sent(slow, {LANG: 'C'})
  expect(screen).toContain('at work')
  expect(screen).not.toMatch(/[^\x00-\x7f]/)
})

test('what is over at once is not announced', () => {
  expect(sent("await withProgress('at work', setTimeout(20))")).toBe('the answer')
})

test('what fails fails, and its line goes as well', () => {
  const screen = sent(`
const failing = setTimeout(900).then(() => { throw new Error('no luck') })
await withProgress('at work', failing).catch(({message}) => process.stdout.write(message + ': '))`)
  expect(screen).toContain('at work')
  expect(screen).toMatch(/\x1b\[\?25hno luck: the answer(?:\x1b\[\?25h)?$/)
})

test('what lets nothing else run is announced in a line that is erased', () => {
  const body = "whileShown('putting back ' + 'x'.repeat(80), () => undefined)"
  expect(sent(body)).toBe(`putting back ${'x'.repeat(46)}\r\x1b[2Kthe answer`)
  expect(sent(body, {TERM: 'dumb'})).toBe('the answer')
})
