import {firstFew} from '../../facts/files/state-tree.ts'
import {hashIn} from '../../facts/static/hashed-name.ts'
import {findStaticTree, type StaticTree} from '../../facts/static/static-tree.ts'
import type {Target} from '../../facts/target/target.ts'
import {collectAnew} from '../../findings/static-files.ts'
import {CannotLook, type Host} from '../../host/host.ts'
import {critical, ok, type Remedy, type Verdict} from '../../report/finding.ts'
import {change} from '../../report/step.ts'
import type {Check} from '../check.ts'
import {staticManifest} from './manifest.ts'

export const staticIntegrity: Check = {
  id: 'static/integrity',
  title: 'Every hashed and every compressed file holds what its name says',
  fix: 'moves wrong files aside, collects anew and restarts the service',
  explanation: {
    why: `Browsers keep a hashed file for ten years: one that is cut off or was edited in place stays broken with every visitor who saw
it. Nearly every browser gets the compressed copy, so that a stale one is what the world sees while the original is right.`,
    asks: `Every file below STATIC_ROOT is read once, at most 32 MiB of each and 512 MiB in all, and hashed as Django does (the first
twelve digits of MD5). A hashed file that the manifest names must have the hash of its name; each .gz and .br must decode to the
file beside it.`,
    findings: {
      altered: {
        means:
          'Hashed files hold something else than when they were written: a full disk, a partial copy, an edit in place.',
        remedy: `Move them aside, since collectstatic does not write a hashed file that is there; then collect and restart, and let
caches in front forget them.`,
      },
      'stale-copy': {
        means: 'Compressed copies do not decode, or decode to something else than the file beside them.',
        remedy: 'Move them aside, then collect and restart.',
      },
    },
    mistakenFor: `Hashed files of earlier versions may lie there as they like: only those of the manifest are judged. A missing .gz or .br is
no fault, since what does not become smaller is not kept. A project whose storage hashes in another way gets every hash wrong: that
is passed over.`,
  },
  needs: [staticManifest],
  explainedBy: ['state/space'],
  async run({host, target}) {
    const found = await findStaticTree(host, target)
    if (!found) return ok('nothing was collected')
    const bad = [...(await altered(host, target, found)), ...(await staleCopies(host, target, found))]
    if (bad.length > 0) return bad
    const {digests, manifest} = found
    if (!digests.complete) throw new CannotLook('there is more to read than is read in one run')
    const denied = Object.entries(digests.files).find(([, {md5}]) => md5 === null)
    if (denied && host.uid !== 0) {
      throw new CannotLook(`${found.tree.top.path}/${denied[0]} may not be read by this user`, {privilege: true})
    }
    const count = manifest ? `${manifest.paths.size} hashed files` : 'the files'
    return ok(`${count} hold what they should, and so do the compressed ones`)
  },
}

async function altered(host: Host, target: Target, {manifest, digests, tree}: StaticTree): Promise<readonly Verdict[]> {
  const hashed = [...new Set(manifest?.paths.values() ?? [])].filter(name => hashIn(name) !== null)
  const known = hashed.filter(name => typeof digests.files[name]?.md5 === 'string')
  const wrong = known.filter(name => digests.files[name]?.md5 !== hashIn(name))
  // A file_hash() of the project's own is no damage.
  if (wrong.length === 0 || (wrong.length === known.length && known.length > 3)) return []
  const {path} = tree.top
  const message = `${counted(wrong)} below ${path} ${wrong.length === 1 ? 'does' : 'do'} not hold what the name says: ${firstFew(wrong)}`
  const evidence = wrong.slice(0, 20).map(name => `${name} has ${digests.files[name]?.md5}`)
  return [critical('altered', message, await replaced(host, target, path, wrong), {evidence})]
}

async function staleCopies(host: Host, target: Target, {digests, tree}: StaticTree): Promise<readonly Verdict[]> {
  const {files} = digests
  const wrong = Object.entries(files)
    .filter(([name, {decoded}]) => {
      const of = name.replace(/\.(?:gz|br)$/, '')
      const original = files[of]?.md5
      // The copy of a hashed file that was altered may be what is left of it.
      return decoded !== undefined && typeof original === 'string' && decoded !== original && decoded !== hashIn(of)
    })
    .map(([name]) => name)
  if (wrong.length === 0) return []
  const {path} = tree.top
  const message = `${counted(wrong)} below ${path} ${wrong.length === 1 ? 'decodes' : 'decode'} to something else than the original: ${firstFew(wrong)}`
  const evidence = wrong.slice(0, 20).map(name => `${name} decodes to ${files[name]?.decoded ?? 'nothing'}`)
  return [critical('stale-copy', message, await replaced(host, target, path, wrong), {evidence})]
}

function counted({length}: readonly string[]): string {
  return `${length} ${length === 1 ? 'file' : 'files'}`
}

async function replaced(host: Host, target: Target, root: string, names: readonly string[]): Promise<Remedy> {
  const steps = names.slice(0, 20).map(name => {
    const path = `${root}/${name}`
    return change({kind: 'aside', path, suffix: 'damaged'}, 'mv', '-T', '--', path, `${path}.damaged`)
  })
  return {...(await collectAnew(host, target, steps)), summary: 'Move them aside, then collect anew and restart'}
}
