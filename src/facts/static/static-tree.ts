import {may, type Opener} from '../files/access.ts'
import type {ListedTree} from '../files/tree.ts'
import type {Manifest} from './manifest.ts'
import type {SourceFile, StaticFiles} from './static-files.ts'

/** What was collected and what should have been, by name. static/collected hands it on. */
export interface Collected {
  readonly files: StaticFiles
  /** What lies in STATIC_ROOT; null where that is no directory of this machine. */
  readonly tree: ListedTree | null
  /** What the package and its applications have to be collected. */
  readonly expected: readonly SourceFile[]
}

/** Collected files and what the manifest says of them. static/manifest hands it on. */
export interface StaticTree extends Collected {
  readonly tree: ListedTree
  /** Null where the storage keeps none here. */
  readonly manifest: Manifest | null
}

/** Whether modes keep someone from collecting into a tree that is there. */
export function isClosedToCollecting(opener: Opener, {top, entries}: ListedTree): boolean {
  return [{...top.stat, path: ''}, ...entries].some(entry => {
    if (entry.type === 'directory') {
      return !may(opener, 'write', entry) || !may(opener, 'pass', entry)
    }
    // WhiteNoise opens the compressed file that is there; Django removes what it writes anew.
    return entry.type === 'file' && /\.(?:gz|br)$/.test(entry.path) && !may(opener, 'write', entry)
  })
}
