import {expect, test} from 'vitest'
import {sampleOf} from '../../../src/facts/static/sample.ts'
import type {StaticTree} from '../../../src/facts/static/static-tree.ts'
import type {Entry} from '../../../src/host/host.ts'

test('no large file is asked for', () => {
  const entry = {type: 'file', mode: 0o644, uid: 0, gid: 0, nlink: 1, mtime: 0} as const
  const sizes = {'a.mp4': 100_000_000, 'b.png': 1000}
  const entries: readonly Entry[] = Object.entries(sizes).map(([path, size]) => ({
    ...entry,
    path,
    size,
  }))
  const tree = {files: {url: '/static/'}, manifest: null, tree: {entries}} as unknown as StaticTree
  const digests = {files: {'a.mp4': {md5: 'a'}, 'b.png': {md5: 'b'}}, complete: true}
  expect(sampleOf(tree, digests)?.name).toBe('b.png')
})
