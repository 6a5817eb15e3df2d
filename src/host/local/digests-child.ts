import {closeSync} from 'node:fs'
import {serve} from './child.ts'
import {type Batch, type BatchAnswer, readBatch} from './digest-files.ts'
import {type Cache, openTree, type Tree} from './digest-tree.ts'

/** What a process that reads a tree is asked: to open it, and then to read of it. */
export type Question =
  | {readonly kind: 'open'; readonly root: string; readonly cache: Cache | null}
  | ({readonly kind: 'read'} & Batch)

let tree: Tree | null = null

serve((question: Question): undefined | Promise<BatchAnswer> => {
  if (question.kind === 'read') {
    if (!tree) throw new Error('no tree is open')
    return readBatch(tree, question)
  }
  if (tree) closeSync(tree.root)
  tree = null
  tree = openTree(question.root, question.cache)
  return
})
