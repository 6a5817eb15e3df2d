import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {deviatingIn} from '../../../src/host/local/deviating.ts'
import {entriesAt} from '../../../src/host/local/tree.ts'

const service = {uid: 51_234, gid: 51_235}
const isRoot = process.geteuid?.() === 0

let state = ''

beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'prism-doctor-'))
  mkdirSync(join(state, 'media'))
  for (let at = 0; at < 30; at += 1) {
    writeFileSync(join(state, 'media', String(at)), '')
    chmodSync(join(state, 'media', String(at)), 0o644)
  }
})

afterEach(() => rmSync(state, {recursive: true, force: true}))

const names = (paths: readonly string[]): readonly string[] =>
  paths.map(path => path.slice(state.length)).sort()

describe.runIf(isRoot)('candidates of another owner', () => {
  const own = (...groups: readonly number[]) =>
    ({kind: 'own', path: state, ...service, groups: [service.gid, ...groups]}) as const

  beforeEach(() => {
    for (const name of ['', 'media', ...Array.from({length: 30}, (_, at) => `media/${at}`)])
      chownSync(join(state, name), service.uid, service.gid)
  })

  test('are those alone, after the top', async () => {
    chownSync(join(state, 'media/7'), 0, service.gid)
    chownSync(join(state, 'media/8'), service.uid, 777)
    chownSync(join(state, 'media/9'), service.uid, 778)
    symlinkSync('/etc', join(state, 'link'))
    const refused: never[] = []
    expect(names(await deviatingIn(own(777), state, refused))).toEqual(['', '/media/7', '/media/9'])
    expect(refused).toEqual([])
  })

  test('of more than a journal takes a hand has to give away', async () => {
    expect(await deviatingIn(own(), state, [], 2)).toEqual([state])
    for (const at of [1, 2, 3]) chownSync(join(state, `media/${at}`), 0, 0)
    await expect(deviatingIn(own(), state, [], 2)).rejects.toMatchObject({
      name: 'Refused',
      message: expect.stringContaining('more than 2 entries below'),
    })
  })
})

test('candidates of a mode lack what they are to have', async () => {
  const change = {kind: 'mode', path: state, recursive: true, add: 0o555} as const
  chmodSync(state, 0o755)
  chmodSync(join(state, 'media'), 0o750)
  chmodSync(join(state, 'media/1'), 0o600)
  chmodSync(join(state, 'media/2'), 0o744)
  chmodSync(join(state, 'media/3'), 0o755)
  const candidates = names(await deviatingIn(change, state, []))
  expect(candidates).toEqual(['', '/media', '/media/1', '/media/2'])
  expect(await deviatingIn({...change, recursive: false}, state, [])).toEqual([state])
})

test('a path that climbs out of the tree leads nowhere', () => {
  const change = {kind: 'mode', path: join(state, 'media'), recursive: true, add: 0} as const
  const paths = ['..', '.', '', '../../etc/passwd', '1/..', 'no', '2/below', '3'].map(
    name => `${change.path}/${name}`,
  )
  const refused: {readonly path: string; readonly why: string}[] = []
  const found = [...entriesAt(change, state, [...paths, '/etc/passwd', change.path], refused)]
  expect(names(found.map(({path}) => path))).toEqual(['/media', '/media/3'])
  expect(refused).toEqual([])
})
