import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
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
    throw notWritable(`${flag} ${file}`, error)
  }
  throw new UsageError(
    `${flag} ${file} is there and is no regular file, so it is left alone; choose another path`,
  )
}

function notWritable(file: string, error: unknown): UsageError {
  return new UsageError(`${file} cannot be written (${codeOf(error)}); choose another path`)
}

function codeOf(error: unknown): string {
  const {code, message} = error as NodeJS.ErrnoException
  return code ?? message
}

/**
 * Writes the answer to stdout, or to a file that is whole at every moment (a temporary file beside
 * it, then rename).
 * @throws UsageError where it cannot be delivered. A reader that has gone away (head, a closed
 *   pager) is no failure of ours.
 */
export async function writeAnswer(
  text: string,
  file: string | undefined,
  mode = 0o640,
): Promise<void> {
  if (file !== undefined) return writeFile(text, file, mode)
  try {
    await writeStdout(text)
  } catch (error) {
    if (codeOf(error) === 'EPIPE') return
    throw new UsageError(
      `standard output cannot be written (${codeOf(error)}), so the answer is lost; send it elsewhere`,
    )
  }
}

async function writeStdout(text: string): Promise<void> {
  const found = fstatSync(1)
  if (!process.stdout.isTTY && (found.isFile() || found.isCharacterDevice())) {
    // Node's own stream takes what a full disk still took for the whole.
    writeWhole(1, text)
    if (found.isFile()) fsyncSync(1)
    return
  }
  await new Promise<void>((resolve, reject) => {
    process.stdout.on('error', reject)
    process.stdout.write(text, error => (error ? reject(error) : resolve()))
  })
}

function writeWhole(descriptor: number, text: string): void {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at)
}

function writeFile(text: string, file: string, mode: number): void {
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
      writeWhole(descriptor, text)
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
