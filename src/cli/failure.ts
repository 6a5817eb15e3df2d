import {createSecrets} from '../host/redactor.ts'
import type {Secrets} from '../host/secrets.ts'
import {visible} from '../report/escape.ts'
import {nearest} from '../report/nearest.ts'
import {UsageError} from '../report/usage-error.ts'

/** What oclif throws, as far as it is read here. */
interface ParseError {
  readonly message: string
  readonly flags?: readonly string[]
  readonly args?: readonly unknown[]
  readonly oclif?: {readonly exit?: number}
  readonly parse?: {readonly input?: {readonly flags?: Readonly<Record<string, unknown>>}}
}

let secrets = createSecrets()

/** What the run knows to be secret: an error may hold it. */
export function hide(known: Secrets): void {
  secrets = known
}

export function knownSecrets(): Secrets {
  return secrets
}

/** Tells the person at the terminal on stderr: without secrets, and with nothing that acts on the terminal. */
export function say(text: string): void {
  const lines = secrets.conceal(text).split('\n').map(visible)
  process.stderr.write(`prism-doctor: ${lines.join('\n')}\n`)
}

/** One sentence for whoever typed the command: what is wrong, where, and what to do; a choice has a line each. */
export function sentenceOf(error: unknown, command: string): string {
  return error instanceof UsageError
    ? error.message
    : unexpected(error as ParseError, command).replace(/\s*\n\s*/g, ' ')
}

function unexpected({message, flags, args, oclif, parse}: ParseError, command: string): string {
  const help = `\`prism-doctor help ${command}\``
  if (oclif === undefined) return `a bug stopped it: ${message}; report it with what DEBUG=1 prints`
  if (flags && flags.length > 0)
    return unknownFlags(flags, ['help', 'version', ...Object.keys(parse?.input?.flags ?? {})], help)
  if (args && args.length > 0 && args.every(arg => typeof arg === 'string')) {
    return `${command} does not take ${args.join(' ')}; ${help} shows what it takes`
  }
  const said = message
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '' && !/^(?:See more help|The following errors? occurred)/.test(line))
    .join(' ')
    .replace(/^Parsing (--\S+)\s*(.)/, (_, flag: string, first: string) => `${flag}: ${first.toLowerCase()}`)
    .replace(/^--json=true/, '--json')
  return `${said.charAt(0).toLowerCase()}${said.slice(1)}; ${help} says more`
}

function unknownFlags(flags: readonly string[], known: readonly string[], help: string): string {
  const [first = ''] = flags
  const meant = first.startsWith('--') ? nearest(first.slice(2), known) : null
  const suggestion = meant ? `did you mean --${meant}? ` : ''
  return `there is no flag ${flags.join(' ')}; ${suggestion}${help} lists them`
}
