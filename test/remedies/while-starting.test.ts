import {expect, test} from 'vitest'
import {findTarget} from '../../src/facts/target/find.ts'
import {remedy} from '../../src/remedies/remedy.ts'
import {whileStarting} from '../../src/remedies/while-starting.ts'
import {hand} from '../../src/report/step.ts'
import {critical} from '../literal.ts'
import {type Edits, machine} from '../machine.ts'

const verdict = critical(
  'never-collected',
  'nothing was collected',
  remedy('Collect', 'manual', [hand('collect')]),
  {
    evidence: ['seen'],
  },
)

async function judged(
  unit: Readonly<Record<string, string>>,
  command: 'migrate' | 'collectstatic',
) {
  const edits: Edits = {show: {'prism-django.service': unit}}
  // What runs before the start is asked only where something is wrong.
  const host = machine('manifest-truncated', edits)
  return whileStarting(
    host,
    await findTarget(host, {unit: 'prism-django.service'}),
    command,
    verdict,
  )
}

const starting = {ActiveState: 'activating', SubState: 'start-pre', NRestarts: '0'}

test('what the start that is under way will mend is a warning, and is waited for', async () => {
  const said = await judged(starting, 'collectstatic')
  expect(said).toMatchObject({
    status: 'warning',
    kind: 'cause',
    code: 'never-collected',
    evidence: ['seen'],
    because: ['service/active'],
  })
  expect(said.message).toBe(
    'nothing was collected; prism-django.service is starting, and runs collectstatic first',
  )
  expect(said.remedy?.steps[0]?.shell).toBe('systemctl status prism-django.service')
})

test.each([
  ['that runs', {ActiveState: 'active', SubState: 'running'}],
  ['that is started again after a failure', {...starting, NRestarts: '2'}],
  ['that does nothing before it starts', {...starting, ExecStartPre: ''}],
])('nothing is waited for of a service %s', async (_, unit) => {
  expect(await judged(unit, 'collectstatic')).toBe(verdict)
  expect(await judged(unit, 'migrate')).toBe(verdict)
})
