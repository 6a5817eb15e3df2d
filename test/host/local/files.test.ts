import {execFileSync} from 'node:child_process'
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import {createServer} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {CannotLook} from '../../../src/host/host.ts'
import {readFile} from '../../../src/host/local/files.ts'

const isRoot = process.geteuid?.() === 0

/** Root's alone, so that links in it are followed. */
let base = ''
/** The service may write there. */
let state = ''

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'prism-doctor-'))
  chmodSync(base, 0o755)
  state = join(base, 'state')
  mkdirSync(state)
  writeFileSync(join(base, 'secret'), 'root:*')
  if (isRoot) chownSync(state, 51_234, 51_234)
  else chmodSync(state, 0o777)
})

afterEach(() => rmSync(base, {recursive: true, force: true}))

const secret = {kind: 'file', text: 'root:*', utf8: true}
const missing = {kind: 'missing'}
const dangling = {kind: 'dangling'}
const unsafe = {kind: 'unsafe-link'}

describe('a path', () => {
  test.each([
    ['as it is', 'secret', secret],
    ['with empty components and dots', './/secret', secret],
    ['through a directory and back', 'state/../secret', secret],
    ['above the root', '../../../../../../../../../../etc/../nowhere', missing],
    ['that is not there', 'nowhere', missing],
    ['below what is not there', 'nowhere/secret', missing],
    ['below a file', 'secret/below', missing],
    ['back from a file', 'secret/../secret', missing],
    ['of a directory', 'state', {kind: 'directory'}],
    ['of the root', '../../../../../../../../../..', {kind: 'directory'}],
  ])('%s', (_, path, answer) => {
    expect(readFile(`${base}/${path}`)).toEqual(answer)
  })
})

describe("a link in a directory that is root's alone", () => {
  test.each([
    ['to a name beside it', 'secret', secret],
    ['to an absolute path', () => join(base, 'secret'), secret],
    ['up and down again', () => `../${base.split('/').at(-1)}/secret`, secret],
    ['to nothing', 'nowhere', dangling],
    ['below a file', 'secret/below', missing],
    ['to itself', 'link', dangling],
    ['to a directory', 'state', {kind: 'directory'}],
  ])('%s', (_, to, answer) => {
    symlinkSync(typeof to === 'string' ? to : to(), join(base, 'link'))
    expect(readFile(join(base, 'link'))).toEqual(answer)
  })

  test('of a directory on the way', () => {
    symlinkSync(base, join(base, 'again'))
    expect(readFile(join(base, 'again/again/secret'))).toEqual(secret)
    expect(readFile(join(base, 'again/again/nowhere'))).toEqual(dangling)
  })

  test('forty of them, and no more', () => {
    for (let at = 1; at <= 41; at += 1)
      symlinkSync(at === 1 ? 'secret' : `link${at - 1}`, join(base, `link${at}`))
    expect(readFile(join(base, 'link40'))).toEqual(secret)
    expect(readFile(join(base, 'link41'))).toEqual(dangling)
  })

  test('whose name and target are no UTF-8', () => {
    const bytes = (text: string): Buffer => Buffer.from(text, 'latin1')
    writeFileSync(bytes(`${base}/\xff`), 'odd')
    symlinkSync(bytes('\xff'), join(base, 'lünk'))
    expect(readFile(join(base, 'lünk'))).toEqual({kind: 'file', text: 'odd', utf8: true})
  })
})

