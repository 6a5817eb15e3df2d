import {execFileSync} from 'node:child_process'
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
import {readable} from '../../../src/host/hands.ts'
import type {CountedWalk, ListedWalk} from '../../../src/host/host.ts'
import {inBytes} from '../../../src/host/local/descriptors.ts'
import {complaintsIn, walk} from '../../../src/host/local/walk.ts'
import {hasFuse, withClosedMount} from './closed-mount.ts'

const isRoot = process.geteuid?.() === 0
const most = {entries: 20, bytes: 1 << 20, kinds: 5, named: 3, namedBytes: 1 << 20}

let root = ''

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'prism-doctor-'))
  for (const name of ['media', 'static']) {
    mkdirSync(join(root, name))
    chmodSync(join(root, name), 0o755)
  }
})

afterEach(() => rmSync(root, {recursive: true, force: true}))

function fill(directory: string, count: number, mode = 0o644): void {
  for (let at = 0; at < count; at += 1) {
    writeFileSync(join(root, directory, String(at)), '')
    chmodSync(join(root, directory, String(at)), mode)
  }
}

const listed = async (limits = most): Promise<ListedWalk> => {
  const answer = await walk(root, [], limits)
  if (answer.truncated) throw new Error('it was counted')
  return answer
}

const counted = async (apart: readonly string[] = [], limits = most): Promise<CountedWalk> => {
  const answer = await walk(root, apart, limits)
  if (!answer.truncated) throw new Error('it was listed')
  return answer
}

describe('a small tree', () => {
  test('is listed whole, with what links say', async () => {
    symlinkSync('a//b\nc', join(root, 'media/link'))
    writeFileSync(join(root, 'media/a'), 'four')
    chmodSync(join(root, 'media/a'), 0o4711)
    execFileSync('touch', ['-d', '@1700000000.25', join(root, 'media/a')])
    const {entries, unreadable} = await listed()
    expect(unreadable).toEqual([])
    expect(entries.map(({path}) => path).sort()).toEqual([
      'media',
      'media/a',
      'media/link',
      'static',
    ])
    const ids = {uid: process.geteuid?.(), gid: process.getegid?.()}
    expect(entries.find(({path}) => path === 'media/a')).toEqual({
      path: 'media/a',
      type: 'file',
      mode: 0o4711,
      ...ids,
      nlink: 1,
      size: 4,
      mtime: 1_700_000_000_250,
    })
    expect(entries.find(({path}) => path === 'media/link')).toMatchObject({
      type: 'symlink',
      link: 'a//b\nc',
    })
  })

  test('whatever its names hold', async () => {
    const names = ['line\nbreak', ' space ', '\u001b[31m', 'ä', 'f644 0 0 1 1 1 x']
    for (const name of names) writeFileSync(join(root, name), '')
    writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xff])]), '')
    const paths = (await listed()).entries.map(({path}) => path)
    expect(paths).toEqual(expect.arrayContaining([...names, '\ufffd']))
  })

  test('also of more names than come in one piece', async () => {
    const long = 'n'.repeat(250)
    for (let at = 0; at < 2000; at += 1) writeFileSync(join(root, `${long}${at}`), '')
    const {entries} = await listed({...most, entries: 5000})
    expect(new Set(entries.map(({path}) => path)).size).toBe(2002)
  })
})

