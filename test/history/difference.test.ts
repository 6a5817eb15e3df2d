import {expect, test} from 'vitest'
import {differenceOf, keptPicture} from '../../src/history/difference.ts'
import type {Key} from '../../src/history/key.ts'
import type {VeiledPicture} from '../../src/history/veil.ts'

const key: Key = {id: 'k', hash: (name, value) => `${name} ${value}`}

/** What is installed, all of it seen by one check. */
function installed(versions: Readonly<Record<string, string>>): VeiledPicture {
  const checks = ['service/package'] as const
  const facts = Object.entries(versions).map(([package_, value]) => {
    const name = `distribution/${package_}`
    return [name, {name, source: 'Python', value, shown: value, checks}] as const
  })
  return {facts: new Map(facts), wholes: [{prefix: 'distribution/', checks}]}
}

test('a picture of another version of the tool says only what is not the same', () => {
  const then = keptPicture(installed({django: '5.1', six: '1'}), null, key)
  const now = installed({django: '5.2', redis: '5'})
  const changes = (before: typeof then): readonly string[] =>
    differenceOf(before, now, key).changes.map(({kind, name}) => `${kind} ${name}`)
  expect(changes(then)).toEqual([
    'changed distribution/django',
    'added distribution/redis',
    'removed distribution/six',
  ])
  expect(changes({...then, version: '0.0.9'})).toEqual(['changed distribution/django'])
})
