import {execFileSync} from 'node:child_process'
import {hash} from 'node:crypto'
import {mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {brotliCompressSync, gzipSync} from 'node:zlib'
import {afterAll, afterEach, beforeEach, describe, expect, test} from 'vitest'
import {CannotLook} from '../../../src/host/host.ts'
import {startChild} from '../../../src/host/local/child.ts'
import {createDigests} from '../../../src/host/local/digests.ts'

let root: string
const {digests, close} = createDigests(null)

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'digests-'))
})

afterEach(() => {
  rmSync(root, {recursive: true})
})

afterAll(close)

/** What two files with that ending hold beside links. */
async function unlinked(
  ending: string,
  source: string,
  collected: string,
): Promise<readonly unknown[]> {
  writeFileSync(join(root, `source.${ending}`), source)
  writeFileSync(join(root, `collected.${ending}`), collected)
  const {files} = await digests(root)
  return [files[`source.${ending}`]?.unlinked, files[`collected.${ending}`]?.unlinked]
}

// As Django 5.2 rewrites them.
test.each([
  ['css', 'a{b:url(x.png)}', 'a{b:url("x.9e107d9d372b.png")}'],
  ['css', "a{b:url('../x.eot?#iefix')}", 'a{b:url("../x.9e107d9d372b.eot?#iefix")}'],
  ['css', '@import "x.css";', '@import url("x.9e107d9d372b.css");'],
  ['css', "@import url('x.css') screen;", '@import url("x.9e107d9d372b.css") screen;'],
  ['css', 'a{}\n/*# sourceMappingURL=x.map*/', 'a{}\n/*# sourceMappingURL=x.9e107d9d372b.map */'],
  ['js', 'a()\n//# sourceMappingURL=x.map', 'a()\n//# sourceMappingURL=x.9e107d9d372b.map'],
])('%s: %s is left alike when it became %s', async (ending, source, collected) => {
  const [before, after] = await unlinked(ending, source, collected)
  expect(before).toMatch(/^[0-9a-f]{12}$/)
  expect(after).toBe(before)
})

test.each([
  ['css', 'a{color:red;b:url(x.png)}', 'a{color:tan;b:url("x.9e107d9d372b.png")}'],
  ['css', 'a{b:url(data:image/png;base64,AA)}', 'a{b:url(data:image/png;base64,AB)}'],
  ['js', 'get(url(1))', 'get(url(2))'],
])('%s: %s is not %s', async (ending, source, collected) => {
  const [before, after] = await unlinked(ending, source, collected)
  expect(after).not.toBe(before)
})

test('what collectstatic does not rewrite has no such digest', async () => {
  writeFileSync(join(root, 'x.svg'), '<svg/>')
  expect((await digests(root)).files).toEqual({
    'x.svg': {md5: expect.stringMatching(/^[0-9a-f]{12}$/)},
  })
})

test('names are bytes, also those of the directory itself', async () => {
  const directory = join(root, 'stätisch')
  mkdirSync(directory)
  writeFileSync(join(directory, 'lünk.css'), 'a{}')
  expect(await digests(directory)).toMatchObject({files: {'lünk.css': {}}, complete: true})
  symlinkSync(directory, join(root, 'vérité'))
  await expect(digests(join(root, 'vérité'))).rejects.toThrow('vérité is a symbolic link')
})

test('neither follows a link nor opens what is no regular file', async () => {
  writeFileSync(join(root, 'own'), 'own')
  symlinkSync('own', join(root, 'link'))
  symlinkSync('/etc', join(root, 'out'))
  execFileSync('mkfifo', [join(root, 'fifo')])
  expect(Object.keys((await digests(root)).files)).toEqual(['own'])
})

const md5 = (content: string | Buffer): string => hash('md5', content, 'hex').slice(0, 12)

