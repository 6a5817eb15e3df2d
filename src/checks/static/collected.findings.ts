import {type DjangoVersion, sourceOf} from '../../facts/django/django.ts'
import {firstFew, type ListedTree} from '../../facts/files/tree.ts'
import {manifestName} from '../../facts/static/manifest.ts'
import type {SourceFile, StaticFiles} from '../../facts/static/static-files.ts'
import {isClosedToCollecting} from '../../facts/static/static-tree.ts'
import type {Target} from '../../facts/target/target.ts'
import {unitOpener} from '../../facts/unit/openers.ts'
import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {collectAnew, collectWithout} from '../../remedies/collect.ts'
import {mend} from '../../remedies/remedy.ts'
import {whileStarting} from '../../remedies/while-starting.ts'
import {
  type CheckId,
  type CodeOf,
  cause,
  type Details,
  finding,
  findingsOf,
  type Said,
  symptom,
  type Verdict,
} from '../../report/finding.ts'
import {explanation} from './collected.explanation.ts'

export const found = findingsOf(explanation, {
  'never-collected': symptom('critical', (root: string, exists: boolean) => {
    const how = exists ? "has none of the package's static files" : 'does not exist'
    return `static files were never collected: ${root} ${how}`
  }),
  incomplete: cause('critical', (root: string, missing: readonly string[], all: number) => {
    const counted = `${missing.length} of the package's ${all} static files`
    return `${counted} are missing from ${root}: ${firstFew(missing)}`
  }),
  'no-manifest': cause(
    'critical',
    (root: string) =>
      `${root} has no ${manifestName}: every page that names a static file answers 500`,
  ),
  'not-a-directory': cause(
    'critical',
    (path: string, type: string) => `${path} is a ${type}, not a directory`,
  ),
  'dangling-link': cause(
    'critical',
    (links: readonly string[]) => `a link among the static files leads nowhere: ${firstFew(links)}`,
  ),
  'not-a-file': cause(
    'critical',
    (entries: readonly string[]) =>
      `not everything among the static files is a regular file: ${firstFew(entries)}`,
  ),
  'storage-ignored': cause(
    'warning',
    (storage: string, django: string) =>
      `STATICFILES_STORAGE="${storage}" is ignored by Django ${django}: names get no hash`,
  ),
})

export type Code = CodeOf<typeof found>

/** What was collected, and where. */
export interface Place {
  readonly files: StaticFiles
  /** STATIC_ROOT as written. */
  readonly root: string
  readonly tree: ListedTree
}

export async function neverCollected(
  host: Host,
  target: Target,
  root: string,
  exists: boolean,
): Promise<Verdict<Code>> {
  const said = found['never-collected'](root, exists)
  return whileStarting(
    host,
    target,
    'collectstatic',
    finding(said, await collectAnew(host, target)),
  )
}

export async function incomplete(
  host: Host,
  target: Target,
  {root, tree}: Place,
  missing: readonly SourceFile[],
  all: number,
): Promise<Verdict<Code>> {
  const names = missing.map(({name}) => name)
  return uncollected(host, target, tree, found.incomplete(root, names, all))
}

export async function noManifest(
  host: Host,
  target: Target,
  {files, root, tree}: Place,
): Promise<Verdict<Code>> {
  return uncollected(host, target, tree, found['no-manifest'](root), {
    evidence: [`storage: ${files.storage ?? 'not known, but hashed files are there'}`],
  })
}

async function uncollected(
  host: Host,
  target: Target,
  tree: ListedTree,
  said: Said<Code>,
  details: Details = {},
): Promise<Verdict<Code>> {
  const because = await obstacles(host, target, tree)
  const cure = await collectAnew(host, target)
  const verdict = finding(said, cure, {...details, ...(because && {because})})
  return whileStarting(host, target, 'collectstatic', verdict)
}

/**
 * What may have kept collectstatic from its work; null where that is open. Owners and modes count
 * only where they were in its way.
 */
async function obstacles(
  host: Host,
  target: Target,
  tree: ListedTree,
): Promise<readonly CheckId[] | null> {
  const opener = await ifSeen(unitOpener(host, target.served))
  if (!opener) return null
  const access = isClosedToCollecting(opener, tree) ? accessChecks : []
  return [...access, 'state/directory', 'state/space', 'service/active']
}

const accessChecks: readonly CheckId[] = ['state/ownership', 'state/modes']

export async function notADirectory(
  host: Host,
  target: Target,
  path: string,
  type: string,
): Promise<Verdict<Code>> {
  const how = {suffix: 'aside', summary: 'Move it aside'}
  return finding(
    found['not-a-directory'](path, type),
    await collectWithout(host, target, [path], how),
  )
}

export function storageIgnored(
  target: Target,
  storage: string,
  version: DjangoVersion | null,
): Verdict<Code> {
  const cure = mend('Name the storage in STORAGES', target.platform.code(target))
  return finding(found['storage-ignored'](storage, version?.text ?? '5.1'), cure, {
    evidence: [sourceOf(target.django, 'STATICFILES_STORAGE')],
  })
}
