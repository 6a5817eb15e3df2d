import {firstFew} from '../../facts/files/state-tree.ts'
import {hashIn} from '../../facts/static/hashed-name.ts'
import {manifestName} from '../../facts/static/manifest.ts'
import {type SourceFile, sourceFiles} from '../../facts/static/static-files.ts'
import {findStaticTree, type StaticTree} from '../../facts/static/static-tree.ts'
import type {Target} from '../../facts/target/target.ts'
import {collectAnew} from '../../findings/static-files.ts'
import {CannotLook, type Digest, type Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {timestampOf} from '../../host/unit.ts'
import {remedy} from '../../remedies/remedy.ts'
import {restart} from '../../remedies/service.ts'
import {ok, type Remedy, type Verdict, warning} from '../../report/finding.ts'
import {change} from '../../report/step.ts'
import type {Check} from '../check.ts'
import {servicePackage} from '../service/package.ts'
import {staticManifest} from './manifest.ts'

export const staticFresh: Check = {
  id: 'static/fresh',
  title: 'The static files are those of the package, and the process knows them',
  fix: 'collects anew or restarts the service',
  explanation: {
    why: `In the store every file has the time 1, so that collectstatic takes what is there for newer than what it should copy. Without a
manifest, visitors get the style of an earlier version after every upgrade. And whoever collects by hand while the service runs
leaves it with the names of before: Django and WhiteNoise read what is there once, at start.`,
    asks: `The contents of the package's static files are compared with what was collected: with the hash in the name that the manifest
gives, where it has one, otherwise with the file itself. Style sheets and scripts, in which collectstatic rewrites the names of
other files, are compared without these. The time of the manifest is held against the start of the main process.`,
    findings: {
      stale: {
        means: 'What was collected is of another version of the package than the one that is deployed.',
        remedy:
          'Collect with --clear while the service is stopped, or let a restart do it where the unit collects itself.',
      },
      'collected-later': {
        means:
          'The files were collected after the process had started: it still serves, and names, what was there before.',
        remedy: 'Restart the service.',
      },
    },
    mistakenFor: `Files of earlier versions may lie beside those of today. With a manifest an unhashed copy may be old, since nobody asks
for it. A style sheet that names others is rewritten when it is collected, and has another hash than its source. Times within the store
say nothing.`,
  },
  needs: [staticManifest, servicePackage],
  explainedBy: ['service/active', 'service/package'],
  async run({host, target}) {
    const found = await findStaticTree(host, target)
    if (!found) return ok('nothing was collected')
    if (found.files.servesUncollected) return ok('static files are served from the package itself')
    const verdicts = [await stale(host, target, found), collectedLater(target, found)].filter(
      verdict => verdict !== null,
    )
    if (verdicts.length > 0) return verdicts
    if (!found.digests.complete) throw new CannotLook('there is more to read than is read in one run')
    return ok('what was collected is what the package holds')
  },
}

async function stale(
  host: Host,
  target: Target,
  {files, manifest, digests, tree}: StaticTree,
): Promise<Verdict | null> {
  const sources = await sourceFiles(host, files.sources)
  const bySource = await Promise.all(
    files.sources.map(async ({directory}) => [directory, await ifSeen(readable(host, directory))] as const),
  )
  const digestOf = (path: string): Digest | null => {
    for (const [directory, answer] of bySource)
      if (path.startsWith(`${directory}/`)) return answer?.files[path.slice(directory.length + 1)] ?? null
    return null
  }
  const old = sources.filter(({name, path}) => {
    const source = digestOf(path)
    if (typeof source?.md5 !== 'string') return false
    const hashed = manifest?.paths.get(name)
    if (hashed === undefined) {
      const collected = digests.files[name]?.md5
      return manifest === null && !files.manifestElsewhere && typeof collected === 'string' && collected !== source.md5
    }
    const hash = hashIn(hashed)
    if (hash === null || hash === source.md5) return false
    if (!isRewritten(name)) return true
    const collected = digests.files[hashed]
    // What a storage of the project's own rewrites is not known, and what was altered is for static/integrity.
    return (
      files.isStock && files.keepsManifest === true && collected?.md5 === hash && differBesidesLinks(source, collected)
    )
  })
  if (old.length === 0) return null
  const verbatim = sources.filter(({name}) => !isRewritten(name))
  // A hash of the project's own making tells nothing.
  if (manifest && old.length > 3 && old.length === verbatim.length && !old.some(({name}) => isRewritten(name)))
    return null
  const names = firstFew(old.map(({name}) => name))
  return warning(
    'stale',
    `${old.length} of ${sources.length} static files in ${tree.top.path} are of another version of the package: ${names}`,
    manifest === null ? await withoutOld(host, target, tree.top.path, old) : await collectAnew(host, target),
    {evidence: old.slice(0, 20).map(({path}) => path)},
  )
}

/** Style sheets and scripts get the hashed names of what they refer to, and a hash of what they became. */
function isRewritten(name: string): boolean {
  return /\.(?:css|m?js)$/.test(name)
}

function differBesidesLinks({unlinked}: Digest, collected: Digest): boolean {
  return unlinked !== undefined && collected.unlinked !== undefined && unlinked !== collected.unlinked
}

/** collectstatic keeps what is there for newer than the store: only what is moved away is copied again. */
async function withoutOld(host: Host, target: Target, root: string, old: readonly SourceFile[]): Promise<Remedy> {
  const steps = old.slice(0, 50).map(({name}) => {
    const path = `${root}/${name}`
    return change({kind: 'aside', path, suffix: 'old'}, 'mv', '-T', '--', path, `${path}.old`)
  })
  return {
    ...(await collectAnew(host, target, steps)),
    summary: 'Move the old files aside, then collect anew and restart',
  }
}

async function readable(host: Host, directory: string): ReturnType<Host['digests']> {
  return (await host.stat(directory)) === null ? {files: {}, complete: true} : host.digests(directory)
}

/** Milliseconds by which the coarse clock of a file system may be behind. */
const tolerance = 100

function collectedLater(target: Target, {tree, manifest, files}: StaticTree): Verdict | null {
  const {unit} = target
  if (Number(unit.get('MainPID')) === 0 || (manifest === null && files.whiteNoise !== true)) return null
  const started = timestampOf(unit, 'ExecMainStartTimestamp')
  const collected = tree.entries.find(({path}) => path === manifestName)?.mtime
  if (started === null || collected === undefined || collected <= Date.parse(started) + tolerance) return null
  return warning(
    'collected-later',
    `${tree.top.path}/${manifestName} was written after the process had started, which still knows the names of before`,
    remedy('Restart the service, so that it reads them', 'disruptive', [restart(target)]),
    {since: new Date(collected).toISOString(), evidence: [`started ${started}`]},
  )
}
