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
let done = 0
const work = (async () => {
  for (; done < 3; done += 1) await setTimeout(400)
  return 'worth'
})()
process.stdout.write(await withProgress(() => \`done: \${done} of 3\\x1b[31m\`, work))
`

test('what takes long is announced, goes on to be told, and is cleared before the answer', () => {
  const screen = sent(slow)
  expect(screen).toContain('done: 1 of 3\\e[31m')
  expect(screen).toContain('done: 2 of 3\\e[31m')
  expect(screen).toMatch(/\x1b\[\?25hworththe answer(?:\x1b\[\?25h)?$/)
  // Up over its line and erased, before the cursor is shown again.
  expect(screen.slice(screen.lastIndexOf('done: 2'))).toMatch(/\x1b\[(?:\d*A|2K|\d*J|0?G)/)
  expect(screen).not.toContain('\x1b[31m')
})

test.each([{TERM: 'dumb'}, {LANG: 'C'}])('nothing is drawn where nothing can be: %j', env => {
  expect(sent(slow, env)).toBe('worththe answer')
})

test('what is over at once is not announced', () => {
  expect(sent("await withProgress(() => 'at work', setTimeout(20))")).toBe('the answer')
})

test('what fails fails, and its line goes as well', () => {
  const screen = sent(`
const failing = setTimeout(900).then(() => { throw new Error('no luck') })
await withProgress(() => 'at work', failing).catch(({message}) => process.stdout.write(message + ': '))`)
  expect(screen).toContain('at work')
  expect(screen).toMatch(/\x1b\[\?25hno luck: the answer(?:\x1b\[\?25h)?$/)
})

test('what lets nothing else run is announced in a line that is erased', () => {
  const body = "whileShown('putting back ' + 'x'.repeat(80), () => undefined)"
  expect(sent(body)).toBe(`putting back ${'x'.repeat(46)}\r\x1b[2Kthe answer`)
  expect(sent(body, {TERM: 'dumb'})).toBe('the answer')
})
