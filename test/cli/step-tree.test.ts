import {execFileSync} from 'node:child_process'
import {expect, test} from 'vitest'
import {audienceOnStderr} from '../../src/cli/audience.ts'
import type {StepsView} from '../../src/fix/audience.ts'
import type {PlannedStep} from '../../src/fix/plan.ts'
import {remedy} from '../../src/remedies/remedy.ts'
import {styleFor} from '../../src/report/reporters/style.ts'
import {run} from '../../src/report/step.ts'
import {plainTerminal} from '../../src/report/terminal.ts'
import {critical, diagnosed, literalCheck} from '../literal.ts'

/** Steps that are carried out on a terminal of their own (util-linux's script), slowly. */
function drawn(): string {
  const program = `
import {setTimeout} from 'node:timers/promises'
import {plantSteps} from './src/cli/step-tree.ts'
import {run} from './src/report/step.ts'
const remedies = []
const secret = {step: run('restart', 'hunter22\\x1b[31m'), remedies}
const steps = [{step: run('systemctl', 'restart', 'prism-django.service'), remedies}, secret, {step: run('never'), remedies}]
const {visible} = await import('./src/report/escape.ts')
// Drawn by the same event loop: what is due earlier comes earlier, however slow the machine is.
await import('listr2')
const {styleFor} = await import('./src/report/reporters/style.ts')
const {plainTerminal} = await import('./src/report/terminal.ts')
const view = plantSteps(steps, text => visible(text.replaceAll('hunter22', 'redacted')), await styleFor(plainTerminal))
view.begin(steps[0])
await setTimeout(400)
view.verify(steps[0], ['service/active', 'http/app'])
await setTimeout(400)
view.end(steps[0], 'done')
view.ask(secret, ['database/login'])
await setTimeout(400)
view.begin(secret)
await setTimeout(400)
view.end(secret, {reason: 'exit code 1: hunter22 is wrong'})
view.end(steps[2], 'passed')
await view.done()
process.stdout.write('the answer')
`
  const command = `stty cols 90 rows 24; ${process.execPath} --input-type=module -e "$PROGRAM"`
  return execFileSync('script', ['-qec', command, '/dev/null'], {
    env: {PATH: process.env.PATH, LANG: 'C.UTF-8', TERM: 'xterm', PROGRAM: program, NO_COLOR: '1'},
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

test('a step says what goes on, and stays with its command and its end', () => {
  const screen = drawn()
  const said = [
    'restarting prism-django.service',
    'verifying service/active, http/app',
    'asking database/login again',
    "running restart 'redacted\\e[31m'",
  ]
  let from = 0
  for (const text of said) {
    const at = screen.indexOf(text, from)
    expect([text, at > from]).toEqual([text, true])
    from = at
  }
  expect(screen).not.toMatch(/hunter22|\x1b\[31m/)
  const last = screen.slice(screen.lastIndexOf('✔ sudo systemctl restart prism-django.service'))
  expect(last).toContain("✖ sudo restart 'redacted\\e[31m'  exit code 1: redacted is wrong")
  expect(last).toContain('sudo never')
  expect(last).toMatch(/the answer(?:\x1b\[\?25h)?$/)
})

const plan = (...steps: readonly PlannedStep['step'][]): readonly PlannedStep[] =>
  steps.map(step => ({step, remedies: []}))

async function lines(acts = true) {
  const written: string[] = []
  const audience = audienceOnStderr({
    terminal: plainTerminal,
    style: await styleFor(plainTerminal),
    conceal: text => text.replaceAll('hunter22', 'redacted'),
    write: text => void written.push(text),
    acts,
    privileged: true,
    verbose: false,
  })
  return {audience, written}
}

test('without a terminal there are plain lines', async () => {
  const {audience, written} = await lines()
  const [restart, failing] = plan(run('systemctl', 'restart', 'x.service'), run('hunter22'))
  if (!restart || !failing) throw new Error('there are two')
  const view: StepsView = audience.steps([restart, failing])
  view.begin(restart)
  view.verify(restart, ['service/active'])
  view.end(restart, 'done')
  view.ask(failing, ['service/active'])
  view.begin(failing)
  view.end(failing, {reason: 'exit code 1'})
  await view.done()
  expect(written.join('')).toBe(
    'sudo systemctl restart x.service\n  verifying service/active\nsudo redacted\n  exit code 1\n\n',
  )
})

test('the verdict comes before the questions, and only where something may be changed', async () => {
  const cure = remedy('Start it', 'disruptive', [run('systemctl', 'start', 'x.service')])
  const report = await diagnosed([
    literalCheck('service/active', critical('down', 'it is down', cure)),
  ])
  const {audience, written} = await lines()
  await audience.verdict(report)
  expect(written.join('')).toMatch(
    /✖ One thing is wrong[\s\S]*it is down[\s\S]*systemctl start x\.service/,
  )
  const dry = await lines(false)
  await dry.audience.verdict(report)
  expect(dry.written).toEqual([])
})
