import {expect, test} from 'vitest'
import type {Check} from '../../src/checks/check.ts'
import {checks} from '../../src/checks/index.ts'
import {diagnose} from '../../src/engine/diagnose.ts'
import {ifSeen} from '../../src/host/if-seen.ts'
import {once} from '../../src/host/once.ts'
import type {Recording} from '../../src/host/recording.ts'
import {createSecrets} from '../../src/host/redactor.ts'
import {replayHost} from '../../src/host/replay.ts'
import {remedy} from '../../src/remedies/remedy.ts'
import {ok} from '../../src/report/finding.ts'
import type {Report} from '../../src/report/report.ts'
import {critical, diagnosed, literalCheck} from '../literal.ts'
import {fixture, machine, verdicts} from '../machine.ts'

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

const cure = remedy('Light it', 'manual', [])

/** The same check, which sees besides that something is wrong. */
const alarmed: Check = {
  ...curious,
  async run({host}) {
    await ifSeen(host.readFile('/sys/fs/cgroup/memory.events'))
    return critical('gone', 'the lamp is gone', cure)
  },
}

test("a question that is new takes no fault away from a user's old recording", async () => {
  const needing: Check = {...literalCheck('b/needing', critical('dark', 'it is dark', cure))}
  const report = await replayed('healthy', [alarmed, {...needing, needs: [curious]}, curious])
  const [first, second, third] = report.checks
  expect(first?.findings).toMatchObject([
    {status: 'critical', code: 'gone', evidence: expect.arrayContaining([unanswered])},
  ])
  // What is well by all that was recorded keeps nobody from being judged.
  expect([second?.status, third?.status]).toEqual(['critical', 'unknown'])
})

/** Without the answer in which the fault itself stands, nobody can know it. */
const itself = {
  'wrong-password':
    /^(?:unit prism-django|query \S+ with password: anything|readFile \/run\/secrets)/,
  'module-missing': /^(?:unit prism-django|asUnit \S+ ask Django: settings|readFile \S+gunicorn$)/,
  'sandbox-executable-memory':
    /^(?:unit prism-django|asUnit \S+ ask Django: (?:settings|start)$|readFile \S+gunicorn$)/,
  'port-taken': /^unit prism-django/,
} as const

test.each(Object.entries(itself))(
  'of %s each other answer may be missing: the cause stays the same',
  async (name, fault) => {
    const recording = fixture(name)
    const {rootCauses} = await replayed(recording)
    for (const [kind, byKey] of Object.entries(recording.answers))
      for (const key of Object.keys(byKey).filter(each => !fault.test(`${kind} ${each}`))) {
        const {[key]: _, ...rest} = byKey
        const report = await replayed({
          ...recording,
          answers: {...recording.answers, [kind]: rest},
        })
        expect(report.rootCauses, `without ${kind} ${key}`).toEqual(
          expect.arrayContaining([...rootCauses]),
        )
      }
  },
)

function replayed(of: string | Recording, some: readonly Check[] = checks): Promise<Report> {
  const recording = typeof of === 'string' ? fixture(of) : of
  return diagnose({
    host: once(replayHost(recording, createSecrets())),
    hostname: 'midship',
    checks: some,
    settings: {unit: recording.unit},
    deadline: 10_000,
  })
}
