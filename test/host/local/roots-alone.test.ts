import {
  chmodSync,
  chownSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {followAsRoot} from '../../../src/host/local/roots-alone.ts'

const somebody = 12_345
let base = ''

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'prism-doctor-roots-'))
})

afterEach(() => rmSync(base, {recursive: true, force: true}))

function file(name: string): string {
  const path = join(base, name)
  mkdirSync(join(path, '..'), {recursive: true})
  writeFileSync(path, 'x', {mode: 0o644})
  return path
}

const followed = (path: string) => followAsRoot(path, {sticky: true})

describe.runIf(process.getuid?.() === 0)('as root', () => {
  test("root's own file below /tmp, which is sticky", () => {
    const path = file('a/b/config.toml')
    expect(followed(path)).toEqual({path, foreign: null})
    const [sticky] = path.split('/').slice(1, 2)
    expect(followAsRoot(path, {sticky: false})).toMatchObject({
      foreign: {path: `/${sticky}`, kind: 'directory'},
    })
  })

  test.each([
    ['its owner', 'a', (path: string) => chownSync(path, somebody, 0)],
    ['its mode', 'a', (path: string) => chmodSync(path, 0o775)],
    ["a grandparent's owner", '.', (path: string) => chownSync(path, somebody, 0)],
  ])('a directory that somebody else may write by %s', (_, name, give) => {
    const path = file('a/b/config.toml')
    give(join(base, name))
    expect(followed(path)).toMatchObject({foreign: {path: join(base, name), kind: 'directory'}})
  })

  test('the file itself', () => {
    const path = file('a/config.toml')
    chmodSync(path, 0o664)
    expect(followed(path)).toMatchObject({foreign: {path, kind: 'file', mode: 0o664}})
  })

  test('links are followed, and each directory on their way and on that of their target counts', () => {
    const target = file('theirs/below/config.toml')
    mkdirSync(join(base, 'etc'))
    symlinkSync('../middle', join(base, 'etc/config.toml'))
    symlinkSync(target, join(base, 'middle'))
    const path = join(base, 'etc/config.toml')
    expect(followed(path)).toEqual({path: target, foreign: null})
    chownSync(join(base, 'theirs'), somebody, 0)
    expect(followed(path)).toMatchObject({foreign: {path: join(base, 'theirs')}})
    // ".." of a link's target leads back through the directory that it lies in.
    symlinkSync(`${base}/theirs/../etc`, join(base, 'back'))
    expect(followed(join(base, 'back'))).toMatchObject({foreign: {path: join(base, 'theirs')}})
  })

  test("a link of somebody else's in a sticky directory", () => {
    const target = file('config.toml')
    mkdirSync(join(base, 'tmp'))
    chmodSync(join(base, 'tmp'), 0o1777)
    const link = join(base, 'tmp/config.toml')
    symlinkSync(target, link)
    expect(followed(link)).toEqual({path: target, foreign: null})
    lchownSync(link, somebody, 0)
    expect(followed(link)).toMatchObject({foreign: {path: link, kind: 'link', uid: somebody}})
  })

  test('a way that leads nowhere', () => {
    symlinkSync('circle', join(base, 'circle'))
    expect(() => followed(join(base, 'circle'))).toThrow(expect.objectContaining({code: 'ELOOP'}))
    expect(() => followed(join(base, 'none/x'))).toThrow(expect.objectContaining({code: 'ENOENT'}))
    const path = file('config.toml')
    expect(() => followed(`${path}/x`)).toThrow(expect.objectContaining({code: 'ENOTDIR'}))
  })
})
