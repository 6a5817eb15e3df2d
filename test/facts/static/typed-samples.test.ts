import {expect, test} from 'vitest'
import {smallest} from '../../../src/facts/static/typed-samples.ts'
import type {Entry} from '../../../src/host/host.ts'

function file(path: string, size: number): Entry {
  return {path, type: 'file', mode: 0o644, uid: 0, gid: 0, nlink: 1, size, mtime: 0}
}

test('the smallest file is asked for, unless its name is no plain URL', () => {
  const entries = [file('b.png', 9), file('a#1.png', 1), file('c\ufffd.png', 2), file('a.png', 9)]
  expect(smallest(entries, ['png', 'jpg'])).toBe('a.png')
  expect(smallest(entries, ['svg'])).toBeNull()
})
