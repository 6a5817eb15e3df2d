import {spawnSync} from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import fc from 'fast-check'
import {afterEach, beforeEach, expect, test} from 'vitest'
import {
  appendLine,
  parseLines,
  readLines,
  replaceLines,
  setAside,
} from '../../../src/host/local/kept-lines.ts'

let directory = ''
const file = (): string => join(directory, 'kept')

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'prism-doctor-kept-'))
})

afterEach(() => rmSync(directory, {recursive: true, force: true}))

const texts = ['{"a":1}', '{"b":"ö→\u2028"}', '{"c":[]}']

function written(): Buffer {
  for (const text of texts) appendLine(file(), text)
  return readFileSync(file())
}

test('what was appended is read, for root alone', () => {
  written()
  expect(readLines(file())).toMatchObject({lines: texts, damaged: 0})
  expect(statSync(file()).mode & 0o777).toBe(0o600)
})

test('cut off at any byte, it has the whole lines before, and goes on from there', () => {
  const bytes = written()
  const ends = [...bytes.entries()].flatMap(([at, byte]) => (byte === 0x0a ? [at] : []))
  for (let size = 0; size <= bytes.length; size += 1) {
    writeFileSync(file(), bytes.subarray(0, size))
    // A line is whole with its last byte: only its line break is missing then.
    const whole = ends.filter(end => end <= size).length
    expect(readLines(file()), `cut off at ${size}`).toMatchObject({
      lines: texts.slice(0, whole),
      damaged: 0,
    })
    appendLine(file(), '{"next":true}')
    expect(readLines(file()), `cut off at ${size}, and gone on`).toMatchObject({
      lines: [...texts.slice(0, whole), '{"next":true}'],
      damaged: 0,
    })
  }
})

test('with any bit flipped, no line comes out that was never appended', () => {
  const bytes = written()
  for (let at = 0; at < bytes.length; at += 1)
    for (let bit = 0; bit < 8; bit += 1) {
      const flipped = Buffer.from(bytes)
      flipped[at] = (flipped[at] ?? 0) ^ (1 << bit)
      const {lines, damaged} = parseLines(flipped)
      expect(texts).toEqual(expect.arrayContaining([...lines]))
      expect(lines.length, `bit ${bit} of byte ${at}`).toBeGreaterThanOrEqual(1)
      // The end of the file cannot be told from one that was cut off there.
      const isLast = at > bytes.lastIndexOf(0x0a, bytes.length - 2)
      if (!isLast) expect(damaged, `bit ${bit} of byte ${at}`).toBeGreaterThanOrEqual(1)
    }
})

test('blocks of zeros, as a power cut leaves them, are no line', () => {
  const bytes = written()
  writeFileSync(file(), Buffer.concat([bytes, Buffer.alloc(4096)]))
  expect(readLines(file()).lines).toEqual(texts)
  appendLine(file(), 'next')
  expect(readLines(file())).toMatchObject({lines: [...texts, 'next'], damaged: 0})
})

test('whatever the bytes are, they are read without an error', () => {
  fc.assert(
    fc.property(fc.uint8Array({maxLength: 300}), bytes => {
      expect(parseLines(Buffer.from(bytes)).lines).toEqual([])
    }),
  )
})

test('a damaged file is kept beside, and its whole lines in its place', () => {
  const bytes = written()
  bytes[20] = (bytes[20] ?? 0) ^ 1
  writeFileSync(file(), bytes)
  expect(setAside(file())).toBe(`${file()}.damaged`)
  expect(readFileSync(`${file()}.damaged`)).toEqual(bytes)
  expect(readLines(file())).toMatchObject({lines: texts.slice(1), damaged: 0})
})

test('a file is replaced as a whole, and leaves nothing beside it', () => {
  written()
  replaceLines(file(), ['only'])
  expect(readLines(file()).lines).toEqual(['only'])
  expect(statSync(file()).mode & 0o777).toBe(0o600)
})

test('where a line does not fit, the file is as it was', context => {
  const full = join(directory, 'full')
  mkdirSync(full)
  const {status} = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'none', full])
  if (status !== 0) return context.skip('nothing may be mounted here')
  try {
    const path = join(full, 'kept')
    appendLine(path, texts[0] ?? '')
    const before = readFileSync(path)
    expect(() => appendLine(path, 'x'.repeat(40_000))).toThrow(/ENOSPC/)
    expect(readFileSync(path)).toEqual(before)
    expect(() => replaceLines(path, ['x'.repeat(40_000)])).toThrow(/ENOSPC/)
    expect(readFileSync(path)).toEqual(before)
    expect(readdirSync(full)).toEqual(['kept'])
  } finally {
    spawnSync('umount', [full])
  }
})
