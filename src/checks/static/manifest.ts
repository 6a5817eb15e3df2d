import {type DjangoVersion, isAtLeast} from '../../facts/django/django.ts'
import {firstFew, type Tree, walkDirectory} from '../../facts/files/state-tree.ts'
import {manifestLimit, manifestName, parseManifest, staysInside} from '../../facts/static/manifest.ts'
import {findStaticFiles, sourceFiles} from '../../facts/static/static-files.ts'
import type {Target} from '../../facts/target/target.ts'
import {CannotLook, type Entry, type Host} from '../../host/host.ts'
import {collectAnew} from '../../remedies/collect.ts'
import {whileStarting} from '../../remedies/while-starting.ts'
import {critical, ok, type Verdict} from '../../report/finding.ts'
import {change} from '../../report/step.ts'
import type {Check} from '../check.ts'
import {staticCollected} from './collected.ts'

const moveAside = 'Move it aside, collect anew and restart.'

export const staticManifest: Check = {
  id: 'static/manifest',
  title: 'The manifest can be read and every file that it names is there',
  fix: 'moves a broken manifest aside, collects anew and restarts the service',
  explanation: {
    why: `staticfiles.json says which hashed name each static file has. Django reads it when the storage is made, so one that is
broken stops the application, and collectstatic as well, with --clear, too.`,
    asks: `The file is parsed as Django does, and its version held against what the package's Django knows. Every name in it must
be a regular file below STATIC_ROOT. Where the storage is one of Django's or WhiteNoise's, every static file of the package must
be named in it.`,
    findings: {
      empty: {
        means: 'It is empty: the disk was full, or collectstatic was killed between removing and writing it.',
        remedy: moveAside,
      },
      'cut-off': {
        means: 'Its JSON ends in the middle: the disk was full, or collectstatic was killed while it wrote.',
        remedy: moveAside,
      },
      'not-json': {
        means: 'It holds something else than JSON.',
        remedy: moveAside,
      },
      'other-json': {
        means: 'It is JSON of another shape: a list, no version, or no names.',
        remedy: moveAside,
      },
      'not-utf8': {
        means: 'It is no UTF-8 text.',
        remedy: moveAside,
      },
      'not-a-file': {
        means: 'A directory stands where the file should be.',
        remedy: moveAside,
      },
      'too-large': {
        means: 'It is larger than any manifest, and was not read.',
        remedy: moveAside,
      },
      version: {
        means: `The package's Django does not know its version: after a rollback from Django 4.2 or later, an older one finds 1.1 and
knows only 1.0.`,
        remedy: moveAside,
      },
      outside: {
        means: 'It names a file that is not below STATIC_ROOT, which no collectstatic writes.',
        remedy: moveAside,
      },
      'entries-missing': {
        means: `Files of the package are not named in it, as after an edit, a merge by hand or a collectstatic that was made with
other settings: every page that names one answers 500.`,
        remedy: `Restart the service where it collects when it starts; else collect as its user, in its environment, then
restart.`,
      },
      'files-gone': {
        means: 'Files that it names are not there: visitors get an error for these.',
        remedy: `Restart the service where it collects when it starts; else collect as its user, in its environment, then
restart.`,
      },
    },
    mistakenFor: `The version that Django's error names is its own, not that of the file. Files that the manifest does not name are
normal, and a storage that keeps no manifest is passed over. A page may look right although a file is gone, since
visitors who accept compression still get the .gz.`,
  },
  needs: [staticCollected],
  explainedBy: ['state/ownership', 'state/modes', 'state/space', 'service/active'],
  async run({host, target}) {
    const files = findStaticFiles(target)
    const {root, keepsManifest, storage, version} = files
    if (root.kind !== 'known') return ok('nothing is collected here')
    if (keepsManifest === false) return ok(`${storage} keeps no manifest`)
    const tree = await walkDirectory(host, target, root.path)
    const entry = tree?.entries.find(({path}) => path === manifestName)
    if (!tree || !entry) return ok(`${root.path} holds no manifest, and needs none`)
    const path = `${tree.top.path}/${manifestName}`
    const answer = await host.readFile(path, {limit: manifestLimit})
    const broken = (code: string, message: string): Promise<Verdict> =>
      brokenManifest(host, target, path, code, message)
    if (answer.kind === 'directory') return broken('not-a-file', 'it is a directory')
    if (answer.kind === 'too-large') return broken('too-large', `it has ${answer.size} bytes`)
    if (answer.kind !== 'file') throw new CannotLook(`${path} cannot be read: ${answer.kind}`)
    if (!answer.utf8) return broken('not-utf8', 'it is no UTF-8 text')
    const manifest = parseManifest(answer.text)
    if (manifest.kind !== 'manifest') return broken(manifest.kind, manifest.message)
    const known = versionsOf(version)
    if (!known.includes(manifest.version)) {
      const who = version ? `Django ${version.text}` : 'Django'
      return broken('version', `its version is "${manifest.version}", and ${who} knows only ${known.join(' and ')}`)
    }
    const outside = [...manifest.paths].flat().filter(name => !staysInside(name))
    if (outside.length > 0) return broken('outside', `it names what is not below STATIC_ROOT: ${firstFew(outside)}`)
    const names = [...manifest.paths.values()]
    const gone = missingNames(names, tree)
    if (gone.length > 0) {
      const verdict = critical(
        'files-gone',
        `${gone.length} of the ${names.length} files that ${path} names ${gone.length === 1 ? 'is' : 'are'} gone: ${firstFew(gone)}`,
        await collectAnew(host, target),
        {because: []},
      )
      return whileStarting(host, target, 'collectstatic', verdict)
    }
    const expected =
      keepsManifest && files.isStock && !files.servesUncollected ? await sourceFiles(host, files.sources) : []
    const unnamed = expected.filter(({name}) => !manifest.paths.has(name)).map(({name}) => name)
    if (unnamed.length > 0) {
      const verdict = critical(
        'entries-missing',
        `${path} does not name ${unnamed.length} of the package's ${expected.length} static files: ${firstFew(unnamed)}; every page that needs one answers 500`,
        await collectAnew(host, target),
        {because: []},
      )
      return whileStarting(host, target, 'collectstatic', verdict)
    }
    return ok(`${path} names ${names.length} files, and all are there`)
  },
}

