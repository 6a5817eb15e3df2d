import {execFile, execFileSync} from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {promisify} from 'node:util'
import {afterAll, describe, expect, test} from 'vitest'
import {parseClosures} from '../../src/platform/generations.ts'
import {remedy} from '../../src/remedies/remedy.ts'
import type {Report} from '../../src/report/report.ts'
import {byHand} from '../../src/report/step.ts'
import {look, ownPlace, type State} from '../history/machine.ts'
import {critical, linkTo} from '../literal.ts'
import {installed} from '../programs.ts'

const nix = installed('nix') ?? ''
const directory = mkdtempSync(join(tmpdir(), 'prism-doctor-closures-'))

afterAll(() => rmSync(directory, {recursive: true, force: true}))

/** nix with a store of its own. */
async function store(...argv: readonly string[]): Promise<string> {
  const common = [
    '--extra-experimental-features',
    'nix-command',
    '--store',
    join(directory, 'store'),
  ]
  const env = {PATH: process.env.PATH, HOME: directory}
  return (await promisify(execFile)(nix, [...common, 'store', ...argv], {env})).stdout
}

async function added(name: string, size: number): Promise<string> {
  const path = join(directory, name)
  mkdirSync(path)
  writeFileSync(join(path, 'content'), 'x'.repeat(size))
  return (await store('add-path', path, '--name', name)).trim()
}

describe.skipIf(nix === '')('nix store diff-closures', () => {
  test('says what is read of it', {timeout: 60_000}, async () => {
    const old = await added('django-5.1.2', 60_000)
    const now = await added('django-5.2', 10)
    const plain = await added('plain', 10)
    const differ = async (a: string, b: string) => parseClosures(await store('diff-closures', a, b))
    expect(await differ(old, now)).toEqual([{name: 'django', old: '5.1.2', new: '5.2'}])
    expect(await differ(old, plain)).toEqual([
      {name: 'django', old: '5.1.2', new: null},
      {name: 'plain', old: null, new: ''},
    ])
    expect(await differ(old, old)).toEqual([])
  })
})

/** A system as NixOS builds it: it names its packages, and its units are links to objects. */
async function system(hash: string, packages: readonly string[], unit: string): Promise<string> {
  const path = `/nix/store/${hash.repeat(32)}-nixos-system-midship-25.11`
  const place = join(directory, 'store', path)
  mkdirSync(join(place, 'etc/systemd/system'), {recursive: true})
  symlinkSync(
    `${unit}/prism-django.service`,
    join(place, 'etc/systemd/system/prism-django.service'),
  )
  const references = [...packages, unit]
  // As nix-store --dump-db prints it. Nobody asks for the content's hash.
  const hashed = ['0'.repeat(64), 1000, '']
  const said = [path, ...hashed, references.length, ...references].join('\n')
  const argv = ['--store', join(directory, 'store'), '--load-db']
  const env = {PATH: process.env.PATH, HOME: directory}
  execFileSync(`${nix}-store`, argv, {input: `${said}\n`, env, stdio: 'pipe'})
  return path
}

/** The profile of the system with its generations, in their order. */
function profile(generations: readonly string[]): void {
  const place = join(directory, 'store/nix/var/nix/profiles')
  rmSync(place, {recursive: true, force: true})
  mkdirSync(place, {recursive: true})
  for (const [at, path] of generations.entries())
    symlinkSync(path, join(place, `system-${at + 1}-link`))
  symlinkSync(`system-${generations.length}-link`, join(place, 'system'))
}

/** A machine with that store: every link is read there, and nix asks it. */
const machine: NonNullable<State['host']> = {
  list: async path => {
    const place = join(directory, 'store', path)
    return existsSync(place) ? readdirSync(place).sort() : null
  },
  stat: async path => {
    try {
      return linkTo(readlinkSync(join(directory, 'store', path)))
    } catch {
      return null
    }
  },
  exec: async ([program, ...argv]) => {
    if (program !== 'nix') return {exitCode: 0, stdout: '', stderr: ''}
    const {stdout, stderr} = await promisify(execFile)(
      nix,
      ['--store', join(directory, 'store'), ...argv],
      {env: {PATH: process.env.PATH, HOME: directory}},
    )
    return {exitCode: 0, stdout, stderr}
  },
}

/** What is found once `now` runs where all was well with `old`. */
async function after(old: string, now: string, migrated: string): Promise<Report> {
  const place = ownPlace()
  const cure = remedy('Do something', 'manual', [byHand('sudo', 'true')])
  const then = {'system/current': old, 'migrated/shop': '0003_price (3)'}
  const common = {wholes: ['migrated/'], host: machine}
  await look(place, {...common, at: '2026-11-27T02:00:00.000Z', facts: then})
  return look(place, {
    ...common,
    at: '2026-11-27T02:10:00.000Z',
    facts: {'system/current': now, 'migrated/shop': migrated},
    says: critical('broken', 'it is broken', cure),
  })
}

const ways = ({checks}: Report): readonly string[] =>
  checks.flatMap(({findings}) =>
    findings.flatMap(({remedy}) =>
      (remedy?.alternatives ?? []).flatMap(({steps}) => steps.map(({shell}) => shell)),
    ),
  )

describe.skipIf(nix === '')('two generations in a store of Nix', () => {
  test('are compared, and a way leads back only where all is known', {
    timeout: 120_000,
  }, async () => {
    const [django, newer] = [await added('django-5.1.3', 100_000), await added('django-5.3', 10)]
    const [unit, other] = [await added('unit-one', 10), await added('unit-two', 10)]
    const old = await system('a', [django], unit)
    const now = await system('b', [newer], other)
    const between = await system('c', [newer], other)
    const sameUnit = await system('d', [newer], unit)
    const ahead = '0004_tax (4)'
    const same = '0003_price (3)'
    const back = ['sudo nixos-rebuild switch --rollback']

    profile([old, now])
    const report = await after(old, now, same)
    expect(report.history?.changes.map(({name, old: was, new: is}) => [name, was, is])).toEqual(
      expect.arrayContaining([
        ['system/current', old, now],
        ['package of the system/django', '5.1.3', '5.3'],
      ]),
    )
    expect(ways(report)).toEqual(back)
    expect(ways(await after(old, now, ahead))).toEqual([])
    profile([old, between, now])
    expect(ways(await after(old, now, same))).toEqual([])
    profile([old, sameUnit])
    expect(ways(await after(old, sameUnit, same))).toEqual([])
    profile([between, old, now])
    expect(ways(await after(old, now, same))).toEqual(back)
  })
})
