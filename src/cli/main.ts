import {Config} from '@oclif/core/config'
import {ExitError} from '@oclif/core/errors'
import type {PJSON} from '@oclif/core/interfaces'
import {run} from '@oclif/core/run'
import manifest from '../../package.json' with {type: 'json'}
import {isCommand, loadCommands} from '../commands/index.ts'
import {exitCodes, type OverallStatus} from '../report/report.ts'
import {writeAnswer} from './output.ts'

// oclif finds its commands, and the class that writes its help, in this same bundle (package.json,
// oclif).
export {commands} from '../commands/index.ts'
export {DoctorHelp} from './help.ts'

/**
 * `prism-doctor` alone, with a flag or with a check diagnoses: oclif knows no default command
 * beside others.
 */
export function withDefaultCommand(argv: readonly string[]): readonly [string, ...string[]] {
  const [first, ...rest] = argv
  if (first === '--help' || first === '-h') return ['help', ...rest]
  return first !== undefined && (first === '--version' || isCommand(first))
    ? [first, ...rest]
    : ['diagnose', ...argv]
}

/**
 * Runs the command line. Sets process.exitCode and returns: process.exit would cut off what is
 * still in a pipe.
 */
export async function main(argv: readonly string[], root: string): Promise<void> {
  // Whatever ends this process before an answer is given, nobody has looked.
  process.exitCode = exitCodes.unknown
  process.on('uncaughtException', stray)
  process.on('unhandledRejection', stray)
  process.on('beforeExit', () => {
    if (!ended) return fail(strayed ?? new Error('the run came to no end'), argv)
  })
  try {
    const [command, ...rest] = withDefaultCommand(argv)
    await loadCommands(rest.includes('--help') || rest.includes('-h') ? 'help' : command)
    const options = {
      root,
      pjson: manifest as unknown as PJSON,
      // No plugins of the user's: what a home directory holds must not run as root.
      userPlugins: false,
      devPlugins: false,
      // A manifest spares oclif loading the commands. Here the one that runs is already loaded, and
      // reading what a manifest says of all the others costs a third of an empty Node's start.
      ignoreManifest: true,
    }
    const answer = (await (command === '--version'
      ? version(options)
      : run([command, ...rest], options))) as
      | {status?: OverallStatus; exitCode?: number}
      | undefined
    process.exitCode = answer?.exitCode ?? exitCodes[answer?.status ?? 'ok']
    ended = true
  } catch (error) {
    // Help that was asked for ends by an exception, too.
    if (error instanceof ExitError && error.oclif.exit === 0) process.exitCode = exitCodes.ok
    else await fail(error, argv)
    ended = true
  }
  setTimeout(() => process.exit(), grace).unref()
}

/** As oclif would print it, but whether it arrives matters. */
async function version(options: Parameters<typeof Config.load>[0]): Promise<void> {
  const {userAgent} = await Config.load(options)
  await writeAnswer(`${userAgent}\n`, undefined)
}

/**
 * Milliseconds for what is still open to end by itself, once the answer is written. What holds on
 * longer (a program's own child that keeps a pipe open, a timer of somebody's check) must not keep
 * the reader waiting beyond the deadline.
 */
const grace = 300

/** True once there was an answer, or a sentence that says why there is none. */
let ended = false
let strayed: unknown

/**
 * What nobody waited for has failed: a reader that has gone away, or a promise that a check of
 * somebody's forgot. The checks that are under way still answer; only when none comes is this the
 * reason.
 */
function stray(error: unknown): void {
  strayed ??= error
}

async function fail(error: unknown, argv: readonly string[]): Promise<void> {
  ended = true
  process.exitCode = exitCodes.unknown
  const {say, sentenceOf} = await import('./failure.ts')
  const sentence = sentenceOf(error, withDefaultCommand(argv)[0])
  const {answerFailure} = await import('./answer-failure.ts')
  await answerFailure(sentence, argv)
  const {stack} = error as {stack?: string}
  say((process.env.DEBUG && stack) || sentence)
}