describe('a tree that is too large to be listed', () => {
  test('by the number of its entries, or by the bytes of their names', async () => {
    fill('media', 18)
    expect((await listed()).entries).toHaveLength(20)
    writeFileSync(join(root, 'media/one-more'), '')
    expect((await walk(root, [], most)).truncated).toBe(true)
    expect((await walk(root, [], {...most, entries: 100, bytes: 500})).truncated).toBe(true)
  })

  test('counts every entry, and names the one that is odd', async () => {
    fill('media', 50)
    fill('static', 10)
    writeFileSync(join(root, 'media/odd'), '')
    chmodSync(join(root, 'media/odd'), 0o600)
    writeFileSync(join(root, 'static/site.css.gz'), '')
    chmodSync(join(root, 'static/site.css.gz'), 0o644)
    const {kinds, unjudged, unreadable} = await counted()
    expect({unjudged, unreadable}).toEqual({unjudged: 0, unreadable: []})
    const said = kinds.map(({type, mode, compressed, count, named}) => ({
      is: `${type} ${mode.toString(8)} ${compressed}`,
      count,
      named: named.length,
    }))
    expect(said).toHaveLength(4)
    expect(said).toEqual(
      expect.arrayContaining([
        {is: 'file 644 false', count: 60, named: 3},
        {is: 'file 600 false', count: 1, named: 1},
        {is: 'file 644 true', count: 1, named: 1},
        {is: 'directory 755 false', count: 2, named: 2},
      ]),
    )
    expect(kinds.find(({mode}) => mode === 0o600)?.named[0].path).toBe('media/odd')
  })

  test.runIf(isRoot)('tells owners and groups apart', async () => {
    fill('media', 30)
    chownSync(join(root, 'media/7'), 1234, 0)
    chownSync(join(root, 'media/8'), 0, 1234)
    const {kinds} = await counted()
    const odd = kinds.filter(({uid, gid}) => uid + gid > 0)
    expect(odd.map(({uid, gid, named}) => [uid, gid, named[0].path]).sort()).toEqual([
      [0, 1234, 'media/8'],
      [1234, 0, 'media/7'],
    ])
  })

  test('tells directories apart, the innermost, and each from what lies in it', async () => {
    mkdirSync(join(root, 'media/public'))
    mkdirSync(join(root, 'media-old'))
    fill('media', 30)
    fill('media/public', 4)
    fill('media-old', 2)
    const {kinds} = await counted(['media', 'media/public'], {...most, kinds: 20})
    const said = kinds.map(({apart, type, count}) => `${apart} ${type} ${count}`)
    expect(said.sort()).toEqual([
      'media directory 1',
      'media file 30',
      'media/public directory 1',
      'media/public file 4',
      'null directory 2',
      'null file 2',
    ])
  })

  test('of more kinds than are kept says how many it did not judge', async () => {
    for (let mode = 0; mode < 30; mode += 1) {
      writeFileSync(join(root, 'media', String(mode)), '')
      chmodSync(join(root, 'media', String(mode)), mode)
    }
    const {kinds, unjudged} = await counted()
    expect(kinds).toHaveLength(most.kinds)
    expect(kinds.reduce((sum, {count}) => sum + count, unjudged)).toBe(32)
  })

  test('names no more than it keeps, and one of each kind in any case', async () => {
    fill('media', 30)
    fill('static', 30, 0o600)
    const {kinds} = await counted([], {...most, namedBytes: 0})
    expect(kinds.map(({named}) => named.length)).toEqual([1, 1, 1])
  })
})

describe('what cannot be seen', () => {
  test('a directory that is not there is no empty one', async () => {
    await expect(walk(join(root, 'nowhere'))).rejects.toThrow('nowhere')
  })

  const odd = ['é', "q'b", 'line\nbreak', 'back\\slash']

  test.runIf(hasFuse).each(odd)('a closed mount is named as it is: %j', async name => {
    const path = join(root, name)
    mkdirSync(path)
    await withClosedMount(path, async () => {
      expect((await listed()).unreadable).toEqual([path])
      await expect(walk(path)).rejects.toMatchObject({name: 'CannotLook', privilege: true})
    })
  })

  test.each([
    ["find: '/srv/\\303\\251': Permission denied", '/srv/é', 'Permission denied'],
    ["find: '/srv/q\\'b\\': x': Input/output error", "/srv/q'b': x", 'Input/output error'],
    ['find: out of memory', 'find: out of memory', 'find: out of memory'],
  ])('%s', (line, path, why) => {
    const [complaint] = complaintsIn(`${line}\n`, '/srv')
    expect(complaint && {...complaint, path: readable(complaint.path)}).toEqual({path, why})
  })

  test('a root that went away is told, also where find escapes its name', () => {
    const line = "find: '/srv/\\303\\251': No such file or directory\n"
    expect(complaintsIn(line, inBytes('/srv/é'))).toHaveLength(1)
    expect(complaintsIn(line, '/srv')).toEqual([])
  })

  test.runIf(!isRoot)('a closed directory is named', async () => {
    chmodSync(join(root, 'media'), 0)
    try {
      expect((await listed()).unreadable).toEqual([join(root, 'media')])
    } finally {
      chmodSync(join(root, 'media'), 0o755)
    }
  })
})
