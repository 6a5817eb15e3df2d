import {stripVTControlCharacters} from 'node:util'
import {CLIError} from '@oclif/core/errors'
import {createSecrets} from '../host/redactor.ts'
import type {Secrets} from '../host/secrets.ts'
import {visible} from '../report/escape.ts'
import {didYouMean, nearest} from '../report/nearest.ts'
import {UsageError} from '../report/usage-error.ts'

/** What oclif's parser throws has these besides; it exports none of its classes. */
interface ParseError extends CLIError {
  /** Flags that the command does not have. */
  readonly flags?: readonly string[]
  /** Words that the command does not take, or arguments that it misses. */
  readonly args?: readonly (string | MissingArg)[]
  readonly parse?: {readonly input?: {readonly flags?: Readonly<Record<string, unknown>>}}
}

interface MissingArg {
  readonly name: string
  readonly description?: string
  readonly options?: readonly string[]
}

let secrets = createSecrets()

/** What the run knows to be secret: an error may hold it. */
export function hide(known: Secrets): void {
  secrets = known
}

export function knownSecrets(): Secrets {
  return secrets
}

/**
 * Tells the person at the terminal on stderr: without secrets, and with nothing that acts on the
 * terminal.
 */
export function say(text: string): void {
  const lines = secrets.conceal(text).split('\n').map(visible)
  process.stderr.write(`prism-doctor: ${lines.join('\n')}\n`)
}

/**
 * One sentence for whoever typed the command: what is wrong, where, and what to do; a choice has a
 * line each.
 */
export function sentenceOf(error: unknown, command: string): string {
  if (error instanceof UsageError) return error.message
  const said = error instanceof CLIError ? usage(error, command) : stopped(error as Error)
  return said.replace(/(?<!\s)\s*\n\s*/g, ' ')
}

/** What this machine, or this process on it, is out of (errno(3)), and what helps. */
const outOf: Readonly<Record<string, string>> = {
  EMFILE: 'raise the limit of open files (ulimit -n)',
  ENFILE: 'close files that other programs hold open',
  ENOMEM: 'free some memory',
  ENOSPC: 'make room on the disk',
  EDQUOT: 'make room within the quota',
  EROFS: 'make the file system writable',
}

function stopped({message, code = ''}: NodeJS.ErrnoException): string {
  const help = outOf[code]
  return help === undefined
    ? `a bug stopped it: ${message}; report it with what DEBUG=1 prints`
    : `it could not go on: ${message}; ${help}`
}

/** What oclif found wrong with the command line, in our words where its own take several lines. */
function usage({message, flags = [], args = [], parse}: ParseError, command: string): string {
  const help = `\`prism-doctor help ${command}\``
  const [first] = flags
  if (first !== undefined) {
    const known = ['help', ...Object.keys(parse?.input?.flags ?? {})]
    const meant = nearestFlags(first.replace(/^-+/, ''), known).map(flag => `--${flag}`)
    return `there is no flag ${flags.join(' ')}; ${didYouMean(meant)}${help} lists them`
  }
  const words = args.filter(arg => typeof arg === 'string')
  if (words.length > 0)
    return `${command} does not take ${words.join(' ')}; ${help} shows what it takes`
  const missing = args.flatMap(arg => (typeof arg === 'string' ? [] : [whatIsMissing(arg)]))
  if (missing.length > 0) return `${command} needs ${missing.join(' and ')}; ${help} says more`
  const lines = stripVTControlCharacters(message)
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '' && !/^(?:See more help|The following errors? occurred)/.test(line))
  const relations = lines.flatMap(relation)
  if (relations.length > 0) return `${relations.join(', ')}; ${help} says more`
  const said = lines.join(' ')
  return `${unknownValue(said, command) ?? inOurWords(said)}; ${help} says more`
}

/** A single letter may stand for any flag that begins with it. */
function nearestFlags(typed: string, known: readonly string[]): readonly string[] {
  return typed.length === 1 ? known.filter(flag => flag.startsWith(typed)) : nearest(typed, known)
}

function whatIsMissing({name, description, options = []}: MissingArg): string {
  return options.length > 0 ? oneOf(options) : (description ?? name)
}

/** `text, json or html` */
function oneOf(options: readonly string[]): string {
  const others = options.slice(0, -1).join(', ')
  return others === '' ? options.join() : `${others} or ${options.at(-1)}`
}

/** Null for anything but a value that is not in the list of what may be given. */
function unknownValue(said: string, command: string): string | null {
  const found = /^Expected (?:(--[\w-]+)=)?(.*) to be one of: (.*)$/s.exec(said)
  if (!found) return null
  const [, flag = command, given = '', listed = ''] = found
  const options = listed.split(', ')
  return `${flag} does not know ${JSON.stringify(given)}; ${didYouMean(nearest(given, options))}choose ${oneOf(options)}`
}

const ourWords: readonly (readonly [RegExp, string])[] = [
  [/^Flag (--\S+) expects (?:a value|one of these values: .*)$/, '$1 needs a value'],
  [/^Flag (--\S+) can only be specified once$/, '$1 can be given only once'],
  [/^Parsing (--\S+)\s*/, '$1: '],
]

function inOurWords(said: string): string {
  const known = ourWords.find(([pattern]) => pattern.test(said))
  if (known) return said.replace(...known)
  return `${said.charAt(0).toLowerCase()}${said.slice(1)}`
}

/** How two flags stand to each other, without the value of either. */
function relation(line: string): readonly string[] {
  // Of several that would do, the first is the one to name.
  const needs =
    /^(?:All|One) of the following must be provided when using (--[\w-]+): (--[\w-]+)/.exec(line)
  if (needs) return [`${needs[1]} needs ${needs[2]}`]
  const excludes = /^(--[\w-]+)(?:=.*)? cannot also be provided when using (--[\w-]+)$/.exec(line)
  return excludes ? [`${excludes[1]} and ${excludes[2]} exclude each other`] : []
}