/** manifest_version and what load_manifest() accepts: 1.1 came with Django 4.2. */
function versionsOf(version: DjangoVersion | null): readonly string[] {
  return version === null || isAtLeast(version, 4, 2) ? ['1.0', '1.1'] : ['1.0']
}

/** Links were followed by static/collected: what is left of them leads to a file. */
function missingNames(names: readonly string[], {entries, unreadable, top}: Tree): readonly string[] {
  const there = new Set(entries.filter(({type}: Entry) => type === 'file' || type === 'symlink').map(({path}) => path))
  const gone = [...new Set(names)].filter(name => !there.has(name))
  const hidden = unreadable.find(directory => gone.some(name => `${top.path}/${name}`.startsWith(`${directory}/`)))
  if (hidden) throw new CannotLook(`${hidden} may not be read by this user`, {privilege: true})
  return gone
}

async function brokenManifest(
  host: Host,
  target: Target,
  path: string,
  code: string,
  message: string,
): Promise<Verdict> {
  const cure = await collectAnew(host, target, [
    change({kind: 'aside', path, suffix: 'broken'}, 'mv', '-T', '--', path, `${path}.broken`),
  ])
  return critical(
    code,
    `Django cannot load ${path}: ${message}`,
    {...cure, summary: 'Move the manifest aside, then collect anew and restart'},
    // A disk that is full now may have cut it off; a service that does not start is its consequence.
    {because: ['state/space']},
  )
}
