import {closeSync, constants, fstatSync, lstatSync, openSync, readFileSync} from 'node:fs'
import {resolve} from 'node:path'
import type {Check} from '../checks/check.ts'
import {assertKnown, findCheck} from '../engine/names.ts'
import {type Foreign, followAsRoot} from '../host/local/roots-alone.ts'
import {defaultConfigPath} from '../report/config-path.ts'
import {commandLine} from '../report/step.ts'
import {UsageError} from '../report/usage-error.ts'
import {assertValue, type Config, parseConfig} from './config.ts'

/** The configuration that is given, or the usual one where it is there. */
export async function readConfig(given: string | undefined): Promise<Config> {
  const file = given ?? defaultConfigPath
  if (given === undefined && isMissing(file)) return {}
  const isRoot = process.geteuid?.() === 0
  // On a way that is root's alone nobody can put another file in its place meanwhile.
  const text = reading('configuration', file, named =>
    contentOf(isRoot ? rootsOwn(file, named) : file, named, isRoot),
  )
  return parseConfig(text, file)
}

/** @throws UsageError for a check that the configuration names and that there is not. */
export function assertNames(config: Config, checks: readonly Check[]): void {
  for (const [at, name] of (config.skip ?? []).entries())
    assertValue(config, ['skip', String(at)], () => assertKnown([name], checks))
  for (const [at, {check}] of (config.waiver ?? []).entries())
    assertValue(config, ['waiver', String(at), 'check'], () => findCheck(check, checks))
}

/**
 * A recorded machine; as root it is data, and decides nothing.
 * @throws UsageError where it cannot be read.
 */
export function readRecording(
  file: string,
  {noFollow = false}: {readonly noFollow?: boolean} = {},
): string {
  return reading('recording', file, named => contentOf(file, named, noFollow))
}

/** What is there and may not be looked at is not missing. */
function isMissing(file: string): boolean {
  try {
    return lstatSync(file, {throwIfNoEntry: false}) === undefined
  } catch {
    return false
  }
}

/** Bytes: no configuration or recording is larger. */
const maxInput = 256 * 1024 * 1024

/** @throws UsageError that names the file, what is wrong with it, and what to do. */
function reading(what: string, file: string, read: (named: string) => string): string {
  const named = `the ${what} ${file}`
  try {
    return read(named)
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    throw new UsageError(`${named} ${why[code] ?? `cannot be read (${code}); check the path`}`)
  }
}

const why: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist; check the path',
  EACCES: 'may not be read by this user; use sudo, or give another',
  ELOOP: 'is a symbolic link; check the path',
  EMFILE: 'cannot be opened: this process may open no more files (ulimit -n); raise the limit',
}

function contentOf(path: string, named: string, noFollow: boolean): string {
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | (noFollow ? constants.O_NOFOLLOW : 0)
  const descriptor = openSync(path, flags)
  try {
    const found = fstatSync(descriptor)
    if (!found.isFile()) throw new UsageError(notRegular(named))
    if (found.size > maxInput)
      throw new UsageError(`${named} is larger than ${maxInput >> 20} MiB; give another`)
    return readFileSync(descriptor, 'utf8')
  } finally {
    closeSync(descriptor)
  }
}

function notRegular(named: string): string {
  return `${named} is not a regular file; give the path of one`
}

/** @throws UsageError where somebody else than root decides what root would do by it. */
function rootsOwn(file: string, named: string): string {
  const {path, foreign} = followAsRoot(resolve(file), {sticky: true})
  if (path !== null) return path
  // A device's mode is as it must be: nobody is told to close /dev/null to others.
  const isOther = foreign.kind === 'file' && !lstatSync(foreign.path).isFile()
  throw new UsageError(isOther ? notRegular(named) : `${named} ${whyForeign(foreign)}`)
}

/** What is wrong, and what root would do about it. */
function whyForeign({path, kind, uid, mode}: Foreign): string {
  const who = `uid ${uid}, mode ${mode.toString(8)}`
  if (kind === 'directory')
    return `lies below ${path}, which can be written by others than root (${who}); move it to ${defaultConfigPath}`
  if (kind === 'link')
    return `is reached by the link ${path} of uid ${uid}, who can let it lead elsewhere; give the path of the file itself`
  const cure = `${commandLine('chown', 'root:root', path)} && ${commandLine('chmod', 'go-w', path)}`
  return `can be written by others than root (${who}); run: ${cure}`
}
