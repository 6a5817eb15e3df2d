import {closeSync, fstatSync, readdirSync, type Stats} from 'node:fs'
import type {Change} from '../../report/finding.ts'
import {Refused} from '../hands.ts'
import {itself, mountOf, openEntry, withEntry} from './descriptors.ts'
import {withParent} from './guards.ts'
import {type Left, reasonOf} from './outcome.ts'
import {withDirectory} from './path-resolution.ts'

/** No web application keeps deeper or larger trees; each level holds a descriptor. */
const maxDepth = 100
const maxEntries = 1_000_000

type Visitor = (path: string, found: Stats, descriptor: number) => void

interface Tree {
  readonly change: Change
  /** What lies in another mount is not entered. */
  readonly mount: string
  readonly refused: Left[]
  readonly visitor: Visitor
  count: number
}

interface Node {
  readonly path: string
  readonly descriptor: number
  readonly found: Stats
  readonly depth: number
}

/**
 * Files and directories of a change's tree, each by a descriptor; what lies in another mount is
 * refused and not entered.
 */
export function visit(change: Change, bound: string, refused: Left[], visitor: Visitor): void {
  const {path} = change
  const tree = {change, mount: withDirectory(bound, mountOf), refused, visitor, count: 0}
  withParent(path, bound, (parent, name) =>
    withEntry(parent, name, (descriptor, found) => {
      if (found.isSymbolicLink()) throw new Refused(`${path} is a symbolic link`)
      enter(tree, {path, descriptor, found, depth: 0})
    }),
  )
}

function enter(tree: Tree, node: Node): void {
  const {change, refused} = tree
  const {path, descriptor, found, depth} = node
  tree.count += 1
  if (tree.count > maxEntries)
    throw new Refused(`${change.path} has more than ${maxEntries} entries`)
  if (!found.isFile() && !found.isDirectory()) return
  if (mountOf(descriptor) !== tree.mount) {
    refused.push({path, why: 'it is another mount'})
    return
  }
  tree.visitor(path, found, descriptor)
  if (!found.isDirectory() || (change.kind === 'mode' && !change.recursive)) return
  if (depth > maxDepth) {
    refused.push({path, why: `it lies deeper than ${maxDepth} directories`})
    return
  }
  for (const name of readdirSync(itself(descriptor), {encoding: 'latin1'})) {
    if (depth > 0 || name !== 'lost+found') descend(tree, node, name)
  }
}

function descend(tree: Tree, above: Node, name: string): void {
  const path = `${above.path}/${name}`
  let descriptor: number
  try {
    descriptor = openEntry(above.descriptor, name)
  } catch (error) {
    // It went away after it was listed, or another mount hides it.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    tree.refused.push({path, why: reasonOf(error)})
    return
  }
  try {
    enter(tree, {path, descriptor, found: fstatSync(descriptor), depth: above.depth + 1})
  } finally {
    closeSync(descriptor)
  }
}