test('a directory that is shared by several processes, in the order of its names', async () => {
  const names = Array.from({length: 2000}, (_, at) => `file${String(at).padStart(4, '0')}`)
  for (const name of names) writeFileSync(join(root, name), name)
  mkdirSync(join(root, 'below'))
  writeFileSync(join(root, 'below/own'), 'own')
  const {files, complete} = await digests(root)
  expect(Object.entries(files)).toEqual(
    ['below/own', ...names].map(name => [name, {md5: md5(name.replace(/.*\//, ''))}]),
  )
  expect(complete).toBe(true)
})

test('a file of any name', async () => {
  writeFileSync(join(root, '__proto__'), 'own')
  const latin1 = Buffer.concat([Buffer.from(`${root}/caf`), Buffer.of(0xe9)])
  writeFileSync(latin1, 'own')
  const {files} = await digests(root)
  expect(Object.entries(files)).toEqual([
    ['__proto__', {md5: md5('own')}],
    ['caf\uFFFD', {md5: md5('own')}],
  ])
})

test('a file of any size', async () => {
  const large = Buffer.alloc(40 * 1024 * 1024, 'a')
  writeFileSync(join(root, 'film.mp4'), large)
  writeFileSync(join(root, 'empty'), '')
  writeFileSync(join(root, 'some.css'), large.subarray(0, 1024 * 1024))
  expect(await digests(root)).toEqual({
    files: {
      empty: {md5: md5('')},
      'film.mp4': {md5: md5(large)},
      'some.css': {md5: md5(large.subarray(0, 1024 * 1024)), unlinked: expect.any(String)},
    },
    complete: true,
  })
})

test('what is too large to be looked into is not called read', async () => {
  const large = Buffer.alloc(33 * 1024 * 1024, 'a')
  writeFileSync(join(root, 'large.css'), large)
  expect(await digests(root)).toEqual({files: {'large.css': {md5: md5(large)}}, complete: false})
})

test('compressed files, whole and damaged', async () => {
  const text = 'a{}'.repeat(1000)
  const long = Buffer.alloc(3 * 1024 * 1024, text)
  writeFileSync(join(root, 'a.css.gz'), gzipSync(text))
  writeFileSync(join(root, 'b.css.br'), brotliCompressSync(text))
  writeFileSync(join(root, 'c.css.gz'), gzipSync(text).subarray(0, -9))
  writeFileSync(join(root, 'd.css.gz'), gzipSync(long))
  writeFileSync(join(root, 'e.css.gz'), gzipSync(long).subarray(0, -9))
  const {files, complete} = await digests(root)
  expect(Object.values(files).map(({decoded}) => decoded)).toEqual([
    md5(text),
    md5(text),
    null,
    md5(long),
    null,
  ])
  expect(complete).toBe(true)
})

test('a file that decodes to more than is decoded is neither whole nor damaged', async () => {
  const bomb = gzipSync(Buffer.alloc(65 * 1024 * 1024))
  writeFileSync(join(root, 'bomb.gz'), bomb)
  expect(await digests(root)).toEqual({files: {'bomb.gz': {md5: md5(bomb)}}, complete: false})
})

test('what its files hold is read by processes that can be killed', async () => {
  writeFileSync(join(root, 'own'), 'own')
  const other = createDigests(null)
  const answer = other.digests(root)
  setImmediate(other.close)
  await expect(answer).rejects.toThrow(CannotLook)
  // Others are started.
  expect(await other.digests(root)).toMatchObject({files: {own: {md5: md5('own')}}})
  other.close()
})

describe('what may be read', () => {
  const child = startChild('digests-child')
  const ask = async (bytes: number, until = Date.now() + 60_000): Promise<unknown> => {
    await child.ask({kind: 'open', root, cache: null})
    return child.ask({kind: 'read', directory: '', names: null, budget: {bytes, until}})
  }
  afterAll(() => child.kill())
  beforeEach(() => {
    for (const name of ['a', 'b', 'c']) writeFileSync(join(root, name), Buffer.alloc(1000))
  })

  test('is told in bytes, those that are decoded too', async () => {
    expect(await ask(10_000)).toMatchObject({complete: true, bytes: 3000})
    writeFileSync(join(root, 'b.gz'), gzipSync(Buffer.alloc(500_000)))
    expect(await ask(100_000)).toMatchObject({
      paths: ['a', 'b', 'b.gz'],
      complete: false,
    })
  })

  test('and in time', async () => {
    expect(await ask(10_000, Date.now() - 1)).toMatchObject({paths: [], complete: false})
  })

  test('and where it lies: what is mounted below is there, and is not read', async () => {
    await child.ask({kind: 'open', root: '/', cache: null})
    const budget = {bytes: 10_000, until: Date.now() + 60_000}
    expect(await child.ask({kind: 'read', directory: 'proc/', names: null, budget})).toMatchObject({
      paths: [],
      directories: [],
      complete: false,
    })
  })

  test('of one large file too', async () => {
    writeFileSync(join(root, 'a'), Buffer.alloc(1024 * 1024))
    expect(await ask(300_000)).toMatchObject({paths: [], complete: false})
  })
})
