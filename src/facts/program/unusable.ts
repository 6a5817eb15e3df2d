import type {Host, Stat} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {type ExecCommand, execCommands, type Unit} from '../../host/unit.ts'
import {resolvePath} from '../files/paths.ts'
import type {Target} from '../target/target.ts'
import {lastEnd} from '../unit/last-end.ts'
import {showProperty} from '../unit/systemd.ts'
import {whyNotLoaded} from './elf.ts'
import {storePath} from './older-package.ts'
import {scriptText} from './script.ts'

/** A path, and the property of the unit that names it. */
export interface Named {
  readonly property: string
  readonly path: string
}

export interface Unusable extends Named {
  /** "is not executable" */
  readonly why: string
}

const commands = ['ExecStartPre', 'ExecStart', 'ExecStartPost'] as const

/** Commands whose failure counts: what a "-" stands before may be missing. */
const required = (unit: Unit, property: string): readonly ExecCommand[] =>
  execCommands(unit, property).filter(({ignoreErrors}) => !ignoreErrors)

const programs = (unit: Unit): readonly Named[] =>
  commands.flatMap(property => required(unit, property).map(({path}) => ({property, path})))

const isInStore = ({path}: Named): boolean => path.startsWith('/nix/store/')

/** Programs that only a reload needs; a missing one shows when somebody deploys by reloading. */
export async function unusableForReload(host: Host, {unit}: Target): Promise<Unusable | null> {
  const property = 'ExecReload'
  for (const {path} of required(unit, property)) {
    if (!path.startsWith('/')) continue
    const why = await whyUnusable(host, {property, path}, false)
    if (why !== null) return (await seesOtherFiles(host, unit)) ? null : {property, path, why}
  }
  return null
}

/** Paths of the store that the unit names and that are not there. */
export async function goneFromStore(host: Host, unit: Unit): Promise<readonly Named[]> {
  const texts = [
    ...commands.flatMap(property =>
      required(unit, property).flatMap(({path, argv}) =>
        [path, ...argv].map(text => ({property, text})),
      ),
    ),
    {property: 'WorkingDirectory', text: unit.get('WorkingDirectory')},
  ]
  const named = texts.flatMap(({property, text}) =>
    [...text.matchAll(storePath)].map(([path]) => ({property, path})),
  )
  const distinct = named.filter(
    ({path}, at) => named.findIndex(other => other.path === path) === at,
  )
  const stats = await Promise.all(distinct.map(({path}) => host.stat(path)))
  return distinct.filter((_, index) => stats[index] === null)
}

/**
 * The first program of the store that execve(2) would refuse; those of the system have other
 * owners.
 */
export async function unusableInStore(host: Host, unit: Unit): Promise<Unusable | null> {
  const judged = await Promise.all(
    programs(unit)
      .filter(isInStore)
      .map(async each => {
        const stat = await host.stat(each.path)
        const look = {find: (path: string) => host.stat(path), isDeep: failedToExecute(unit)}
        const why = stat === null ? 'does not exist' : await whyRefused(host, each.path, stat, look)
        return why === null ? null : {...each, why}
      }),
  )
  return judged.find(each => each !== null) ?? null
}

/**
 * The first program outside of the store, or the working directory, that is not there or of no use,
 * where systemd says no more than 203/EXEC or 200/CHDIR. Null also where the unit sees other files
 * than the machine.
 */
export async function unusableOnHost(host: Host, target: Target): Promise<Unusable | null> {
  const isDeep = failedToExecute(target.unit)
  for (const named of namedOnHost(target)) {
    const why = await whyUnusable(host, named, isDeep)
    if (why !== null) return (await seesOtherFiles(host, target.unit)) ? null : {...named, why}
  }
  return null
}

/**
 * What lies in directories that systemd makes is left out, and what the checks of the state see to.
 */
function namedOnHost({unit, stateDirectory}: Target): readonly Named[] {
  const directory = unit.get('WorkingDirectory')
  const isOthers = /^\/(?:run|tmp|var\/(?:cache|log|tmp))\//.test(directory)
  const isState = stateDirectory !== null && `${directory}/`.startsWith(`${stateDirectory}/`)
  const named = [
    ...programs(unit),
    ...(isOthers || isState ? [] : [{property: 'WorkingDirectory', path: directory}]),
  ]
  return named.filter(each => each.path.startsWith('/') && !isInStore(each))
}

