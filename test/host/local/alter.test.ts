import {execFileSync, spawn} from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {Refused, readable} from '../../../src/host/hands.ts'
import {alter, restore, unrestored} from '../../../src/host/local/alter.ts'
import {inBytes} from '../../../src/host/local/descriptors.ts'
import {survey} from '../../../src/host/local/survey.ts'
import type {Change} from '../../../src/report/finding.ts'
import {hasFuse, withClosedMount} from './closed-mount.ts'

const service = {uid: 51_234, gid: 51_235}
const isRoot = process.geteuid?.() === 0

/** The state directory, inside a directory of the test. */
let base = ''
let state = ''

beforeEach(async () => {
  base = mkdtempSync(join(tmpdir(), 'prism-doctor-'))
  chmodSync(base, 0o755)
  state = join(base, 'state')
  mkdirSync(join(state, 'static/css'), {recursive: true})
  writeFileSync(join(state, 'static/css/site.css'), 'body {}')
  writeFileSync(join(state, 'upload'), 'kept')
})

afterEach(() => rmSync(base, {recursive: true, force: true}))

const own = (path = state): Change => ({kind: 'own', path, ...service, groups: [service.gid]})

function owner(path: string): string {
  const {uid, gid} = lstatSync(path)
  return `${uid}:${gid}`
}

const given = `${service.uid}:${service.gid}`

/** Surveys and alters. */
async function fix(
  change: Change,
  bounds: readonly string[] = [state],
): Promise<ReturnType<typeof alter>> {
  return alter(await survey(change, bounds))
}

/** With the state directory in memory: on a disk these would wait for it most of the time. */
async function inMemory(act: () => void | Promise<void>): Promise<void> {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'mode=0755', 'none', state])
  try {
    await act()
  } finally {
    execFileSync('umount', [state])
  }
}

