import {type Opener, octal} from '../../facts/files/access.ts'
import type {ClosedEntries, Closure} from '../../facts/files/closed-to-fronts.ts'
import type {Component} from '../../facts/files/paths.ts'
import type {State} from '../../facts/files/state-tree.ts'
import {firstFew, type Selection} from '../../facts/files/tree.ts'
import type {Target} from '../../facts/target/target.ts'
import type {Entry} from '../../host/host.ts'
import {kept, remedy} from '../../remedies/remedy.ts'
import {asOwner, wholeTree} from '../../remedies/whole-tree.ts'
import {visible} from '../../report/escape.ts'
import {
  type CodeOf,
  cause,
  type Details,
  finding,
  findingsOf,
  type Remedy,
  type Verdict,
} from '../../report/finding.ts'
import {byHand, change} from '../../report/step.ts'
import {explanation} from './modes.explanation.ts'
import {giveDocumentedMode, letPass, openToOwner} from './modes.remedies.ts'

const closed = cause(
  'critical',
  (serves: string, {path, stat}: Component) =>
    `${serves} pass ${path} (mode ${octal(stat.mode)}): 403 for every file`,
)

const unreadable = cause(
  'critical',
  (serves: string, paths: readonly string[], count: number, mode: string) =>
    `${serves} read ${firstFew(paths, count)} (${mode}): 403`,
)

export const found = findingsOf(explanation, {
  'closed-to-service': cause(
    'critical',
    (who: string, paths: readonly string[], count: number, mode: number) =>
      `${who} may not read its own ${firstFew(paths, count)} (mode ${octal(mode)})`,
  ),
  'closed-to-nginx': closed,
  'closed-to-front': closed,
  'unreadable-to-nginx': unreadable,
  'unreadable-to-front': unreadable,
  'tighter-than-documented': cause(
    'warning',
    (path: string, mode: number) =>
      `${path} has mode ${octal(mode)} instead of 0755: only its owner can still read it`,
  ),
})

export type Code = CodeOf<typeof found>

/** More than this are not named one by one. */
const most = 20

export function closedToService(
  opener: Opener,
  {top, isNamed}: State,
  {count, first}: Selection,
): Verdict<Code> {
  const paths = first.map(({path}) => `${top.path}/${path}`)
  const cure = openToOwner(opener, top.path, {count, first: paths}, isNamed)
  const mode = first[0]?.mode ?? 0
  return finding(found['closed-to-service'](opener.name, paths, count, mode), cure, {
    evidence: listed(top.path, first),
  })
}

function listed(top: string, entries: readonly Entry[]): readonly string[] {
  return entries.slice(0, most).map(({path, mode}) => `${octal(mode)} ${visible(`${top}/${path}`)}`)
}

export function closedToFront(target: Target, opener: Opener, closure: Closure): Verdict<Code> {
  const {reader, what, isForeign} = closure
  const {kind, worker, path, directory} = reader
  const serves = `${kind} serves ${path} from ${directory} as ${worker.name}, who may not`
  // What is closed since it belongs to somebody else is a consequence of that.
  const details: Details = isForeign ? {because: ['state/ownership']} : {}
  if (what.kind === 'entries')
    return unreadableToFront(target, opener, {...closure, what}, serves, details)
  const code = kind === 'nginx' ? 'closed-to-nginx' : 'closed-to-front'
  const cure = closure.isElsewhere ? seeWhere(directory) : letPass(target, opener, what)
  return finding(found[code](serves, what), cure, {
    ...details,
    evidence: [`${octal(what.stat.mode)} ${what.path}`],
  })
}

function unreadableToFront(
  {unit, platform}: Target,
  opener: Opener,
  {reader: {kind, directory}, what, isElsewhere}: Closure & {readonly what: ClosedEntries},
  serves: string,
  details: Details,
): Verdict<Code> {
  const {top, count, first} = what
  const code = kind === 'nginx' ? 'unreadable-to-nginx' : 'unreadable-to-front'
  const umask = unit.get('UMask')
  // Django gives files a mode of its own, and directories what the process leaves of 0777.
  const isUmask = (Number.parseInt(umask, 8) & 0o005) !== 0
  const mode = `mode ${octal(first[0]?.mode ?? 0)}`
  const why = isUmask ? `${mode}, as UMask=${umask} of ${unit.name} makes them` : mode
  const paths = first.map(({path}) => `${top}/${path}`)
  const said = found[code](serves, paths, count, why)
  const evidence = listed(top, first)
  if (isElsewhere) return finding(said, seeWhere(directory), {...details, evidence})
  const open = {kind: 'mode', path: top, recursive: true, add: 0o555} as const
  const cure = remedy(`Let ${kind} read what it serves`, 'safe', [
    change(open, ...asOwner(first[0]?.uid ?? 0, opener, wholeTree(top, 'chmod', 'a+rX'))),
  ])
  const lasts = platform.unitSetting(unit.name, {UMask: '0022'})
  return finding(said, isUmask ? kept(cure, lasts) : cure, {...details, evidence})
}

/** A link that the service may have made leads there: nothing is opened that was not meant. */
function seeWhere(directory: string): Remedy {
  return remedy('See where the links lead', 'manual', [byHand('namei', '-l', directory)])
}

export function tighterThanDocumented(
  target: Target,
  opener: Opener,
  directory: Component,
): Verdict<Code> {
  const {path, stat} = directory
  return finding(
    found['tighter-than-documented'](path, stat.mode),
    giveDocumentedMode(target, opener, directory),
    {
      evidence: [`${octal(stat.mode)} ${path}`],
    },
  )
}
