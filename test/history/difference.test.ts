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

test('of a kind of which some are not kept, what is not there is not new', () => {
  const many = installed(
    Object.fromEntries(Array.from({length: 6000}, (_, at) => [`package-${at}`, '1'])),
  )
  const kept = keptPicture(many, null, key)
  expect(kept.facts).toHaveLength(5000)
  expect(differenceOf(kept, many, key).changes).toEqual([])
})
