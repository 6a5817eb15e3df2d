import {lstatSync, mkdirSync} from 'node:fs'
import {UsageError} from '../../report/usage-error.ts'

/**
 * The directory in which this tool remembers what it did, or one below it, made where it is
 * missing.
 * @throws UsageError where others could write there; an errno where it cannot be made.
 */
export function ownDirectory(directory: string, name?: string): string {
  const path = name === undefined ? directory : `${ownDirectory(directory)}/${name}`
  mkdirSync(path, {recursive: true, mode: 0o700})
  assertOwn(path)
  return path
}

/**
 * What is remembered says what an undo does as root: nobody else may have written it.
 * @throws UsageError where somebody could.
 */
export function assertOwn(path: string): void {
  const found = lstatSync(path)
  const isOwn = found.uid === process.geteuid?.() && (found.mode & 0o022) === 0
  if (isOwn && !found.isSymbolicLink()) return
  const why = found.isSymbolicLink()
    ? 'is a symbolic link'
    : `can be written by others (uid ${found.uid}, mode ${(found.mode & 0o7777).toString(8)})`
  throw new UsageError(
    `${path} ${why}, so what is remembered there cannot be trusted; look at it and move it away`,
  )
}
