import {sourceOf} from '../../facts/django/django.ts'
import {may} from '../../facts/files/access.ts'
import {resolvePath} from '../../facts/files/paths.ts'
import {firstFew, type Tree, walkDirectory} from '../../facts/files/state-tree.ts'
import {hashIn, unhashedName} from '../../facts/static/hashed-name.ts'
import {manifestName} from '../../facts/static/manifest.ts'
import {findStaticFiles, notCollected, type StaticFiles, sourceFiles} from '../../facts/static/static-files.ts'
import {answerOf, type Target} from '../../facts/target/target.ts'
import {unitOpener} from '../../facts/unit/openers.ts'
import {collectAnew} from '../../findings/static-files.ts'
import {whileStarting} from '../../findings/while-starting.ts'
import {CannotLook, type Entry, type Host, NotStated} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {mend} from '../../remedies/remedy.ts'
import {type CheckId, critical, ok, type Verdict, warning} from '../../report/finding.ts'
import {change} from '../../report/step.ts'
import type {Check} from '../check.ts'
import {staticRoot} from './root.ts'

const collect =
  'Restart the service where it collects when it starts; else collect as its user, in its environment, then restart.'

export const staticCollected: Check = {
  id: 'static/collected',
  title: 'The static files of the package and the admin were collected',
  fix: 'moves away what is in the way, collects anew and restarts the service',
  explanation: {
    why: `Without its static files a site has no style, and where the storage keeps a manifest every page that names one
answers 500.`,
    asks: `STATIC_ROOT is listed once and compared, by name, with what the package's static directories, its applications and Django's
admin hold. Links are followed to their end. Which files these are, and which storage is used, Django says.`,
    findings: {
      'never-collected': {
        means: 'The directory does not exist, is empty, or holds none of the package.',
        remedy: collect,
      },
      incomplete: {
        means: 'Some of what the package has is not there.',
        remedy: collect,
      },
      'no-manifest': {
        means:
          'The storage keeps staticfiles.json, and there is none: every page that names a static file answers 500.',
        remedy: collect,
      },
      'not-a-directory': {
        means: 'Something else stands where the directory should be.',
        remedy: 'Move it aside, collect anew and restart.',
      },
      'dangling-link': {
        means: `A link leads nowhere, often into a package that is gone. WhiteNoise opens every entry when it starts, and no worker
boots; without WhiteNoise it is a warning.`,
        remedy: 'Remove the link, collect anew and restart.',
      },
      'not-a-file': {
        means: 'A FIFO, a socket or a device lies there, which keeps WhiteNoise from starting just as well.',
        remedy: 'Remove it, collect anew and restart.',
      },
      'storage-ignored': {
        means: `The settings name their storage in STATICFILES_STORAGE, which Django has not read since 5.1, without saying so: names get
no hash.`,
        remedy: 'Name the storage in STORAGES, and deploy the settings.',
      },
    },
    mistakenFor: `More files than expected are normal: those of earlier deployments stay. A hashed name does without its plain one,
since WhiteNoise may be told to keep only these. A plain storage keeps no manifest, and collecting again would make none. With
DEBUG on, or with WHITENOISE_USE_FINDERS, files are served from the package itself. "0 static files copied, 139
unmodified" is no error, and no proof either.`,
  },
  needs: [staticRoot],
  explainedBy: ['state/*', 'service/active'],
  async run({host, target}) {
    const files = findStaticFiles(target)
    const {root} = files
    if (root.kind !== 'known') return ok(root.kind === 'elsewhere' ? root.why : 'nothing is collected')
    const found = await resolvePath(host, root.path)
    if (found.stat && found.stat.type !== 'directory') {
      const cure = await collectAnew(host, target, [
        change({kind: 'aside', path: root.path, suffix: 'aside'}, 'mv', '-T', '--', root.path, `${root.path}.aside`),
      ])
      return critical('not-a-directory', `${root.path} is no directory but a ${found.stat.type}`, cure, {because: []})
    }
    const tree = await walkDirectory(host, target, root.path)
    if (!tree || tree.entries.length === 0) return neverCollected(host, target, files, root.path, tree !== null)
    const odd = await oddEntries(host, target, files, tree)
    if (odd.length > 0) return odd
    const expected = await sourceFiles(host, files.sources)
    const lacking = notCollected(expected, tree.entries)
    const manifest = tree.entries.some(({path}) => path === manifestName)
    if (expected.length > 0 && lacking.length === expected.length && !manifest) {
      return neverCollected(host, target, files, root.path, true)
    }
    // Where a directory could not be listed, nothing below it may be called missing.
    const [hidden] = tree.unreadable
    if (hidden) throw new CannotLook(`${hidden} may not be read by this user`, {privilege: host.uid !== 0})
    if (lacking.length > 0 && !files.servesUncollected) {
      const names = firstFew(lacking.map(({name}) => name))
      const message = `${lacking.length} of the package's ${expected.length} static files are not in ${root.path}: ${names}`
      const because = await obstacles(host, target, tree)
      const cure = await collectAnew(host, target)
      const verdict = critical('incomplete', message, cure, {...(because && {because})})
      return whileStarting(host, target, 'collectstatic', verdict)
    }
    if (!manifest && needsManifest(files, tree.entries)) {
      const because = await obstacles(host, target, tree)
      const verdict = critical(
        'no-manifest',
        `${root.path} holds no ${manifestName}: every page that names a static file answers 500`,
        await collectAnew(host, target),
        {
          evidence: [`storage: ${files.storage ?? 'not known, but hashed files are there'}`],
          ...(because && {because}),
        },
      )
      return whileStarting(host, target, 'collectstatic', verdict)
    }
    if (files.ignoredStorage !== null) {
      return warning(
        'storage-ignored',
        `STATICFILES_STORAGE="${files.ignoredStorage}" is ignored by Django ${files.version?.text ?? '5.1'}: names get no hash`,
        mend('Name the storage in STORAGES', target.platform.code(target)),
        {evidence: [sourceOf(target.django, 'STATICFILES_STORAGE')]},
      )
    }
    if (!files.sourcesKnown) {
      answerOf(target, 'which static files the application has')
      throw new NotStated('which static files the application has is not known: its finders failed')
    }
    const plain = files.keepsManifest === false ? `, and ${files.storage} keeps no manifest` : ''
    return ok(`all ${expected.length} static files of the package are in ${root.path}${plain}`)
  },
}

