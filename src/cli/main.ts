import type {Command} from '@oclif/core/command'
import {Config} from '@oclif/core/config'
import type {PJSON} from '@oclif/core/interfaces'
import {run} from '@oclif/core/run'
import manifest from '../../package.json' with {type: 'json'}
import {commands, isCommand, loadCommands} from '../commands/index.ts'
import {exitCodes, type OverallStatus} from '../report/report.ts'
import {UsageError} from '../report/usage-error.ts'
import {writeAnswer} from './output.ts'
import {splitRun} from './run-words.ts'

// oclif finds its commands in this same bundle (package.json, oclif).
export {commands} from '../commands/index.ts'

/**
 * The command that is meant, and what it is given: oclif knows no default command beside others, and
 * takes a --help that `run` hands on for its own.
 */
export function commandLine(argv: readonly string[]): readonly [string, ...string[]] {
  const [first, ...rest] = argv
  const [own, handedOn] = first === 'run' ? splitRun(rest) : splitAtDashes(argv)
  if (own.some(isHelp)) return ['help', ...subject(first === 'run' ? ['run'] : own)]
  if (own.includes('--version')) return ['--version']
  if (first === 'run') return ['run', ...own, '--', ...handedOn]
  return first !== undefined && isCommand(first) ? [first, ...rest] : ['diagnose', ...argv]
}

function isHelp(word: string): boolean {
  return word === '--help' || word === '-h'
}

function splitAtDashes(
  argv: readonly string[],
): readonly [own: readonly string[], after: readonly string[]] {
  const dashes = argv.indexOf('--')
  return dashes < 0 ? [argv, []] : [argv.slice(0, dashes), argv.slice(dashes + 1)]
}

/** Of which help is asked for: nothing for the whole program, and what is no command if mistyped. */
function subject(own: readonly string[]): readonly string[] {
  const [name, ...rest] = own.filter(word => !isHelp(word))
  if (name === undefined) return []
  if (name === 'help' && rest.length > 0) return rest
  return name.startsWith('-') || name.includes('/') ? ['diagnose'] : [name]
}

/**
 * oclif takes what follows the = of a flag without a value for a word.
 * @throws UsageError
 */
function assertNoValues(argv: readonly string[], flags: Command.Class['flags'] = {}): void {
  for (const word of splitAtDashes(argv)[0]) {
    const [, name = '', value = ''] = /^--([\w-]+)(=.*)$/s.exec(word) ?? []
    if (flags[name]?.type === 'boolean')
      throw new UsageError(`--${name} takes no value; leave out ${JSON.stringify(value)}`)
  }
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
    const [command, ...rest] = commandLine(argv)
    await loadCommands(command)
    assertNoValues(rest, isCommand(command) ? commands[command]?.flags : {})
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
    await fail(error, argv)
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
  const sentence = sentenceOf(error, commandLine(argv)[0])
  const {answerFailure} = await import('./answer-failure.ts')
  // The flags of `run` are another program's.
  await answerFailure(sentence, argv[0] === 'run' ? [] : argv)
  const {stack} = error as {stack?: string}
  say((process.env.DEBUG && stack) || sentence)
}