/** Null where it can be used, or where nobody can tell. */
async function whyUnusable(
  host: Host,
  {property, path}: Named,
  isDeep: boolean,
): Promise<string | null> {
  const found = await ifSeen(resolvePath(host, path))
  if (found === null) return null
  const {stat, missing} = found
  if (stat === null)
    return missing === path ? 'does not exist' : `does not exist: there is no ${missing}`
  if (property === 'WorkingDirectory')
    return stat.type === 'directory' ? null : 'is not a directory'
  const find = async (each: string): Promise<Stat | null> => {
    const at = await ifSeen(resolvePath(host, each))
    // Where nobody can look it may be there.
    return at === null ? stat : at.stat
  }
  return whyRefused(host, path, stat, {find, isDeep})
}

/** How a path is looked up, and how far: the store's own need no resolving. */
interface Look {
  readonly find: (path: string) => Promise<Stat | null>
  /** systemd could not execute something (203/EXEC): programs that are no scripts are looked into. */
  readonly isDeep: boolean
}

function failedToExecute(unit: Unit): boolean {
  return lastEnd(unit)?.status === 203
}

/** Why execve(2) refuses a program that is there; null where it does not. */
async function whyRefused(
  host: Host,
  path: string,
  stat: Stat,
  {find, isDeep}: Look,
): Promise<string | null> {
  const wrong = notToExecute(stat)
  if (wrong !== null) return wrong
  const text = await scriptText(host, path)
  if (text === null || text.includes('\0')) return isDeep ? whyNotLoaded(host, path, find) : null
  const first = firstLineOf(text)
  if (first.kind === 'other') return first.why
  const {interpreter} = first
  // It is looked for where the program is started, and may be there.
  if (!interpreter.startsWith('/'))
    return isDeep ? `is run by "${interpreter}", which is not an absolute path` : null
  const found = await find(interpreter)
  const why =
    found === null
      ? 'does not exist'
      : (notToExecute(found) ?? (isDeep ? await whyNotLoaded(host, interpreter, find) : null))
  return why && `is run by ${interpreter}, which ${why}`
}

function notToExecute({type, mode}: Stat): string | null {
  if (type === 'directory') return 'is a directory'
  return type === 'file' && (mode & 0o111) === 0 ? 'is not executable' : null
}

/** What the kernel makes of the first line of a text (execve(2), "Interpreter scripts"). */
function firstLineOf(
  text: string,
):
  | {readonly kind: 'interpreter'; readonly interpreter: string}
  | {readonly kind: 'other'; readonly why: string} {
  const [line = ''] = text.split('\n', 1)
  const other = (why: string) => ({kind: 'other', why}) as const
  if (line.startsWith('\uFEFF#!'))
    return other('begins with a byte order mark, which stands before its "#!"')
  const [, interpreter] = /^#![ \t]*([^ \t]*)/.exec(line) ?? []
  if (text === '') return other('is empty')
  if (interpreter === undefined) return other('names no interpreter: its first line has no "#!"')
  if (interpreter === '') return other('names no interpreter after its "#!"')
  // The kernel takes it as a part of the name, or of the interpreter's only argument.
  if (line.endsWith('\r')) return other(windowsEnds)
  return {kind: 'interpreter', interpreter}
}

/** Said of a script that an editor of Windows has saved. */
export const windowsEnds = 'has the line ends of Windows (CRLF), so that its "#!" names no program'

/** Whether the unit has a root or mounts of its own, in which it may be there all the same. */
async function seesOtherFiles(host: Host, unit: Unit): Promise<boolean> {
  const shown = ['RootDirectory', 'BindPaths', 'BindReadOnlyPaths', 'TemporaryFileSystem']
  if (shown.some(property => unit.get(property) !== '')) return true
  const others = ['RootImage', 'MountImages', 'ExtensionImages', 'ExtensionDirectories']
  const said = await Promise.all(others.map(property => showProperty(host, unit, property)))
  return said.some(value => value !== null)
}
