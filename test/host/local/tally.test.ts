import {expect, test} from 'vitest'
import {createRecords} from '../../../src/host/local/find-records.ts'
import {createTally, entryOf} from '../../../src/host/local/tally.ts'

const limits = {kinds: 10, named: 10, namedBytes: 1 << 20}

// A file that became a link, and back, between the looks of find.
const records = ['l777 0 0 1 3 1.5 x38', 'f644 0 0 1 4 1.5 x25//', 'l777 0 0 1 3 1.5 d/l//a//b']

test('what one record lacks is not taken from the next', () => {
  const chunk = Buffer.from(records.map(record => `${record}\0`).join(''))
  const said: object[] = []
  const tally = createTally([], limits)
  createRecords('/srv', (bytes, from, to) => {
    const {path, type, link} = entryOf(bytes, from, to)
    said.push({path, type, link})
    tally.add(bytes, from, to)
  }).push(chunk)
  expect(said).toEqual([
    {path: 'x38', type: 'symlink', link: ''},
    {path: 'x25', type: 'file', link: undefined},
    {path: 'd/l', type: 'symlink', link: 'a//b'},
  ])
  const {kinds} = tally.answer()
  expect(kinds.flatMap(({named}) => named.map(({path}) => path)).sort()).toEqual([
    'd/l',
    'x25',
    'x38',
  ])
})
