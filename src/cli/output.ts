import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  lstatSync,
  openSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import {dirname} from 'node:path'
import {UsageError} from '../report/usage-error.ts'

/**
 * Refuses a path for --output or another flag where no file can be put. Asked before the run, so
 * that no repair is made whose report is lost. A rename puts a file in the place of whatever is
 * there: as root it would take /dev/null or a socket from everyone.
 *
 * @throws UsageError
 */
export function assertWritable(file: string, flag = '--output'): void {
  try {
    accessSync(dirname(file), constants.W_OK | constants.X_OK)
    const taken = lstatSync(file, {throwIfNoEntry: false})
    if (taken === undefined || taken.isFile()) return
  } catch (error) {
    throw notWritable(file, error, flag)
  }
  throw new UsageError(
    `${flag} ${file} is there and is no regular file, so it is left alone; choose another path`,
  )
}

function notWritable(file: string, error: unknown, flag = '--output'): UsageError {
  return new UsageError(
    `${flag} ${file} cannot be written (${(error as NodeJS.ErrnoException).code}); choose another path`,
  )
}

/**
 * Writes the answer to stdout, or to a file that is whole at every moment (a temporary file beside
 * it, then rename).
 */
export async function writeAnswer(
  text: string,
  file: string | undefined,
  mode = 0o640,
): Promise<void> {
  if (file === undefined) {
    await new Promise<void>(resolve => {
      // A reader that has gone away (head, a closed pager) is no failure of ours.
      process.stdout.on('error', () => resolve())
      process.stdout.write(text, () => resolve())
    })
    return
  }
  assertWritable(file)
  const temporary = `${file}.${process.pid}-${process.hrtime.bigint()}.tmp`
  try {
    const descriptor = openSync(
      temporary,
      constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
      mode,
    )
    try {
      fchmodSync(descriptor, mode)
      const bytes = Buffer.from(text)
      for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at)
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
    renameSync(temporary, file)
  } catch (error) {
    try {
      unlinkSync(temporary)
    } catch {
      // It was never made.
    }
    throw notWritable(file, error)
  }
}
