import {afterEach, describe, expect, test, vi} from 'vitest'
import {consentBy} from '../../src/fix/consent.ts'
import type {Prospect} from '../../src/fix/survey.ts'
import {createSecrets} from '../../src/host/redactor.ts'
import {remedy} from '../../src/remedies/remedy.ts'
import {styleFor} from '../../src/report/reporters/style.ts'
import {change, run} from '../../src/report/step.ts'
import {plainTerminal} from '../../src/report/terminal.ts'
import {literalHost} from '../literal.ts'

const confirm = vi.hoisted(() => vi.fn<(question: {message: string}) => Promise<boolean>>())
vi.mock('@inquirer/prompts', () => ({confirm}))
afterEach(() => confirm.mockReset())

const name = '/var/lib/prism-django/media/\u001b[31mred\u0007'
const open = change(
  {kind: 'mode', path: name, recursive: false, add: 0o700},
  'chmod',
  'u+rwX',
  name,
)
const restart = run('systemctl', 'restart', 'prism-django.service')

function prospects(summary = `Open ${name}`): readonly Prospect[] {
  return [remedy(summary, 'safe', [open]), remedy('Restart', 'disruptive', [restart])].map(
    ({summary, risk, steps: [step = open]}) => ({
      planned: {
        step,
        remedies: [
          {checks: ['state/modes'], summary, risk: risk as 'safe', requires: [], tries: []},
        ],
      },
      survey: null,
      refused: null,
    }),
  )
}

async function consent(
  flags: {yes: boolean; disruptive: boolean; interactive?: boolean},
  secrets = createSecrets(),
) {
  const written: string[] = []
  const asked = consentBy({
    interactive: false,
    ...flags,
    style: await styleFor(plainTerminal),
    width: 80,
    conceal: secrets.conceal,
    write: text => void written.push(text),
  })
  return {written, asked}
}

test.each([
  [{yes: true, disruptive: false}, ['safe']],
  [{yes: true, disruptive: true}, ['safe', 'disruptive']],
])('%o accepts %o', async (flags, risks) => {
  const {asked} = await consent(flags)
  const accepted = await asked.ask(prospects())
  expect([...(accepted ?? [])].map(({risk}) => risk)).toEqual(risks)
})

test('nobody to ask and no flag: nothing', async () => {
  const {asked} = await consent({yes: false, disruptive: false})
  expect(await asked.ask(prospects())).toBeNull()
})

describe('at a terminal', () => {
  const ask = async () =>
    (await consent({yes: false, disruptive: false, interactive: true})).asked.ask(prospects())

  test('asks once for what is safe and once for each that is disruptive', async () => {
    confirm.mockResolvedValueOnce(true).mockResolvedValueOnce(false)
    expect([...((await ask()) ?? [])].map(({risk}) => risk)).toEqual(['safe'])
    const asked = confirm.mock.calls.map(([{message}]) => message)
    expect(asked).toEqual(['Carry out step 1 (safe)?', 'Carry out step 2 (disruptive)?'])
  })

  test('asks once for all that is disruptive', async () => {
    const {asked} = await consent({yes: false, disruptive: false, interactive: true})
    const [, first] = prospects()
    const [, second] = prospects('Set it')
    if (!first || !second) throw new Error('there are two')
    const start = {...second.planned, step: run('systemctl', 'start', 'nginx.service')}
    confirm.mockResolvedValueOnce(true)
    const accepted = await asked.ask([first, {...second, planned: start}])
    expect(accepted?.size).toBe(2)
    const asking = confirm.mock.calls.map(([{message}]) => message)
    expect(asking).toEqual(['Carry out steps 1 and 2 (disruptive)?'])
  })

  test.each(['ExitPromptError', 'AbortPromptError'])(
    '%s ends the questions, and nothing happens',
    async name => {
      confirm
        .mockResolvedValueOnce(true)
        .mockRejectedValueOnce(Object.assign(new Error('force closed'), {name}))
      expect(await ask()).toBeNull()
      confirm.mockRejectedValueOnce(Object.assign(new Error('force closed'), {name}))
      expect(await ask()).toBeNull()
      expect(confirm).toHaveBeenCalledTimes(3)
    },
  )
})

test('the plan says what is interrupted, and no name reaches the terminal as it is, also while it is done', async () => {
  const {asked, written} = await consent({yes: true, disruptive: true})
  await asked.show(prospects(), literalHost())
  const text = written.join('')
  expect(text).toContain("chmod u+rwX '/var/lib/prism-django/media/\\e[31mred\\u0007'")
  expect(text).toContain('interrupts prism-django.service while it restarts')
  expect(text).not.toMatch(/[\u001b\u0007]/)
})

test('no secret is shown or asked about, not even one that the width of the terminal breaks', async () => {
  const secrets = createSecrets()
  secrets.add('canary lamp\u001bseven')
  const summary = `${'Set it '.repeat(9)}to canary lamp\u001bseven, or with TOKEN=harbourValue first`
  const {asked, written} = await consent(
    {yes: false, disruptive: false, interactive: true},
    secrets,
  )
  confirm.mockResolvedValueOnce(false).mockResolvedValueOnce(false)
  await asked.show(prospects(summary), literalHost())
  await asked.ask(prospects(summary))
  const questions = confirm.mock.calls.map(([{message}]) => message)
  expect([...written, ...questions].join('\n')).not.toMatch(/canary|seven|harbour/)
  expect(written.join('').replace(/\s+/g, ' ')).toMatch(
    /to redacted-[0-9a-f]{8}, or with TOKEN=redacted-[0-9a-f]{8} first \(/,
  )
})
