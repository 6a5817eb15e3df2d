import type {Host, Stat} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {type ExecCommand, execCommands, type Unit} from '../../host/unit.ts'
import {resolvePath} from '../files/paths.ts'
import type {Target} from '../target/target.ts'
import {showProperty} from '../unit/systemd.ts'
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
        const exists = async (path: string): Promise<boolean> => (await host.stat(path)) !== null
        const why =
          stat === null ? 'does not exist' : await whyRefused(host, each.path, stat, exists)
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
  for (const named of namedOnHost(target)) {
    const why = await whyUnusable(host, named)
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
async function whyUnusable(host: Host, {property, path}: Named): Promise<string | null> {
  const found = await ifSeen(resolvePath(host, path))
  if (found === null) return null
  const {stat, missing} = found
  if (stat === null)
    return missing === path ? 'does not exist' : `does not exist: there is no ${missing}`
  if (property === 'WorkingDirectory')
    return stat.type === 'directory' ? null : 'is not a directory'
  const exists = async (each: string): Promise<boolean> =>
    (await ifSeen(resolvePath(host, each)))?.stat !== null
  return whyRefused(host, path, stat, exists)
}

/** Why execve(2) refuses a program that is there; null where it does not. */
async function whyRefused(
  host: Host,
  path: string,
  {type, mode}: Stat,
  exists: (path: string) => Promise<boolean>,
): Promise<string | null> {
  if (type === 'directory') return 'is a directory'
  if (type === 'file' && (mode & 0o111) === 0) return 'is not executable'
  const interpreter = /^#!\s*(\/\S+)/.exec((await scriptText(host, path)) ?? '')?.[1]
  if (interpreter === undefined || (await exists(interpreter))) return null
  return `is run by ${interpreter}, which does not exist`
}

/** Whether the unit has a root or mounts of its own, in which it may be there all the same. */
async function seesOtherFiles(host: Host, unit: Unit): Promise<boolean> {
  const shown = ['RootDirectory', 'BindPaths', 'BindReadOnlyPaths', 'TemporaryFileSystem']
  if (shown.some(property => unit.get(property) !== '')) return true
  const others = ['RootImage', 'MountImages', 'ExtensionImages', 'ExtensionDirectories']
  const said = await Promise.all(others.map(property => showProperty(host, unit, property)))
  return said.some(value => value !== null)
}
