import {expect, test} from 'vitest'
import {nixGenerations, parseClosures} from '../../src/platform/generations.ts'
import {linkTo, literalHost} from '../literal.ts'

const old = '/nix/store/00000000000000000000000000000000-nixos-system-midship-25.11'
const now = '/nix/store/11111111111111111111111111111111-nixos-system-midship-25.11'

// As `nix store diff-closures` 2.18 prints it: sizes in colour, ∅ for nothing, ε for no version.
const printed = `acl: 2.3.1 → 2.3.2, \x1b[31;1m+12.3 KiB\x1b[0m
chromium: ∅ → 119.0, \x1b[31;1m+320.1 MiB\x1b[0m
etc: \x1b[31;1m+8.0 KiB\x1b[0m
python3.13-psycopg: 3.2.1 → ∅, \x1b[32;1m-2048.5 KiB\x1b[0m
unit-prism-django.service: ε → ∅
zlib: 1.2, 1.3 → 1.3
`

test('the packages that differ, each with its versions', () => {
  expect(parseClosures(printed)).toEqual([
    {name: 'acl', old: '2.3.1', new: '2.3.2'},
    {name: 'chromium', old: null, new: '119.0'},
    {name: 'python3.13-psycopg', old: '3.2.1', new: null},
    {name: 'unit-prism-django.service', old: '', new: null},
    {name: 'zlib', old: '1.2, 1.3', new: '1.3'},
  ])
})

test('the system’s own tool is asked, and only about what it is for', async () => {
  const asked: (readonly string[])[] = []
  const host = literalHost({
    exec: async argv => {
      asked.push(argv)
      return {exitCode: 0, stdout: printed, stderr: ''}
    },
  })
  expect(await nixGenerations.compare(host, old, now)).toHaveLength(5)
  expect(asked.map(argv => argv.slice(-4))).toEqual([['store', 'diff-closures', old, now]])
  expect(await nixGenerations.compare(host, old, '--impure')).toEqual([])
  expect(await nixGenerations.compare(host, '/nix/store/../etc', now)).toEqual([])
  expect(asked).toHaveLength(1)
})

test('a tool that fails, or is not there, tells nothing', async () => {
  const host = literalHost({exec: async () => ({exitCode: 1, stdout: printed, stderr: 'no'})})
  expect(await nixGenerations.compare(host, old, now)).toEqual([])
})

test.each([
  [
    'system-11-link',
    ['per-user', 'system', 'system-9-link', 'system-10-link', 'system-11-link'],
    10,
  ],
  // After a rollback newer ones are there as well.
  ['system-10-link', ['system', 'system-9-link', 'system-10-link', 'system-11-link'], 9],
  ['system-9-link', ['system', 'system-9-link', 'system-10-link'], null],
])('a rollback from %s leads to the one before', async (current, names, number) => {
  const host = literalHost({
    list: async () => names,
    stat: async path => (path.endsWith('/system') ? linkTo(current) : linkTo(`of ${path}`)),
  })
  expect(await nixGenerations.previous(host)).toBe(
    number === null ? null : `of /nix/var/nix/profiles/system-${number}-link`,
  )
})
