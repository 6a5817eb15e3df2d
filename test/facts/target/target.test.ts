import {expect, it} from 'vitest'
import {findTarget} from '../../../src/facts/target/find.ts'
import {answerOf} from '../../../src/facts/target/target.ts'
import {NotStated} from '../../../src/host/host.ts'
import {machine} from '../../machine.ts'
import {targetWith, unit} from './targets.ts'

it('says why a fact is not known', async () => {
  const refused = await findTarget(machine('healthy'), {unit, ask: false})
  expect(refused.django.unasked?.kind).toBe('refused')
  expect(() => answerOf(refused, 'it')).toThrow(
    'Django was not asked: the configuration says ask = false',
  )
  const broken = await targetWith({django: {settings: undefined, databases: undefined}})
  expect(() => answerOf(broken, 'it')).toThrow(NotStated)
  const imported = await targetWith({django: said => ({...said, settings: {}, databases: {}})})
  expect(() => answerOf(imported, 'it')).toThrow(
    'it is not known: the settings could not be imported',
  )
})
