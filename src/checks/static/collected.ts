import {resolvePath} from '../../facts/files/paths.ts'
import {walkDirectory} from '../../facts/files/state-tree.ts'
import {countOf, type ListedTree, type Tree} from '../../facts/files/tree.ts'
import {manifestName} from '../../facts/static/manifest.ts'
import {findOddEntries} from '../../facts/static/odd-entries.ts'
import {sourceFiles} from '../../facts/static/static-files.ts'
import type {Collected} from '../../facts/static/static-tree.ts'
import {needsManifest, notCollected} from '../../facts/static/uncollected.ts'
import {answerOf, type Target} from '../../facts/target/target.ts'
import {CannotLook, type Host, NotStated} from '../../host/host.ts'
import {ok, type Verdict} from '../../report/finding.ts'
import type {CheckOf} from '../check.ts'
import {explanation} from './collected.explanation.ts'
import {
  type Code,
  found,
  incomplete,
  neverCollected,
  noManifest,
  notADirectory,
  storageIgnored,
} from './collected.findings.ts'
import {odd} from './collected.odd.ts'
import {staticFileFacts} from './files.facts.ts'
import {staticRoot} from './root.ts'

/** Hands on what was collected, and what should have been. */
export const staticCollected: CheckOf<Code, Collected> = {
  id: 'static/collected',
  title: 'The static files of the package and the admin are collected',
  fix: 'moves away what is in the way, collects anew and restarts the service',
  explanation,
  findings: found,
  needs: [staticRoot],
  facts: context => staticFileFacts(context, () => context.resultOf(staticCollected)),
  async run({host, target, resultOf}) {
    const files = await resultOf(staticRoot)
    const {root} = files
    if (root.kind !== 'known') {
      const why = root.kind === 'elsewhere' ? root.why : 'nothing is collected'
      return {findings: [ok(why)], result: {files, tree: null, expected: []}}
    }
    const {stat} = await resolvePath(host, root.path)
    const tree = listed(root.path, await walkDirectory(host, target, root.path))
    const collected = {files, tree, expected: await sourceFiles(host, files.sources)}
    const findings =
      stat && stat.type !== 'directory'
        ? [await notADirectory(host, target, root.path, stat.type)]
        : await judge(host, target, root.path, collected)
    return {findings, result: collected}
  },
}

/** Names are compared, with the manifest and with those of the package. */
function listed(root: string, tree: Tree | null): ListedTree | null {
  if (tree?.truncated)
    throw new CannotLook(`${root} holds ${countOf(tree)} entries, too many to compare their names`)
  return tree
}

async function judge(
  host: Host,
  target: Target,
  root: string,
  {files, tree, expected}: Collected,
): Promise<readonly Verdict<Code>[]> {
  const {servesUncollected} = files
  const never = async (): Promise<readonly Verdict<Code>[]> => {
    if (servesUncollected) return [ok('static files are served from the package itself')]
    if (tree) assertListed(host, tree)
    return [await neverCollected(host, target, root, tree !== null)]
  }
  if (!tree || tree.entries.length === 0) return never()
  const place = {files, root, tree}
  const stumbles = await odd(host, target, place, await findOddEntries(host, tree))
  if (stumbles.length > 0) return stumbles
  const missing = notCollected(expected, tree.entries)
  const hasManifest = tree.entries.some(({path}) => path === manifestName)
  if (expected.length > 0 && missing.length === expected.length && !hasManifest) return never()
  assertListed(host, tree)
  if (missing.length > 0 && !servesUncollected) {
    return [await incomplete(host, target, place, missing, expected.length)]
  }
  if (!hasManifest && needsManifest(files, tree.entries)) {
    return [await noManifest(host, target, place)]
  }
  if (files.ignoredStorage !== null) {
    return [storageIgnored(target, files.ignoredStorage, files.version)]
  }
  if (!files.sourcesKnown) throw unknownSources(target)
  const plain = files.keepsManifest === false ? `, and ${files.storage} keeps no manifest` : ''
  return [ok(`all ${expected.length} static files of the package are in ${root}${plain}`)]
}

/** Where a directory could not be listed, nothing below it may be called missing. */
function assertListed(host: Host, {unreadable: [hidden]}: ListedTree): void {
  if (hidden !== undefined)
    throw new CannotLook(`${hidden} may not be read by this user`, {privilege: host.uid !== 0})
}

/** Django answered, but its finders failed. */
function unknownSources(target: Target): NotStated {
  answerOf(target, 'which static files the application has')
  return new NotStated('which static files the application has is not known: its finders failed')
}
