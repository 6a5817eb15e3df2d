import {realpathSync} from 'node:fs'
import {basename, dirname, join, resolve} from 'node:path'
import {didYouMean, nearest} from '../report/nearest.ts'
import {type Format, formats, isFormat} from '../report/reporters/index.ts'
import {UsageError} from '../report/usage-error.ts'
import {assertWritable} from './output.ts'

/** One place where the answer goes. */
export interface Delivery {
  readonly format: Format
  /** Null is stdout. */
  readonly file: string | null
}

export interface AnswerFlags {
  readonly json?: boolean | undefined
  readonly format?: Format | undefined
  /** Each `[FORMAT:]FILE`. */
  readonly output?: readonly string[] | undefined
}

/**
 * Where the flags send the answer, stdout last. `--format` says how it is written wherever no
 * format stands: in each FILE without one or, where there is none, on stdout. Without `--format`
 * and with a file, stdout stays silent.
 * @throws UsageError for an unknown FORMAT and for a missing FILE.
 */
export function deliveriesOf({json, format, output = []}: AnswerFlags): readonly Delivery[] {
  const usual = json ? 'json' : format
  const given = output.map(parsed)
  const files = given.map(({format: own, file}) => ({format: own ?? usual ?? 'text', file}))
  const isTaken = given.some(({format: own}) => own === null)
  const stdout = files.length === 0 ? (usual ?? 'text') : isTaken ? undefined : usual
  return stdout === undefined ? files : [...files, {format: stdout, file: null}]
}

/**
 * What stands before the first colon is a format, unless it has a slash: a file whose name has a
 * colon is given as ./NAME.
 */
function parsed(given: string): {readonly format: Format | null; readonly file: string} {
  const [, before, after] = /^([^/:]*):(.*)$/s.exec(given) ?? []
  if (before === undefined || after === undefined) {
    if (isFormat(given))
      throw new UsageError(
        `--output ${given} names a format and no file; give ${given}:FILE, or ./${given} for a file of that name`,
      )
    return {format: null, file: fileOf(given, given)}
  }
  if (!isFormat(before)) {
    const meant = didYouMean(nearest(before, formats).map(format => `${format}:${after}`))
    throw new UsageError(
      `--output ${given}: there is no format "${before}"; ${meant}it is one of ${formats.join(', ')}, and a file of that name is ./${given}`,
    )
  }
  return {format: before, file: fileOf(after, given)}
}

function fileOf(path: string, given: string): string {
  if (path === '') throw new UsageError(`--output ${JSON.stringify(given)} names no file; give one`)
  if (/\/\.{0,2}$|^\.{1,2}$/.test(path))
    throw new UsageError(`--output ${given} names a directory; give a file in it`)
  return path
}

/** What else a run writes, by its flag. */
type Others = Readonly<Record<string, string | undefined>>

/**
 * Refuses one file for two things.
 * @throws UsageError
 */
export function assertApart(deliveries: readonly Delivery[], others: Others = {}): void {
  const files = filesOf(deliveries)
  const taken = new Set<string>()
  for (const file of files) {
    const place = placeOf(file)
    if (taken.has(place))
      throw new UsageError(`--output names ${file} twice; give each format a file of its own`)
    taken.add(place)
  }
  for (const [flag, file] of Object.entries(others)) {
    if (file !== undefined && taken.has(placeOf(file)))
      throw new UsageError(`${flag} and --output both name ${file}; give each a file of its own`)
  }
}

/**
 * Refuses files that cannot be written.
 * @throws UsageError
 */
export function assertDeliverable(deliveries: readonly Delivery[], others: Others = {}): void {
  for (const file of filesOf(deliveries)) assertWritable(file)
  for (const [flag, file] of Object.entries(others))
    if (file !== undefined) assertWritable(file, flag)
}

export function filesOf(deliveries: readonly Delivery[]): readonly string[] {
  return deliveries.flatMap(({file}) => file ?? [])
}

/** The same for every spelling of a path whose directory is there. */
function placeOf(file: string): string {
  const directory = dirname(resolve(file))
  try {
    return join(realpathSync(directory), basename(file))
  } catch {
    // That it cannot be written is for assertDeliverable to say.
    return resolve(file)
  }
}
