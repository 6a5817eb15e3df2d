import {spawn} from 'node:child_process'
import {expect, test} from 'vitest'

/**
 * A run of four checks on a terminal of its own (util-linux's script). The slow one answers a line
 * that is typed, so that nothing depends on how fast the machine is: it is typed when the terminal
 * has shown what `seen` says.
 */
function drawn(
  seen: RegExp,
  env: Readonly<Record<string, string>> = {},
  size = 'cols 80 rows 24',
): Promise<string> {
  const program = `
import {once} from 'node:events'
import {ok} from './src/report/finding.ts'
import {remedy} from './src/remedies/remedy.ts'
import {plant} from './src/cli/tree.ts'
import {styleFor} from './src/report/reporters/style.ts'
import {terminalOf} from './src/report/terminal.ts'
import {critical, diagnosed, literalCheck, symptom, warning} from './test/literal.ts'
const cure = remedy('Do it', 'manual', [])
const checks = [
  literalCheck('service/bad', critical('bad', 'it is bad', cure)),
  literalCheck('service/fine', ok('fine')),
  literalCheck('state/odd', warning('odd', 'it is odd', cure)),
  literalCheck('state/slow', async () => (await once(process.stdin, 'data'), process.stdin.pause(), ok('fine'))),
  literalCheck('http/app', symptom('down', 'it is down', cure, {because: ['service/bad']})),
].map(check => ({...check, title: check.id + ' is hunter22 \\x1b[31m'}))
const tree = plant({
  style: await styleFor(terminalOf(process.stderr)),
  conceal: text => text.replaceAll('hunter22', 'redacted'),
  verbose: process.env.VERBOSE === '1',
})
const report = await diagnosed(checks, {watch: tree.watch})
await tree.done({...report, checks: report.checks.map(check => ({...check, durationMs: 3}))})
process.stdout.write('the verdict')
`
  const command = `stty -echo ${size}; ${process.execPath} --input-type=module -e "$PROGRAM"`
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    env: {
      PATH: process.env.PATH,
      LANG: 'C.UTF-8',
      TERM: 'xterm-256color',
      NO_COLOR: '1',
      PROGRAM: program,
      ...env,
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  return new Promise((resolve, reject) => {
    let screen = ''
    let isTyped = false
    child.on('error', reject).on('close', () => resolve(screen))
    child.stdout.setEncoding('utf8').on('data', text => {
      screen += text
      if (isTyped || !seen.test(screen)) return
      isTyped = true
      child.stdin.write('go\n')
    })
  })
}

/** The lines that stand there in the end: what follows the last drawing. */
function staying(screen: string): readonly string[] {
  return screen
    .slice(screen.lastIndexOf('\x1b[?25h', screen.indexOf('the verdict')))
    .replace(/\x1b\[[\d;?]*[a-zA-Z]/g, '')
    .split('\r\n')
}

const running = /state\/slow is/

test('what runs and what is not ok is drawn below its group', async () => {
  const screen = await drawn(running)
  expect(screen).toMatch(/❯ service {2}1 of 2 ok|✖ service {2}1 of 2 ok/)
  expect(screen).toContain('❯ state    0 of 2 ok')
  expect(screen).toContain('✖ service/bad is redacted \\e[31m')
  expect(screen).toContain('▲ state/odd is redacted \\e[31m')
  expect(screen).toMatch(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] state\/slow is redacted/)
  expect(screen).not.toContain('hunter22')
  expect(screen).not.toContain('\x1b[31m')
})

test('a terminal without a size, such as a serial console, is drawn on as well', async () => {
  const screen = await drawn(running, {}, 'cols 0 rows 0')
  expect(screen).toContain('✖ service/bad is redacted')
  expect(screen).toMatch(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] state\/slow is redacted/)
  expect(staying(screen)).toContain('✖ service  1 of 2 ok, 1 critical')
})

test('what stays is a line for each group, and consequences are told from their cause', async () => {
  expect(staying(await drawn(running))).toEqual([
    '✖ service  1 of 2 ok, 1 critical',
    '▲ state    1 of 2 ok, 1 warning',
    '↳ http     0 of 1 ok, 1 follows from service/bad',
    '',
    'the verdict',
  ])
})

test('with --verbose every check stays, with its mark and its time', async () => {
  expect(staying(await drawn(running, {VERBOSE: '1'})).slice(0, 5)).toEqual([
    '✖ service  1 of 2 ok, 1 critical',
    '  ✖ service/bad is redacted \\e[31m · 3 ms',
    '  ✔ service/fine is redacted \\e[31m · 3 ms',
    '▲ state    1 of 2 ok, 1 warning',
    '  ▲ state/odd is redacted \\e[31m · 3 ms',
  ])
})

test('without UTF-8 everything drawn is ASCII', async () => {
  const screen = await drawn(running, {LANG: 'C'})
  expect(screen).toContain('x service/bad is redacted')
  expect(screen).toMatch(/[-\\|/] state\/slow is redacted/)
  expect(staying(screen)).toContain('~ http     0 of 1 ok, 1 follows from service/bad')
  expect(screen.replaceAll('\x1b', '')).not.toMatch(/[^\x00-\x7f]/)
})
