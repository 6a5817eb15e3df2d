import {execFileSync} from 'node:child_process'
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest'
import type {Alteration} from '../../../src/host/hands.ts'
import {inBytes} from '../../../src/host/local/descriptors.ts'
import {lossesOf, withoutLosses} from '../../../src/host/local/losses.ts'

const {spawned} = vi.hoisted(() => ({spawned: {count: 0}}))

vi.mock('node:child_process', async original => {
  const real = await original<typeof import('node:child_process')>()
  const spawnSync: typeof real.spawnSync = ((...args: Parameters<typeof real.spawnSync>) => {
    spawned.count += 1
    return real.spawnSync(...args)
  }) as typeof real.spawnSync
  return {...real, spawnSync}
})

const isRoot = process.geteuid?.() === 0
let state = ''

beforeEach(() => {
  state = join(mkdtempSync(join(tmpdir(), 'prism-doctor-')), 'state')
  mkdirSync(state)
  spawned.count = 0
})

afterEach(() => rmSync(join(state, '..'), {recursive: true, force: true}))

const entry = (name: string): Alteration => {
  const was = {uid: 0, gid: 0, mode: 0o600}
  return {path: inBytes(join(state, name)), ino: 0, was, to: {...was, mode: 0o644}}
}

test('others have their turn between the directories of a large tree', async () => {
  const names = Array.from({length: 1100}, (_, at) => `${at}/file`)
  for (const name of names) {
    mkdirSync(join(state, name, '..'))
    writeFileSync(join(state, name), '')
  }
  let turns = 0
  const turn = (): void => {
    turns += 1
    next = setImmediate(turn)
  }
  let next = setImmediate(turn)
  const entries = names.map(entry)
  expect(await withoutLosses(state, entries, [])).toEqual(entries)
  clearImmediate(next)
  expect(turns).toBeGreaterThanOrEqual(2)
  expect(spawned.count).toBeLessThanOrEqual(3)
})

describe.runIf(isRoot)('access control lists', () => {
  /** user::rw- user:1234:rwx group::r-- mask::r-- other::--- */
  const give = (path: string): void => {
    const list =
      '[(1, 6, 2**32-1), (2, 7, 1234), (4, 4, 2**32-1), (16, 4, 2**32-1), (32, 0, 2**32-1)]'
    const script = `import os, struct, sys
value = struct.pack('<I', 2) + b''.join(struct.pack('<HHI', *each) for each in ${list})
os.setxattr(os.fsencode(sys.argv[1]), 'system.posix_acl_access', value)`
    execFileSync('python3', ['-c', script, path])
  }

  test('are told by name, however many names vanish, without asking for each', () => {
    const odd = [
      'a b',
      "q'b",
      'line\nbreak',
      'é',
      'back\\slash',
      '\u001b[31m',
      'x -> y',
      '"',
      'ü\\n',
    ]
    const plain = Array.from({length: 300}, (_, at) => `f${at}`)
    for (const name of [...odd, ...plain]) writeFileSync(join(state, name), '')
    for (const name of odd) give(join(state, name))
    const all = [...odd, ...plain].flatMap((name, at) => [name, `gone${at}`]).map(entry)
    const losses = lossesOf(state, all, all)
    expect([...losses.keys()].sort()).toEqual(odd.map(name => entry(name).path).sort())
    expect(spawned.count).toBe(1)
  })
})
