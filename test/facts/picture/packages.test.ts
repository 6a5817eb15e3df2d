import {readFileSync} from 'node:fs'
import {expect, test} from 'vitest'
import {installedPackages} from '../../../src/facts/picture/packages.ts'
import {CannotLook, type ExecAnswer} from '../../../src/host/host.ts'
import {whole} from '../../../src/report/fact.ts'
import {literalHost} from '../../literal.ts'

const real = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8')

/** What is offered where os-release says this, and which programs were started for it. */
async function packages(
  release: string,
  programs: Readonly<Record<string, Partial<ExecAnswer>>> = {},
) {
  const started: string[] = []
  const host = literalHost({
    readFile: async () => ({kind: 'file', text: release, utf8: true}),
    exec: async ([program = '']) => {
      started.push(program)
      const answer = programs[program]
      if (!answer) throw new CannotLook(`${program} is not installed`)
      return {exitCode: 0, stdout: '', stderr: '', ...answer}
    },
  })
  const seen = await installedPackages(host)
  return {started, seen: seen.map(each => ('whole' in each ? each : [each.name, each.value]))}
}

// rpm 4.18 of packages that rpmbuild made, two of them in two versions side by side.
test.each([
  ['Fedora', 'ID=fedora\nVERSION_ID=40\n'],
  ['AlmaLinux', 'ID="almalinux"\nID_LIKE="rhel centos fedora"\n'],
  ['openSUSE', 'ID="opensuse-leap"\nID_LIKE="suse opensuse"\n'],
])('of rpm on %s', async (_, release) => {
  expect(await packages(release, {rpm: {stdout: real('rpm.stdout')}})).toEqual({
    started: ['rpm'],
    seen: [
      whole('rpm/'),
      ['rpm/tide', '0.9~rc1-1.x86_64'],
      ['rpm/lighthouse-lens', '2:1.10-3.noarch, 2:1.9-3.noarch'],
      ['rpm/lighthouse', '2:1.10-3.noarch, 2:1.9-3.noarch'],
    ],
  })
})

test.each([
  ['Debian', 'ID=debian\n'],
  ['Ubuntu', 'ID=ubuntu\nID_LIKE=debian\n'],
])('of dpkg on %s', async (_, release) => {
  expect(await packages(release, {'dpkg-query': {stdout: real('dpkg.stdout')}})).toEqual({
    started: ['dpkg-query'],
    seen: [
      whole('dpkg/'),
      ['dpkg/bash', '5.2.15-2+b8'],
      ['dpkg/gcc-12-base', '12.2.0-14+deb12u1'],
      ['dpkg/libc6', '2.36-9+deb12u14'],
      ['dpkg/perl-base', '5.36.0-7+deb12u4'],
    ],
  })
})

test('of pacman on Arch', async () => {
  expect(await packages('ID=arch\n', {pacman: {stdout: real('pacman.stdout')}})).toEqual({
    started: ['pacman'],
    seen: [whole('pacman/'), ['pacman/lighthouse', '2:1.10-3'], ['pacman/tide', '0.9rc1-1']],
  })
})

test.each([
  ['rpm has no database', {stdout: ''}],
  ['rpm fails', {exitCode: 1, stdout: real('rpm.stdout')}],
])('nothing is said to be gone where %s', async (_, rpm) => {
  expect(await packages('ID=fedora\n', {rpm})).toEqual({started: ['rpm'], seen: []})
})

test.each([
  ['Debian', 'ID=debian\n', ['dpkg-query']],
  ['Ubuntu', 'ID=ubuntu\nID_LIKE=debian\n', ['dpkg-query']],
  ['NixOS', 'ID=nixos\n', []],
  ['a system that is not known', 'ID=void\n', []],
  ['one that says nothing', '', []],
])('nobody is asked that cannot know: %s', async (_, release, started) => {
  expect(await packages(release)).toEqual({started, seen: []})
})
