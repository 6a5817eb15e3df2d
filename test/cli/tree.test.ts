import {execFileSync} from 'node:child_process'
import {expect, test} from 'vitest'

/**
 * A run of four checks that take so long (ms), drawn on a terminal of its own (util-linux's
 * script), then a verdict.
 */
function drawn(took: number): string {
  const program = `
import {setTimeout} from 'node:timers/promises'
import {ok} from './src/report/finding.ts'
import {remedy} from './src/remedies/remedy.ts'
import {plant} from './src/cli/tree.ts'
import {critical, diagnosed, literalCheck, warning} from './test/literal.ts'
const cure = remedy('Do it', 'manual', [])
const says = {
  'service/fine': ok('fine'),
  'service/bad': critical('bad', 'the password \\x1b[31mhunter22 is bad', cure),
  'state/odd': warning('odd', 'it is odd', cure),
}
const checks = Object.entries(says).map(([id, verdict]) => literalCheck(id, () => setTimeout(${took}, verdict)))
checks.push(literalCheck('state/slow', () => setTimeout(${took * 2}, ok('fine'))))
const tree = plant(text => text.replaceAll('hunter22', 'redacted'), 24)
await diagnosed(checks, {watch: tree.watch})
await tree.done()
process.stdout.write('the verdict')
`
  return execFileSync(
    'script',
    [
      '-qec',
      `stty cols 80 rows 24; ${process.execPath} --input-type=module -e "$PROGRAM"`,
      '/dev/null',
    ],
    {
      env: {
        PATH: process.env.PATH,
        LANG: 'C.UTF-8',
        TERM: 'xterm-256color',
        PROGRAM: program,
        NO_COLOR: '1',
      },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
}

test('what runs and what is not ok is drawn, and nothing of it stays', () => {
  const screen = drawn(500)
  expect(screen).toContain('❯ service')
  expect(screen).toContain('state/slow')
  expect(screen).toContain('✖ service/bad  the password \\e[31mredacted is bad')
  expect(screen).toContain('▲ state/odd  it is odd')
  expect(screen).not.toContain('hunter22')
  expect(screen).not.toContain('\x1b[31m')
  // Cleared, the cursor shown again, and only then the verdict.
  expect(screen).toMatch(/\x1b\[\?25hthe verdict(?:\x1b\[\?25h)?$/)
})

test('a run that is over at once draws nothing', () => {
  expect(drawn(5)).toBe('the verdict')
})