describe.runIf(isRoot)('giving a tree to the service', () => {
  test('alters what is foreign and puts it back exactly', async () => {
    chownSync(state, service.uid, service.gid)
    chmodSync(join(state, 'upload'), 0o640)
    const before = [state, join(state, 'static'), join(state, 'upload')].map(path =>
      lstatSync(path),
    )
    const seen = await survey(own(), [state])
    expect(seen.entries).toHaveLength(4)
    expect(alter(seen)).toEqual({done: 4, left: [], untouched: []})
    expect(owner(join(state, 'static/css/site.css'))).toBe(given)
    expect((await survey(own(), [state])).entries).toEqual([])
    expect(unrestored(seen)).toHaveLength(4)
    expect(restore(seen)).toEqual({done: 4, left: [], untouched: []})
    expect(unrestored(seen)).toEqual([])
    const after = [state, join(state, 'static'), join(state, 'upload')].map(path => lstatSync(path))
    for (const [index, was] of before.entries()) {
      const {mode, uid, gid, mtimeMs} = was
      expect(after[index]).toMatchObject({mode, uid, gid, mtimeMs})
    }
    expect(alter(seen).done).toBe(4)
  })

  test('takes the set-user-ID bits of what it gives away, and never gives them back to what the service wrote', async () => {
    const file = join(state, 'upload')
    chownSync(state, service.uid, service.gid)
    chmodSync(file, 0o4755)
    const seen = await survey(own(), [state])
    alter(seen)
    expect(lstatSync(file).mode & 0o7777).toBe(0o755)
    writeFileSync(file, 'a shell for everybody')
    const why = 'its set-user-ID bits are not given back: its owner may have written to it'
    for (const attempt of ['first', 'second']) {
      expect([attempt, restore(seen).left]).toEqual([attempt, [{path: file, why}]])
      expect([owner(file), lstatSync(file).mode & 0o7777]).toEqual(['0:0', 0o755])
    }
    expect(unrestored(seen)).toEqual([file])
  })

  test('holds what a journal says against the same guards', async () => {
    const seen = await survey(own(), [state])
    alter(seen)
    expect(restore({...seen, bound: '/'}).left).toHaveLength(seen.entries.length)
    expect(restore({...seen, bound: join(base, 'other')}).done).toBe(0)
    expect(owner(state)).toBe(given)
  })

  test('keeps a group that the service is in', async () => {
    const file = join(state, 'upload')
    chownSync(file, 0, 777)
    await fix({kind: 'own', path: state, ...service, groups: [service.gid, 777]})
    expect(owner(file)).toBe(`${service.uid}:777`)
  })

  test('neither follows nor alters a symbolic link', async () => {
    const secret = join(base, 'shadow')
    writeFileSync(secret, 'root:*')
    symlinkSync(secret, join(state, 'static/link'))
    symlinkSync(base, join(state, 'out'))
    await fix(own())
    expect([owner(secret), owner(base), owner(join(state, 'static/link'))]).toEqual([
      '0:0',
      '0:0',
      '0:0',
    ])
  })

  test('gives away no file that has another name', async () => {
    const secret = join(base, 'shadow')
    writeFileSync(secret, 'root:*')
    linkSync(secret, join(state, 'static/innocent'))
    const seen = await survey(own(), [state])
    expect(seen.refused).toEqual([
      {
        path: join(state, 'static/innocent'),
        why: 'it has 2 links: another name of it may lie elsewhere',
      },
    ])
    alter(seen)
    expect(owner(secret)).toBe('0:0')
  })

  test('a file that gets another name between the survey and the change is left', async () => {
    const seen = await survey(own(), [state])
    linkSync(join(state, 'upload'), join(base, 'elsewhere'))
    expect(alter(seen).left).toEqual([
      {path: join(state, 'upload'), why: 'it has 2 links: another name of it may lie elsewhere'},
    ])
    expect(owner(join(base, 'elsewhere'))).toBe('0:0')
  })

  test('what was replaced between the survey and the change is left', async () => {
    const seen = await survey(own(), [state])
    rmSync(join(state, 'upload'))
    writeFileSync(join(state, 'new'), 'takes the place of the inode')
    writeFileSync(join(state, 'upload'), 'another')
    const {left} = alter(seen)
    expect(left.map(({path}) => path)).toEqual([join(state, 'upload')])
    expect(owner(join(state, 'upload'))).toBe('0:0')
  })

  test('what was changed between the survey and the change is left, and so is it by an undo', async () => {
    const file = join(state, 'upload')
    const seen = await survey(own(), [state])
    chownSync(file, 777, 777)
    const left = [{path: file, why: 'it was changed meanwhile'}]
    expect(alter(seen).left).toEqual(left)
    expect(owner(file)).toBe('777:777')
    expect(restore(seen).left).toEqual(left)
    expect(owner(file)).toBe('777:777')
  })

  test('lost+found stays the file system’s', async () => {
    mkdirSync(join(state, 'lost+found'))
    mkdirSync(join(state, 'static/lost+found'))
    await fix(own())
    expect([owner(join(state, 'lost+found')), owner(join(state, 'static/lost+found'))]).toEqual([
      '0:0',
      given,
    ])
  })

  test('a tree deeper than any application makes is not followed to its end', async () => {
    const path = join(state, ...Array.from({length: 103}, () => 'd'))
    mkdirSync(path, {recursive: true})
    const {refused} = await survey(own(), [state])
    expect(refused).toMatchObject([{why: 'it lies deeper than 100 directories'}])
    await fix(own())
    expect(owner(path)).toBe('0:0')
  })

  test.each(['fifo', 'socket'])('leaves a %s alone', async kind => {
    const path = join(state, 'special')
    if (kind === 'fifo') execFileSync('mkfifo', [path])
    else
      execFileSync('python3', [
        '-c',
        `import socket; socket.socket(socket.AF_UNIX).bind(${JSON.stringify(path)})`,
      ])
    await fix(own())
    expect(owner(path)).toBe('0:0')
  })

  test('enters no bind mount, which has the same device', async () => {
    const outside = join(base, 'outside')
    mkdirSync(outside)
    writeFileSync(join(outside, 'file'), '')
    mkdirSync(join(state, 'mounted'))
    writeFileSync(join(state, 'masked'), '')
    execFileSync('mount', ['--bind', outside, join(state, 'mounted')])
    execFileSync('mount', ['--bind', join(outside, 'file'), join(state, 'masked')])
    try {
      const seen = await survey(own(), [state])
      expect(seen.refused.map(({why}) => why)).toEqual([
        'it is another mount',
        'it is another mount',
      ])
      alter(seen)
      expect([owner(outside), owner(join(outside, 'file'))]).toEqual(['0:0', '0:0'])
      const mounted = {path: join(state, 'mounted'), why: 'it is another mount'}
      expect(await survey(own(mounted.path), [state])).toMatchObject({
        entries: [],
        refused: [mounted],
      })
      const within = `${mounted.path} is another mount than ${state}`
      const path = join(mounted.path, 'file')
      await expect(survey({kind: 'aside', path, suffix: 'broken'}, [state])).rejects.toThrow(within)
      await expect(
        survey({kind: 'make', path: join(mounted.path, 'new'), ...service, mode: 0o750}, [state]),
      ).rejects.toThrow(within)
      // A bound that is a mount of its own, as a volume for the state is.
      expect((await survey(own(mounted.path), [mounted.path])).entries).toHaveLength(2)
    } finally {
      for (const name of ['masked', 'mounted']) execFileSync('umount', [join(state, name)])
    }
  })

  test('tells of another file system, also where nothing in it is foreign', async () => {
    const path = join(state, 'static/volume')
    mkdirSync(path)
    const owned = `uid=${service.uid},gid=${service.gid}`
    execFileSync('mount', ['-t', 'tmpfs', '-o', owned, 'none', path])
    try {
      const {refused} = await survey(own(), [state])
      expect(refused).toEqual([{path, why: 'it is another mount'}])
    } finally {
      execFileSync('umount', [path])
    }
  })

  test.runIf(hasFuse)('a mount that lets not even root look closes itself alone', async () => {
    const path = join(state, 'é')
    mkdirSync(path)
    const refused = [{path: inBytes(path), why: 'it is another mount'}]
    await withClosedMount(path, async () => {
      const seen = await survey(own(), [state])
      expect(seen.refused).toEqual(refused)
      expect(alter(seen)).toEqual({done: 5, left: [], untouched: []})
      expect(await survey(own(path), [state])).toMatchObject({entries: [], refused})
    })
    expect(owner(path)).toBe('0:0')
  })

  test.runIf(hasFuse)('so does one that appears after the survey', async () => {
    const path = join(state, 'static')
    const seen = await survey(own(), [state])
    await withClosedMount(path, () => {
      const {done, left} = alter(seen)
      expect([done, left[0]]).toEqual([2, {path, why: 'it is another mount'}])
      const below = [join(path, 'css'), join(path, 'css/site.css')]
      expect(left.slice(1).map(each => each.path)).toEqual(below)
      expect(restore(seen).done).toBe(2)
    })
    expect([owner(state), owner(path), owner(join(state, 'upload'))]).toEqual(['0:0', '0:0', '0:0'])
  })

  test('takes names for bytes', async () => {
    const names = ['line\nbreak', '\u001b[31mred', ' space ', "quote'"]
    for (const name of names) writeFileSync(join(state, name), '')
    const bytes = Buffer.concat([Buffer.from(`${state}/`), Buffer.from([0xff, 0xfe, 0x0a])])
    writeFileSync(bytes, '')
    const seen = await survey(own(), [state])
    expect(alter(seen)).toEqual({done: seen.entries.length, left: [], untouched: []})
    for (const name of names) expect(owner(join(state, name))).toBe(given)
    expect(lstatSync(bytes).uid).toBe(service.uid)
  })

  test('100,000 entries', {timeout: 300_000}, () =>
    inMemory(async () => {
      for (let directory = 0; directory < 100; directory += 1) {
        const path = join(state, `d${directory}`)
        mkdirSync(path)
        for (let file = 0; file < 1000; file += 1) writeFileSync(join(path, String(file)), '')
      }
      const seen = await survey(own(), [state])
      expect(seen.entries.length).toBeGreaterThan(100_000)
      expect(alter(seen)).toEqual({done: seen.entries.length, left: [], untouched: []})
    }),
  )

  test('a directory swapped for a link in a loop never leads out', {timeout: 300_000}, () =>
    inMemory(async () => {
      const outside = join(base, 'outside')
      mkdirSync(join(outside, 'css'), {recursive: true})
      mkdirSync(join(state, 'static/css'), {recursive: true})
      for (const directory of [outside, join(state, 'static')])
        writeFileSync(join(directory, 'css/site.css'), 'body {}')
      symlinkSync(outside, join(state, 'decoy'))
      // renameat2(RENAME_EXCHANGE), as fast as it can: the directory and the link change places.
      const swapper = spawn('python3', [
        '-c',
        `
import ctypes, os
libc = ctypes.CDLL(None)
a, b = b"${state}/static", b"${state}/decoy"
print("ready", flush=True)
while True:
    libc.renameat2(-100, a, -100, b, 2)
`,
      ])
      try {
        await new Promise(resolve => swapper.stdout.once('data', resolve))
        let entered = 0
        for (let round = 0; round < 3000; round += 1) {
          const seen = await survey(own(), [state])
          entered += seen.entries.length
          const {done} = alter(seen)
          if (done > 0) restore(seen)
        }
        expect(entered).toBeGreaterThan(0)
      } finally {
        // A tree in which it still exchanges names cannot be removed.
        const ended = new Promise(resolve => swapper.once('exit', resolve))
        swapper.kill('SIGKILL')
        await ended
      }
      for (const path of [outside, join(outside, 'css'), join(outside, 'css/site.css')])
        expect(owner(path)).toBe('0:0')
    }),
  )

  test('what the system refuses is not taken for altered', () =>
    inMemory(async () => {
      writeFileSync(join(state, 'upload'), 'kept')
      const seen = await survey(own(), [state])
      execFileSync('mount', ['-o', 'remount,ro', state])
      const paths = [state, join(state, 'upload')]
      const left = paths.map(path => ({path, why: 'EROFS'}))
      expect(alter(seen)).toEqual({done: 0, left, untouched: paths})
    }))

  const attributed = {
    capabilities: "'security.capability', struct.pack('<IIIII', 0x02000001, 1 << 13, 0, 0, 0)",
    // user::rw-, user:1234:rwx, group::r--, mask::r--, other::---
    list: `'system.posix_acl_access', struct.pack('<I', 2) + b''.join(struct.pack('<HHI', *each)
      for each in [(1, 6, 2**32-1), (2, 7, 1234), (4, 4, 2**32-1), (16, 4, 2**32-1), (32, 0, 2**32-1)])`,
    // user::rw-, group::---, group:34:r--, mask::r--, other::r--: with the mode 0644.
    group: `'system.posix_acl_access', struct.pack('<I', 2) + b''.join(struct.pack('<HHI', *each)
      for each in [(1, 6, 2**32-1), (4, 0, 2**32-1), (8, 4, 34), (16, 4, 2**32-1), (32, 4, 2**32-1)])`,
  } as const
  const give = (path: string | Buffer, what: keyof typeof attributed): void => {
    const script = `import os, struct, sys\nos.setxattr(os.fsencode(sys.argv[1]), ${attributed[what]})`
    execFileSync('python3', ['-c', script, path as string])
  }
  const extended = (path: string): string =>
    execFileSync('python3', [
      '-c',
      'import os, sys\nfor name in os.listxattr(sys.argv[1]): print(name, os.getxattr(sys.argv[1], name).hex())',
      path,
    ]).toString()

  test('what has file capabilities is not given away, whatever its name, and nothing of it is lost', async () => {
    const names = ['server', "with a space and 'quote'", 'line\nbreak', 'ümlaut']
    for (const name of names) writeFileSync(join(state, 'static', name), '#!/bin/sh')
    for (const name of names) give(join(state, 'static', name), 'capabilities')
    const before = names.map(name => extended(join(state, 'static', name)))
    const seen = await survey(own(), [state])
    const why = 'it has file capabilities, which a change of its owner takes away'
    expect(seen.refused.map(left => [readable(left.path), left.why]).sort()).toEqual(
      names.map(name => [join(state, 'static', name), why]).sort(),
    )
    expect(alter(seen)).toEqual({done: 5, left: [], untouched: []})
    for (const name of names) expect(owner(join(state, 'static', name))).toBe('0:0')
    expect(names.map(name => extended(join(state, 'static', name)))).toEqual(before)
  })

  test('what was given capabilities since keeps them, also in an undo', async () => {
    const file = join(state, 'upload')
    chmodSync(file, 0o755)
    const seen = await survey(own(), [state])
    alter(seen)
    give(file, 'capabilities')
    const before = extended(file)
    expect(restore(seen).left).toMatchObject([{path: file}])
    expect([owner(file), extended(file)]).toEqual([given, before])
  })

  test('the mask of an access control list stays as it is, and the list survives a new owner', async () => {
    const file = join(state, 'upload')
    chmodSync(file, 0o640)
    give(file, 'list')
    const before = extended(file)
    const open = (add: number): Change => ({kind: 'mode', path: state, recursive: true, add})
    const seen = await survey(open(0o070), [state])
    const why = 'it has an access control list, whose mask a change of its mode changes'
    expect(seen.refused).toEqual([{path: file, why}])
    alter(seen)
    expect(extended(file)).toBe(before)
    for (const change of [open(0o100), own()]) {
      chmodSync(file, change.kind === 'own' ? 0o640 : 0o650)
      const list = extended(file)
      const harmless = await survey(change, [state])
      expect(harmless.entries.map(({path}) => path)).toContain(file)
      expect(alter(harmless).left).toEqual([])
      expect(extended(file)).toBe(
        change.kind === 'own' ? list : list.replace('01000600', '01000700'),
      )
    }
    expect(owner(file)).toBe(given)
  })

  test('an access control list that was given since keeps its mask, also in an undo', async () => {
    const file = join(state, 'upload')
    chmodSync(file, 0o600)
    const seen = await survey({kind: 'mode', path: file, recursive: false, add: 0o044}, [state])
    expect(alter(seen).done).toBe(1)
    give(file, 'group')
    expect(lstatSync(file).mode & 0o777).toBe(0o644)
    const before = extended(file)
    const why = 'it has an access control list, whose mask a change of its mode changes'
    expect(restore(seen)).toEqual({done: 0, left: [{path: file, why}], untouched: [file]})
    expect(extended(file)).toBe(before)
  })

  test('a link above the directory is refused, also one that leads to it', async () => {
    symlinkSync(base, join(base, 'way'))
    const path = join(base, 'way/state')
    await expect(survey(own(path), [path])).rejects.toThrow(
      `${join(base, 'way')} is a symbolic link`,
    )
    await expect(survey(own(join(base, 'way')), [join(base, 'way')])).rejects.toThrow(
      'is a symbolic link',
    )
    await expect(survey(own(join(base, 'way')), [base])).rejects.toThrow('is a symbolic link')
  })
})