describe.runIf(isRoot)('as root, a link is not followed', () => {
  test('that lies where the service may write', () => {
    symlinkSync(join(base, 'secret'), join(state, 'link'))
    expect(readFile(join(state, 'link'))).toEqual(unsafe)
  })

  test('that leads a directory on the way elsewhere', () => {
    symlinkSync(base, join(state, 'out'))
    expect(readFile(join(state, 'out/secret'))).toEqual(unsafe)
  })

  test("that a link of root's leads to", () => {
    symlinkSync(join(base, 'secret'), join(state, 'link'))
    symlinkSync('state/link', join(base, 'link'))
    expect(readFile(join(base, 'link'))).toEqual(unsafe)
  })

  test.each([0o775, 0o757])("in a directory of root's with mode %o", mode => {
    chownSync(state, 0, 0)
    chmodSync(state, mode)
    symlinkSync(join(base, 'secret'), join(state, 'link'))
    expect(readFile(join(state, 'link'))).toEqual(unsafe)
  })

  test("that another made in a directory that is root's alone by now", () => {
    symlinkSync(join(base, 'secret'), join(base, 'link'))
    execFileSync('chown', ['-h', '51234', join(base, 'link')])
    expect(readFile(join(base, 'link'))).toEqual(unsafe)
  })
})

describe('what is no regular file is not opened', () => {
  test('a FIFO, a device and a socket', async () => {
    execFileSync('mkfifo', [join(state, 'fifo')])
    expect(readFile(join(state, 'fifo'))).toEqual({kind: 'not-regular'})
    expect(readFile('/dev/null')).toEqual({kind: 'not-regular'})
    const server = createServer().listen(join(state, 'socket'))
    await new Promise(resolve => server.once('listening', resolve))
    expect(readFile(join(state, 'socket'))).toEqual({kind: 'not-regular'})
    server.close()
  })
})

describe('contents', () => {
  test('up to the limit', () => {
    writeFileSync(join(state, 'long'), 'x'.repeat(200_000))
    expect(readFile(join(state, 'long'))).toMatchObject({kind: 'file', text: 'x'.repeat(200_000)})
    expect(readFile(join(state, 'long'), {limit: 200_000})).toMatchObject({kind: 'file'})
    expect(readFile(join(state, 'long'), {limit: 199_999})).toEqual({
      kind: 'too-large',
      size: 200_000,
    })
  })

  test('that are no UTF-8', () => {
    writeFileSync(join(state, 'odd'), Buffer.from([0xff, 0x41]))
    expect(readFile(join(state, 'odd'))).toMatchObject({utf8: false})
    expect(readFile(join(state, 'odd'), {binary: true})).toEqual({
      kind: 'file',
      text: '\xffA',
      utf8: true,
    })
  })

  test('of a file of /proc, whose size is said to be 0', () => {
    expect(readFile('/proc/self/status')).toMatchObject({
      kind: 'file',
      text: expect.stringContaining('VmRSS'),
    })
  })
})

test('what the system refuses is no answer', () => {
  expect(() => readFile(`/tmp/${'x'.repeat(300)}`)).toThrow(CannotLook)
  expect(() => readFile('/tmp/\0')).toThrow(CannotLook)
})

test('no descriptor is left open', () => {
  symlinkSync('nowhere', join(base, 'dangling'))
  symlinkSync(join(base, 'secret'), join(state, 'unsafe'))
  const open = (): number => readdirSync('/proc/self/fd').length
  const before = open()
  for (const path of [
    'secret',
    'nowhere',
    'secret/below',
    'dangling',
    'state',
    'state/unsafe',
    'state/../secret',
  ])
    readFile(join(base, path))
  readFile('/dev/null')
  expect(open()).toBe(before)
})

describe('the end of a file', () => {
  test.each([
    ['whole where it is short', 100, 'first\nlast\n'],
    ['as many bytes as were asked for', 5, 'last\n'],
  ])('%s', (_, tail, text) => {
    writeFileSync(join(base, 'log'), 'first\nlast\n')
    expect(readFile(join(base, 'log'), {tail})).toEqual({kind: 'file', text, utf8: true})
  })

  test('however large it is', () => {
    writeFileSync(join(base, 'log'), `${'x'.repeat(3 * 1024 * 1024)}\nlast\n`)
    expect(readFile(join(base, 'log'), {tail: 5})).toMatchObject({text: 'last\n'})
  })

  test('not of a file that somebody gave another name', () => {
    linkSync(join(base, 'secret'), join(base, 'log'))
    expect(readFile(join(base, 'log'), {tail: 100})).toEqual(unsafe)
  })
})
