import {expect, test} from 'vitest'
import type {ListedTree} from '../../../src/facts/files/tree.ts'
import {type Manifest, namesGone} from '../../../src/facts/static/manifest.ts'
import {CannotLook} from '../../../src/host/host.ts'
import {healthyStat, stateDirectory} from '../../tree.ts'

const path = `${stateDirectory}/staticfiles`
const manifest = (file: string): Manifest => ({
  kind: 'manifest',
  version: '1.1',
  paths: new Map([['a.css', file]]),
})
const tree = (unreadable: string): ListedTree => ({
  top: {path, stat: healthyStat(path)},
  truncated: false,
  entries: [],
  unreadable: [unreadable],
})

test.each([`${path}/é`, 'find: it has failed'])(
  'no file is gone that may lie where nobody could look: %s',
  unreadable =>
    expect(() => namesGone(manifest('é/a.0123456789ab.css'), tree(unreadable))).toThrow(CannotLook),
)

test('what lies elsewhere is gone', () =>
  expect(namesGone(manifest('b/a.css'), tree(`${path}/é`))).toEqual(['b/a.css']))
