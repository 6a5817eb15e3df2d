import {expect, test} from 'vitest'
import type {Check} from '../../src/checks/check.ts'
import {diagnose} from '../../src/engine/diagnose.ts'
import {ifSeen} from '../../src/host/if-seen.ts'
import {ok} from '../../src/report/finding.ts'
import {diagnosed, literalCheck} from '../literal.ts'
import {machine, verdicts} from '../machine.ts'

const unanswered = 'the recording has no answer to readFile /sys/fs/cgroup/memory.events'

/** A check that asks what no fixture holds, and would do without. */
const curious: Check = {
  ...literalCheck('a/curious', []),
  async run({host}) {
    const answer = await ifSeen(host.readFile('/sys/fs/cgroup/memory.events'))
    return ok(answer?.kind === 'file' ? answer.text : 'the kernel counts no memory')
  },
}

test('a new question fails the test of a check on a recorded machine', async () => {
  await expect(verdicts(curious, machine('healthy'))).rejects.toMatchObject({
    name: 'NotRecorded',
    message: unanswered,
  })
})

test('and the test of a whole diagnosis', async () => {
  await expect(diagnosed([curious], {host: machine('healthy')})).rejects.toThrow(
    'a/curious: the recording has no answer',
  )
})

test("to a user's replay it is unknown, and the other checks are answered", async () => {
  const host = machine('healthy')
  const report = await diagnose({
    host,
    hostname: 'midship',
    checks: [curious, literalCheck('a/fine', ok('fine'))],
    settings: {unit: 'prism-django.service'},
    deadline: 10_000,
  })
  expect(report).toMatchObject({status: 'unknown', counts: {ok: 1, unknown: 1}})
  expect(report.checks[0]?.findings).toMatchObject([
    {code: 'not-looked', status: 'unknown', message: unanswered},
  ])
})
