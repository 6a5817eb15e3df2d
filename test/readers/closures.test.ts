import {execFile} from 'node:child_process'
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {promisify} from 'node:util'
import {afterAll, describe, expect, test} from 'vitest'
import {parseClosures} from '../../src/platform/generations.ts'
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