describe('what is too large or elsewhere is refused', () => {
  test.each([
    '/',
    '/var',
    '/home',
    '/home/me',
    '/nix',
    '/nix/store',
    '/etc',
    '/etc/prism',
    '/var/lib',
    '/srv',
    '/usr/local',
    '/run/x',
  ])('%s, also when the unit names it', async path => {
    await expect(survey(own(path), [path])).rejects.toThrow(Refused)
    await expect(survey({kind: 'mode', path, recursive: true, add: 0o444}, [path])).rejects.toThrow(
      Refused,
    )
  })

  test.each([
    '/etc',
    '../etc',
    '/var/lib/prism/../../../etc',
    '/var/lib/prism-other',
    '/var/lib/prism/',
  ])('%s when the unit names another', async path => {
    await expect(survey(own(path), ['/var/lib/prism'])).rejects.toThrow(Refused)
  })
})

test('a path that climbs out of the directory is refused', async () => {
  mkdirSync(join(base, 'other'))
  for (const path of [`${state}/../other`, `${state}/static/../../other`, `${state}/./static`])
    await expect(
      survey({kind: 'mode', path, recursive: true, add: 0o444}, [state]),
    ).rejects.toThrow('not a plain absolute path')
})

describe('modes', () => {
  test('of a name that is not ASCII, which a check has read as UTF-8', async () => {
    const path = join(state, 'Übersicht €.css')
    writeFileSync(path, '')
    chmodSync(path, 0)
    const seen = await survey({kind: 'mode', path, recursive: false, add: 0o700}, [state])
    expect(seen.entries.map(({path}) => readable(path))).toEqual([path])
    expect(alter(seen)).toEqual({done: 1, left: [], untouched: []})
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  test('adds bits, and execute bits only where there are some', async () => {
    chmodSync(join(state, 'static'), 0o700)
    chmodSync(join(state, 'upload'), 0o600)
    writeFileSync(join(state, 'program'), '')
    chmodSync(join(state, 'program'), 0o700)
    const seen = await survey({kind: 'mode', path: state, recursive: true, add: 0o555}, [state])
    expect(alter(seen).left).toEqual([])
    const modes = ['static', 'upload', 'program'].map(
      name => statSync(join(state, name)).mode & 0o777,
    )
    expect(modes).toEqual([0o755, 0o644, 0o755])
    expect(restore(seen).left).toEqual([])
    expect(statSync(join(state, 'upload')).mode & 0o777).toBe(0o600)
  })

  test('of one entry alone', async () => {
    chmodSync(join(state, 'static'), 0o700)
    chmodSync(join(state, 'static/css'), 0o700)
    await fix({kind: 'mode', path: join(state, 'static'), recursive: false, add: 0o055})
    expect(statSync(join(state, 'static')).mode & 0o777).toBe(0o755)
    expect(statSync(join(state, 'static/css')).mode & 0o777).toBe(0o700)
  })
})

describe('a directory', () => {
  const ids = {uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0}

  test('is made, and removed again while it is empty', async () => {
    const path = join(state, 'media')
    const seen = await survey({kind: 'make', path, ...ids, mode: 0o750}, [state])
    expect(alter(seen)).toEqual({done: 1, left: [], untouched: []})
    expect(statSync(path).mode & 0o7777).toBe(0o750)
    expect(restore(seen)).toEqual({done: 1, left: [], untouched: []})
    expect(existsSync(path)).toBe(false)
    alter(seen)
    writeFileSync(join(path, 'upload'), '')
    expect(restore(seen).left).toEqual([{path, why: 'ENOTEMPTY'}])
  })

  test('another one that was made in its place is not removed', async () => {
    const path = join(state, 'media')
    const seen = await survey({kind: 'make', path, ...ids, mode: 0o750}, [state])
    expect(unrestored(seen)).toEqual([])
    mkdirSync(path, {mode: 0o755})
    expect(restore(seen).left).toEqual([{path, why: 'it was changed meanwhile'}])
    expect(unrestored(seen)).toEqual([path])
  })

  test('is removed also as a kill between its making and its mode left it', async () => {
    const path = join(state, 'media')
    const seen = await survey({kind: 'make', path, ...ids, mode: 0o750}, [state])
    mkdirSync(path, {mode: 0o700})
    expect(restore(seen)).toEqual({done: 1, left: [], untouched: []})
  })

  test('the state directory itself', async () => {
    const path = join(base, 'new')
    expect(await fix({kind: 'make', path, ...ids, mode: 0o750}, [path])).toEqual({
      done: 1,
      left: [],
      untouched: [],
    })
    await expect(survey({kind: 'make', path, ...ids, mode: 0o750}, [path])).rejects.toThrow(
      'is there',
    )
  })
})

describe('moving aside and removing', () => {
  test('a file is renamed where it lies, and back', async () => {
    const path = join(state, 'upload')
    const seen = await survey({kind: 'aside', path, suffix: 'broken'}, [state])
    expect(alter(seen)).toEqual({done: 1, left: [], untouched: []})
    expect(readdirSync(state).sort()).toEqual(['static', 'upload.broken'])
    expect(unrestored(seen)).toEqual([path])
    // The second after a kill of the first.
    for (const attempt of ['first', 'second'])
      expect([attempt, restore(seen).left]).toEqual([attempt, []])
    expect(readFileSync(path, 'utf8')).toBe('kept')
    expect(unrestored(seen)).toEqual([])
  })

  test('what took its place or its new name is left', async () => {
    const path = join(state, 'upload')
    const seen = await survey({kind: 'aside', path, suffix: 'broken'}, [state])
    alter(seen)
    renameSync(join(state, 'static/css/site.css'), path)
    expect(restore(seen).left).toEqual([{path, why: 'a new one is there'}])
    renameSync(path, join(state, 'upload.broken'))
    expect(restore(seen).left).toEqual([{path, why: 'upload.broken was replaced meanwhile'}])
    expect(existsSync(path)).toBe(false)
  })

  test('nothing is overwritten', async () => {
    writeFileSync(join(state, 'upload.broken'), 'older')
    const {left} = await fix({kind: 'aside', path: join(state, 'upload'), suffix: 'broken'})
    expect(left).toEqual([{path: join(state, 'upload'), why: 'upload.broken is there already'}])
    expect(readFileSync(join(state, 'upload.broken'), 'utf8')).toBe('older')
  })

  test('only what is no file is removed, and a link is not followed', async () => {
    symlinkSync('/etc/passwd', join(state, 'dangling'))
    expect(await fix({kind: 'remove', path: join(state, 'dangling')})).toEqual({
      done: 1,
      left: [],
      untouched: [],
    })
    expect(existsSync('/etc/passwd')).toBe(true)
    await expect(survey({kind: 'remove', path: join(state, 'upload')}, [state])).rejects.toThrow(
      Refused,
    )
    symlinkSync('nowhere', join(state, 'dangling'))
    const seen = await survey({kind: 'remove', path: join(state, 'dangling')}, [state])
    renameSync(join(state, 'upload'), join(state, 'dangling'))
    expect(alter(seen).left).toHaveLength(1)
    expect(readFileSync(join(state, 'dangling'), 'utf8')).toBe('kept')
  })
})
