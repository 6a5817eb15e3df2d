import {expect, test} from 'vitest'
import {holderIn} from '../../../src/facts/hold/locks.ts'

const locks = `1: OFDLCK ADVISORY  WRITE -1 fe:00:1565013 0 EOF
2: FLOCK  ADVISORY  WRITE 812 00:45:18 0 EOF
2: -> FLOCK  ADVISORY  WRITE 815 00:45:18 0 EOF
2: -> FLOCK  ADVISORY  WRITE 816 00:45:18 0 EOF
3: OFDLCK ADVISORY  WRITE -1 00:45:19 0 EOF
3: -> POSIX  ADVISORY  WRITE 817 00:45:19 0 EOF
`

test('who holds a lock stands above those who wait for it', () => {
  expect(holderIn(locks, 816)).toBe(812)
  expect(holderIn(locks, 815)).toBe(812)
})

test('nobody waits, or nobody is known to hold it', () => {
  expect(holderIn(locks, 812)).toBeNull()
  expect(holderIn(locks, 817)).toBeNull()
  expect(holderIn('', 1)).toBeNull()
})
