import {availableParallelism} from 'node:os'
import type {DigestAnswer} from '../host.ts'
import {type Child, startChild} from './child.ts'
import {readTree} from './digest-run.ts'
import type {Cache} from './digest-tree.ts'

/** Each holds 50 MB, and more of them would wait for the disk. */
const maxChildren = 4

export interface LocalDigests {
  /**
   * The digests of a tree's regular files, no link followed and nothing opened but them.
   * @throws CannotLook where the directory itself cannot be read.
   */
  digests(root: string): Promise<DigestAnswer>
  close(): void
}

/** @param cache Null remembers nothing. */
export function createDigests(cache: Cache | null): LocalDigests {
  let children: readonly Child[] = []
  let last: Promise<unknown> = Promise.resolve()
  const close = (): void => {
    for (const child of children) child.kill()
    children = []
  }
  const read = (root: string): Promise<DigestAnswer> => {
    const length = Math.min(availableParallelism(), maxChildren)
    if (children.length === 0) children = Array.from({length}, () => startChild('digests-child'))
    return readTree(root, cache, children, close)
  }
  return {
    // One tree after the other, since each is read by all.
    digests(root) {
      const answer = last.then(() => read(root))
      last = answer.catch(() => undefined)
      return answer
    },
    close,
  }
}
