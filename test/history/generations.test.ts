import {describe, expect, test} from 'vitest'
import {remedy} from '../../src/remedies/remedy.ts'
import type {Report} from '../../src/report/report.ts'
import {byHand} from '../../src/report/step.ts'
import {critical, linkTo} from '../literal.ts'
import {look, ownPlace, type State} from './machine.ts'

const old = '/nix/store/00000000000000000000000000000000-nixos-system-midship-25.11'
const now = '/nix/store/11111111111111111111111111111111-nixos-system-midship-25.11'
const unitOf = (system: string) => `${system}/etc/systemd/system/prism-django.service`

const cure = remedy('Do something', 'manual', [byHand('sudo', 'true')])
const broken = critical('broken', 'it is broken', cure)

/** What links there are, but for those that are left out. */
function machine(links: Readonly<Record<string, string | null>> = {}): NonNullable<State['host']> {
  const all: Readonly<Record<string, string | null>> = {
    '/nix/var/nix/profiles/system': 'system-11-link',
    '/nix/var/nix/profiles/system-10-link': old,
    [unitOf(old)]: '/nix/store/a/prism-django.service',
    [unitOf(now)]: '/nix/store/b/prism-django.service',
    ...links,
  }
  return {
    list: async () => ['system', 'system-10-link', 'system-11-link'],
    stat: async path => (all[path] ? linkTo(all[path]) : null),
    exec: async argv => ({
      exitCode: 0,
      stdout: argv.includes('diff-closures') ? 'django: 5.1.2 → 5.2, +12.3 KiB\n' : '',
      stderr: '',
    }),
  }
}

async function afterRebuild(
  host: State['host'],
  more: Readonly<Record<string, string>> = {},
  wholes: readonly string[] = ['migrated/'],
): Promise<Report> {
  const place = ownPlace()
  const then = {'system/current': old, 'migrated/shop': '0003_price (3)'}
  await look(place, {at: '2026-11-27T02:00:00.000Z', facts: then, wholes, ...(host && {host})})
  const facts = {...then, 'system/current': now, ...more}
  const at = '2026-11-27T02:10:00.000Z'
  return look(place, {at, facts, wholes, says: broken, ...(host && {host})})
}

const offered = ({checks}: Report) =>
  checks.flatMap(({findings}) => findings.flatMap(each => each.remedy?.alternatives ?? []))

test('two generations are compared with the system’s own tool', async () => {
  const {history} = await afterRebuild(machine())
  expect(history?.changes.map(({name, old: was, new: is}) => [name, was, is])).toEqual([
    ['system/current', old, now],
    ['package of the system/django', '5.1.2', '5.2'],
  ])
})

test('to the generation that was seen healthy, with another unit, a way leads back', async () => {
  const [way, ...others] = offered(await afterRebuild(machine()))
  expect(way).toEqual({
    summary: 'Go back to the generation with which all was well',
    risk: 'manual',
    steps: [{shell: 'sudo nixos-rebuild switch --rollback', argv: null}],
    nix: null,
    lasting: null,
  })
  expect(others).toEqual([])
})

describe('no way leads back', () => {
  test.each([
    ['the unit is the same', {[unitOf(now)]: '/nix/store/a/prism-django.service'}],
    ['the unit was not there', {[unitOf(old)]: null}],
    ['a rollback leads elsewhere', {'/nix/var/nix/profiles/system-10-link': now}],
    ['the profile is not known', {'/nix/var/nix/profiles/system': null}],
  ])('where %s', async (_, links) => {
    expect(offered(await afterRebuild(machine(links)))).toEqual([])
  })

  test('where the database is ahead', async () => {
    expect(offered(await afterRebuild(machine(), {'migrated/shop': '0004_tax (4)'}))).toEqual([])
  })

  test('where nobody could ask the database', async () => {
    expect(offered(await afterRebuild(machine(), {}, []))).toEqual([])
  })

  test('on another platform', async () => {
    const debian = {
      readFile: async () => ({kind: 'file', text: 'ID=debian\n', utf8: true}) as const,
    }
    const report = await afterRebuild({...machine(), ...debian})
    expect(offered(report)).toEqual([])
    expect(report.history?.changes.map(({name}) => name)).toEqual(['system/current'])
  })
})
