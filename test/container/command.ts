import {spawn} from 'node:child_process'
import {parseArgs} from 'node:util'
import {enter, stop} from './container.ts'
import type {Fault} from './fault.ts'

export const say = (line: string) => process.stderr.write(`${line}\n`)

/** What a host's own program can do beside `exec`, `shell` and `stop`. */
interface Program {
  readonly usage: string
  readonly commands: Readonly<
    Record<string, (instance: number, args: string[]) => Promise<void> | void>
  >
}

/**
 * Runs `[--instance N] COMMAND …` of a host's program; ends with 3 when nothing of that name can be
 * done.
 */
export async function command(args: string[], program: Program): Promise<void> {
  await obey(args, program).catch(error => {
    say(error instanceof Error ? (error.stack ?? error.message) : String(error))
    process.exitCode = 1
  })
}

async function obey(args: string[], {usage, commands}: Program): Promise<void> {
  // What follows the command belongs to the command.
  const at = args.findIndex(
    (arg, index) => !arg.startsWith('-') && !/^(-i|--instance)$/.test(args[index - 1] ?? ''),
  )
  const own = at < 0 ? args : args.slice(0, at)
  const [name, ...rest] = at < 0 ? [] : args.slice(at)
  const {values} = parseArgs({
    args: own,
    options: {
      instance: {type: 'string', short: 'i', default: '0'},
      help: {type: 'boolean', short: 'h'},
    },
  })
  if (values.help) return void process.stdout.write(usage)
  const instance = Number(values.instance)
  const wanted = name === undefined ? undefined : commands[name]
  if (wanted) return wanted(instance, rest)
  if (name === 'stop') return stop(instance)
  if (name === 'shell') return attach(instance, ['bash', '-i'])
  if (name === 'exec' && rest[0] !== undefined) {
    return attach(instance, rest.length === 1 ? ['bash', '-c', rest[0]] : rest)
  }
  process.stderr.write(usage)
  process.exitCode = 3
}

/** Runs a command inside with this terminal, and ends as it ends. */
async function attach(instance: number, argv: readonly string[]): Promise<void> {
  const [file, ...rest] = enter(instance, argv)
  const child = spawn(file, rest, {stdio: 'inherit'})
  process.exitCode = await new Promise<number>((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code, signal) => resolve(code ?? (signal ? 128 : 1)))
  })
}

/** A line for each case. */
export function list(cases: readonly Fault[]): void {
  for (const {name, title, expect} of cases) {
    process.stdout.write(
      `${name.padEnd(30)} ${expect.exit} ${expect.rootCauses.join(' ').padEnd(20)} ${title}\n`,
    )
  }
}
