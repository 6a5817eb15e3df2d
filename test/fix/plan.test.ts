import {expect, test} from 'vitest'
import type {Outcome} from '../../src/engine/outcome.ts'
import {plan} from '../../src/fix/plan.ts'
import {remedy} from '../../src/remedies/remedy.ts'
import type {CheckId, Remedy} from '../../src/report/finding.ts'
import {run} from '../../src/report/step.ts'
import {critical, literalCheck} from '../literal.ts'

const unit = 'prism-django.service'
const reset = run('systemctl', 'reset-failed', unit)
const start = run('systemctl', 'start', unit)
const restart = run('systemctl', 'restart', unit)
const createdb = run('createdb', 'prism')

function outcomeOf(id: CheckId, cure: Remedy): Outcome {
  const finding = critical('broken', 'broken', cure)
  return {
    check: literalCheck(id, finding),
    status: 'critical',
    findings: [finding],
    skippedBecause: [],
    durationMs: 0,
  }
}

function planned(...cures: readonly (readonly [CheckId, Remedy])[]) {
  const outcomes = cures.map(([id, cure]) => outcomeOf(id, cure))
  return plan(
    cures.map(([id]) => id),
    outcomes,
    unit,
  ).map(({step, remedies}) => [step.argv?.[1] ?? '', remedies.flatMap(({checks}) => checks)])
}

test('the service is started once, after systemd has forgotten its failures, and serves all who asked for it', () => {
  const steps = planned(
    ['service/active', remedy('Start', 'disruptive', [start, reset])],
    ['database/exists', remedy('Create', 'disruptive', [createdb, restart])],
  )
  expect(steps).toEqual([
    ['prism', ['database/exists']],
    ['reset-failed', ['service/active']],
    ['restart', ['database/exists', 'service/active']],
  ])
})