/**
 * What may have kept collectstatic from its work; null where that is open. Owners and modes elsewhere in the state directory
 * did not: such a fault is another one.
 */
async function obstacles(host: Host, target: Target, tree: Tree): Promise<readonly CheckId[] | null> {
  const opener = await ifSeen(unitOpener(host, target.served))
  if (!opener) return null
  const inTheWay = [{...tree.top.stat, path: ''}, ...tree.entries].some(entry => {
    if (entry.type === 'directory') return !may(opener, 'write', entry) || !may(opener, 'pass', entry)
    // WhiteNoise opens the compressed file that is there; Django removes what it writes anew.
    return entry.type === 'file' && /\.(?:gz|br)$/.test(entry.path) && !may(opener, 'write', entry)
  })
  const access: readonly CheckId[] = inTheWay ? ['state/ownership', 'state/modes'] : []
  return [...access, 'state/directory', 'state/space', 'service/active']
}

/** A storage of which nothing is known is known by what it leaves. */
function needsManifest(
  {keepsManifest, manifestElsewhere, servesUncollected}: StaticFiles,
  entries: readonly Entry[],
): boolean {
  if (manifestElsewhere) return false
  if (keepsManifest !== null) return keepsManifest && !servesUncollected
  const names = new Set(entries.map(({path}) => path))
  const twins = entries.filter(({path}) => hashIn(path) !== null && names.has(unhashedName(path)))
  return twins.length > 0 && !servesUncollected
}

async function neverCollected(
  host: Host,
  target: Target,
  {servesUncollected}: StaticFiles,
  root: string,
  exists: boolean,
): Promise<Verdict> {
  if (servesUncollected) return ok('static files are served from the package itself')
  const how = exists ? `${root} holds none of the package's static files` : `${root} does not exist`
  const message = `static files were never collected: ${how}`
  const verdict = critical('never-collected', message, await collectAnew(host, target))
  return whileStarting(host, target, 'collectstatic', verdict)
}

/** What WhiteNoise stumbles over, however good the rest is. */
async function oddEntries(host: Host, target: Target, files: StaticFiles, tree: Tree): Promise<readonly Verdict[]> {
  const pathOf = ({path}: Entry): string => `${tree.top.path}/${path}`
  const links = tree.entries.filter(({type}) => type === 'symlink')
  const ends = await Promise.all(links.map(async link => ({link, end: (await resolvePath(host, pathOf(link))).stat})))
  const isOdd = (type: string): boolean => type !== 'file' && type !== 'directory' && type !== 'symlink'
  const dangling = ends.filter(({end}) => end === null).map(({link}) => link)
  const irregular = [
    ...tree.entries.filter(({type}) => isOdd(type)),
    ...ends.filter(({end}) => end !== null && isOdd(end.type)).map(({link}) => link),
  ]
  const say = async (code: string, message: string, entries: readonly Entry[]): Promise<Verdict> => {
    const removed = entries
      .slice(0, 20)
      .map(entry => change({kind: 'remove', path: pathOf(entry)}, 'rm', '--', pathOf(entry)))
    const cure = {...(await collectAnew(host, target, removed)), summary: 'Remove it, then collect anew and restart'}
    const evidence = entries
      .slice(0, 5)
      .map(entry => `${entry.type} ${pathOf(entry)}${entry.link ? ` -> ${entry.link}` : ''}`)
    // nginx and Django itself pass over what nobody asks for; WhiteNoise opens everything.
    const judge = files.whiteNoise === false ? warning : critical
    return judge(code, message, cure, {evidence, because: []})
  }
  const verdicts: Verdict[] = []
  if (dangling.length > 0) {
    const names = firstFew(dangling.map(entry => `${pathOf(entry)} -> ${entry.link}`))
    verdicts.push(await say('dangling-link', `a link among the static files leads nowhere: ${names}`, dangling))
  }
  if (irregular.length > 0) {
    const names = firstFew(irregular.map(entry => `${pathOf(entry)} (${entry.type})`))
    verdicts.push(await say('not-a-file', `what lies among the static files is no regular file: ${names}`, irregular))
  }
  return verdicts
}
