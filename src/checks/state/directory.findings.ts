import {sourceOf} from '../../facts/django/django.ts'
import {whereVariable} from '../../facts/django/variables.ts'
import {type Opener, octal} from '../../facts/files/access.ts'
import type {Component} from '../../facts/files/paths.ts'
import type {StrayUploads} from '../../facts/files/uploads.ts'
import type {Target} from '../../facts/target/target.ts'
import type {Hanging} from '../../host/host.ts'
import {kept, mend, remedy} from '../../remedies/remedy.ts'
import {restart} from '../../remedies/service.ts'
import {settingMeans} from '../../remedies/setting-means.ts'
import {asOwner} from '../../remedies/whole-tree.ts'
import {visible} from '../../report/escape.ts'
import {type CodeOf, cause, finding, findingsOf, type Verdict} from '../../report/finding.ts'
import {byHand, change, hand} from '../../report/step.ts'
import {explanation} from './directory.explanation.ts'
import {makeDirectory, tmpfilesRule} from './directory.remedies.ts'

export const found = findingsOf(explanation, {
  'not-answering': cause('critical', (said: string) => said),
  missing: cause('critical', (directory: string, absent: string, refusal: string | null) => {
    const above = absent === directory ? '' : `: ${absent} is already missing`
    const why = refusal ? `; systemd-tmpfiles refused to make it: ${visible(refusal)}` : ''
    return `${directory} does not exist${above}${why}`
  }),
  'dangling-link': cause(
    'critical',
    (directory: string, {path, stat}: Component) =>
      `${directory} leads nowhere: the link ${path} points to ${stat.link}`,
  ),
  'not-a-directory': cause(
    'critical',
    (path: string, type: string) => `${path} is a ${type}, not a directory`,
  ),
  'not-passable': cause(
    'critical',
    (who: string, {path, stat}: Component) =>
      `${who} may not pass through ${path} (mode ${octal(stat.mode)})`,
  ),
  mode: cause(
    'critical',
    (path: string, mode: number, who: string) =>
      `${path} has mode ${octal(mode)}, which keeps out its own user ${who}`,
  ),
  'path-missing': cause('critical', (setting: string, paths: readonly string[], runs: boolean) => {
    const gone = paths.length > 1 ? 'which do not exist' : 'which does not exist'
    const named = `${setting}= names ${paths.join(', ')}, ${gone}`
    return runs
      ? `${named}: the next start will fail with 226/NAMESPACE`
      : `${named}: systemd cannot set up the sandbox (226/NAMESPACE)`
  }),
  sandbox: cause('critical', (setting: string, path: string, link: string | null) => {
    const place = link === null ? path : `${path}, where ${link} leads,`
    return `${setting} makes ${place} read-only for the service`
  }),
  'stale-sandbox': cause(
    'critical',
    (path: string) =>
      `the running service sees ${path} as read-only, although its unit allows writing by now`,
  ),
  replaced: cause(
    'critical',
    (path: string) =>
      `${path} was replaced while the service was running, which still uses the removed one`,
  ),
  'uploads-elsewhere': cause(
    'critical',
    ({root, why}: StrayUploads, how: string) =>
      `uploads go to ${root}, where the service cannot write (${why}): ${how}`,
  ),
  'read-only-mount': cause('critical', (path: string, point: string) =>
    path === point
      ? `${path} is mounted read-only`
      : `${path} lies on ${point}, which is mounted read-only`,
  ),
})

export type Code = CodeOf<typeof found>

export function missing(
  target: Target,
  opener: Opener | null,
  directory: string,
  absent: string,
  refusal: string | null,
): Verdict<Code> {
  const said = found.missing(directory, absent, refusal)
  const step = makeDirectory(target, opener, directory)
  if (refusal) {
    const summary = 'Give the directories above to root, then make the state directory'
    return finding(said, remedy(summary, 'manual', [byHand('namei', '-l', directory), step]))
  }
  const cure = remedy('Make the state directory', 'safe', [step])
  return finding(said, kept(cure, tmpfilesRule(target, directory)))
}

/** @param isMounted Whether the place is where something is mounted from a server or a program. */
export function notAnswering({message, place}: Hanging, isMounted: boolean): Verdict<Code> {
  const cure = isMounted
    ? remedy('Bring back the server that it is mounted from, or unmount it', 'manual', [
        // findmnt(8) and df(1) would hang as well.
        byHand('grep', '-F', ` ${place} `, '/proc/mounts'),
        byHand('sudo', 'umount', '--lazy', place),
      ])
    : remedy(`Find out what ${place} waits for: the kernel tells of a disk that fails`, 'manual', [
        hand('sudo dmesg --level=err,warn | tail'),
      ])
  return finding(found['not-answering'](message), cure)
}

export function danglingLink(directory: string, link: Component): Verdict<Code> {
  const summary = 'Make what the link points to, or remove the link'
  const cure = remedy(summary, 'manual', [byHand('ls', '-l', link.path)])
  return finding(found['dangling-link'](directory, link), cure)
}

export function notADirectory(
  target: Target,
  opener: Opener | null,
  path: string,
  type: string,
): Verdict<Code> {
  const cure = remedy('Move it aside and make the directory', 'manual', [
    byHand('sudo', 'mv', path, `${path}.aside`),
    makeDirectory(target, opener, path),
    restart(target),
  ])
  return finding(found['not-a-directory'](path, type), cure)
}

export function notPassable({name}: Opener, wall: Component): Verdict<Code> {
  // It lies above the state directory: what else lives there is not for us to judge.
  const open = byHand('sudo', 'chmod', 'a+x', wall.path)
  const cure = remedy(`Let others pass through ${wall.path}`, 'manual', [open])
  return finding(found['not-passable'](name, wall), cure)
}

export function ownMode(opener: Opener, path: string, mode: number): Verdict<Code> {
  const open = {kind: 'mode', path, recursive: false, add: 0o700} as const
  const cure = remedy('Let the user in', 'safe', [
    change(open, ...asOwner(opener.uid, opener, ['chmod', 'u+rwx', path])),
  ])
  return finding(found.mode(path, mode, opener.name), cure)
}

export function uploadsElsewhere(
  target: Target,
  uploads: StrayUploads,
  stateDirectory: string,
): Verdict<Code> {
  const {unit, django, workingDirectory, sources} = target
  const variable = whereVariable(target, 'MEDIA_ROOT')?.variable ?? null
  const isSet = sources.some(({variables}) => variable !== null && variables.has(variable))
  const source = variable ?? sourceOf(django, 'MEDIA_ROOT', workingDirectory)
  const how =
    variable === null || isSet ? `${source} says so` : `${unit.name} does not set ${variable}`
  const cure = mend(
    `Set ${variable ?? 'MEDIA_ROOT'} to a directory that it can write to`,
    settingMeans(target, 'MEDIA_ROOT', `${stateDirectory}/media`),
  )
  return finding(found['uploads-elsewhere'](uploads, how), cure, {
    evidence: uploads.fields.slice(0, 5),
  })
}
