import {closeSync} from 'node:fs'
import {serve} from './child.ts'
import {type Batch, type BatchAnswer, readBatch} from './digest-files.ts'
import {lineOf} from './digest-memory.ts'
import {type Cache, openTree, type Tree} from './digest-tree.ts'

/** What a process that reads a tree is asked: to open it, to read of it, what to remember of it. */
export type Question =
  | {readonly kind: 'open'; readonly root: string; readonly cache: Cache | null}
  | ({readonly kind: 'read'} & Batch)
  | {readonly kind: 'verified'}

/** Lines of a cache. */
export interface Lines {
  /** When the oldest of it was read, milliseconds since the epoch. */
  readonly since: number
  readonly text: string
}

let tree: Tree | null = null

serve((question: Question): undefined | Promise<BatchAnswer> | Lines => {
  if (question.kind === 'open') {
    if (tree) closeSync(tree.root)
    tree = null
    tree = openTree(question.root, question.cache)
    return
  }
  if (!tree) throw new Error('no tree is open')
  return question.kind === 'read' ? readBatch(tree, question) : verified(tree)
})

function verified({memory, verified}: Tree): Lines {
  const lines = [...verified].map(([directory, files]) => lineOf(directory, files))
  return {since: memory?.since ?? Date.now(), text: lines.join('')}
}
