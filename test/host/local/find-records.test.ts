import {expect, test} from 'vitest'
import {createRecords} from '../../../src/host/local/find-records.ts'

test.each([1, 2, 3, 7, 100])('records that come in pieces of %i bytes', size => {
  const said: string[] = []
  const records = createRecords('/srv', (bytes, from, to) =>
    said.push(bytes.toString('utf8', from, to)),
  )
  const all = Buffer.from('one\0\0three\nlines\0é\0begun')
  for (let at = 0; at < all.length; at += size) records.push(all.subarray(at, at + size))
  expect(said).toEqual(['one', '', 'three\nlines', 'é'])
  expect(records.isWhole()).toBe(false)
  records.push(Buffer.from([0]))
  expect(said.at(-1)).toBe('begun')
  expect(records.isWhole()).toBe(true)
})

test('a record without an end is not kept', () => {
  const records = createRecords('/srv', () => undefined)
  const piece = Buffer.alloc(64 * 1024, 'a')
  expect(() => {
    for (let at = 0; at < 20; at += 1) records.push(piece)
  }).toThrow('a path below /srv is longer than 128 KiB')
})
