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

let secrets: Secrets | undefined

/** What the run knows to be secret: an error may hold it. */
export function hide(known: Secrets): void {
  secrets = known
}

/** A text of several lines without the secrets of the run, as a terminal may be given it. */
export function hidden(text: string): string {
  return (secrets?.redact(text) ?? text).split('\n').map(visible).join('\n')
}

/** One sentence for whoever typed the command: what is wrong, where, and what to do; a choice has a line each. */
export function sentenceOf(error: unknown, command: string): string {
  if (error instanceof UsageError) return error.message.split('\n').map(visible).join('\n')
  const {message, flags, args, oclif, parse} = error as ParseError
  const help = `\`prism-doctor help ${command}\``
  if (oclif === undefined) return visible(`a bug stopped it: ${hidden(message)}; report it with what DEBUG=1 prints`)
  if (flags && flags.length > 0)
    return visible(unknownFlags(flags, ['help', 'version', ...Object.keys(parse?.input?.flags ?? {})], help))
  if (args && args.length > 0 && args.every(arg => typeof arg === 'string')) {
    return visible(`${command} does not take ${args.join(' ')}; ${help} shows what it takes`)
  }
  const said = message
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '' && !/^(?:See more help|The following errors? occurred)/.test(line))
    .join(' ')
    .replace(/^Parsing (--\S+)\s*(.)/, (_, flag: string, first: string) => `${flag}: ${first.toLowerCase()}`)
    .replace(/^--json=true/, '--json')
  return visible(`${said.charAt(0).toLowerCase()}${said.slice(1)}; ${help} says more`)
}

function unknownFlags(flags: readonly string[], known: readonly string[], help: string): string {
  const [first = ''] = flags
  const meant = first.startsWith('--') ? nearest(first.slice(2), known) : null
  const suggestion = meant ? `did you mean --${meant}? ` : ''
  return `there is no flag ${flags.join(' ')}; ${suggestion}${help} lists them`
}
