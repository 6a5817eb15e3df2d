import {posix} from 'node:path'
import {assignmentOf, type Command, parseScript, type Word} from './shell-syntax.ts'
import type {Part} from './shell-words.ts'

/** Stands in a word for what cannot be told. */
export const untold = '\0'

/** What a script is started with. */
export interface Start {
  /** [0] is the script. A word that holds `untold` is not known, in what comes out as in what goes in. */
  readonly argv: readonly string[]
  readonly environment: ReadonlyMap<string, string>
  readonly directory: string
}

/** A program that a script runs. */
export interface Launch extends Start {
  /** Whether it is run whatever the machine is like: it stands under no condition that could not be decided. */
  readonly certain: boolean
}

/** What a script may ask of the machine. */
export interface ScriptWorld {
  /** The text of a file that is sourced; null where it cannot be read. */
  readonly read: (path: string) => Promise<string | null>
  /** Null where it cannot be told. */
  readonly typeOf: (path: string) => Promise<'file' | 'directory' | 'other' | 'missing' | null>
}

interface State {
  readonly variables: Map<string, string>
  readonly exported: Set<string>
  readonly functions: Map<string, Command>
  arguments: readonly string[]
  directory: string
  /** `set -a` */
  exportsAll: boolean
  /** Something ran that may have set anything: a name that nobody sets afterwards is not known. */
  clouded: boolean
  /** What is left to be done, in commands and characters; one and the same for all copies of a state. */
  readonly budget: {left: number}
}

/** How a command ended; `likely` is a program that is assumed to do its work, null a condition that nobody can decide. */
type Outcome = 'true' | 'false' | 'likely' | null

/** Deeper than any real script sources or calls. */
const maxDepth = 8

/** Commands and characters: a script whose functions call one another, or that doubles a word, would have no end. */
const maxWork = 2_000_000

class TooMuch extends Error {}

function spend({budget}: Pick<State, 'budget'>, work: number): void {
  budget.left -= work
  if (budget.left < 0) throw new TooMuch()
}

/**
 * The programs that a POSIX shell script would run, in their order, each with its words, environment and directory; null
 * for what is no script, or too much of one.
 */
export async function launchesOf(text: string, start: Start, world: ScriptWorld): Promise<readonly Launch[] | null> {
  const launches: Launch[] = []
  const state: State = {
    variables: new Map(start.environment),
    exported: new Set(start.environment.keys()),
    functions: new Map(),
    arguments: start.argv,
    directory: start.directory,
    exportsAll: false,
    clouded: false,
    budget: {left: maxWork},
  }
  try {
    const script = parseScript(text)
    if (!script) return null
    await evaluate(script, state, {launches, world, certain: true, depth: 0})
    return launches
  } catch (error) {
    // One that is nested deeper than our own stack is no start script either.
    if (error instanceof TooMuch || error instanceof RangeError) return null
    throw error
  }
}

interface Run {
  readonly launches: Launch[]
  readonly world: ScriptWorld
  readonly certain: boolean
  readonly depth: number
}

interface Result {
  readonly outcome: Outcome
  /** `exec` or `exit`: nothing of the script comes after it. */
  readonly ended: boolean
}

const fine: Result = {outcome: 'true', ended: false}
const open: Result = {outcome: null, ended: false}

async function evaluate(command: Command, state: State, run: Run): Promise<Result> {
  spend(state, 20)
  if (run.depth > maxDepth) {
    cloud(state)
    return open
  }
  switch (command.kind) {
    case 'simple':
      return simple(command, state, run)
    case 'sequence': {
      let last = fine
      for (const each of command.commands) {
        last = await evaluate(each, state, run)
        if (last.ended) break
      }
      return last
    }
    case 'not': {
      const {outcome, ended} = await evaluate(command.command, state, run)
      return {outcome: outcome === 'true' ? 'false' : outcome === 'false' ? 'true' : null, ended}
    }
    case 'and':
    case 'or': {
      const left = await evaluate(command.left, state, run)
      if (left.ended) return left
      const goesOn = command.kind === 'and' ? 'true' : 'false'
      if (left.outcome === null) return perhaps([command.right], state, run)
      const succeeded = left.outcome === 'likely' ? 'true' : left.outcome
      return succeeded === goesOn ? evaluate(command.right, state, run) : left
    }
    case 'if':
      return conditional(command, state, run)
    case 'case':
      return cases(command, state, run)
    case 'loop':
      if (command.variable !== null) state.variables.set(command.variable, untold)
      return perhaps([command.body], state, run)
    case 'apart':
      for (const each of command.commands) await evaluate(each, cloneOf(state), run)
      return {outcome: 'likely', ended: false}
    case 'function':
      state.functions.set(command.name, command.body)
      return fine
  }
}

/** Runs what may or may not be run: where the ways differ, what they leave is not known. */
async function perhaps(bodies: readonly Command[], state: State, run: Run, isWhole = false): Promise<Result> {
  const ways = isWhole ? [] : [cloneOf(state)]
  for (const body of bodies) {
    const way = cloneOf(state)
    const {ended} = await evaluate(body, way, {...run, certain: false})
    if (!ended) ways.push(way)
  }
  const [first, ...others] = ways
  if (!first) return {outcome: null, ended: true}
  for (const name of new Set(ways.flatMap(way => [...way.variables.keys()]))) {
    const values = new Set(ways.map(way => way.variables.get(name)))
    const [value] = values
    if (values.size === 1 && value !== undefined) state.variables.set(name, value)
    else state.variables.set(name, untold)
    if (ways.some(way => way.exported.has(name))) state.exported.add(name)
  }
  state.directory = others.every(way => way.directory === first.directory) ? first.directory : untold
  state.clouded ||= ways.some(way => way.clouded)
  for (const way of ways) for (const [name, body] of way.functions) state.functions.set(name, body)
  return open
}

function cloneOf(state: State): State {
  spend(state, state.variables.size)
  return {
    ...state,
    variables: new Map(state.variables),
    exported: new Set(state.exported),
    functions: new Map(state.functions),
  }
}

/** From here on no name is known that is not set again. */
function cloud(state: State): void {
  for (const name of state.variables.keys()) state.variables.set(name, untold)
  state.clouded = true
}

async function conditional(command: Command & {kind: 'if'}, state: State, run: Run): Promise<Result> {
  const open: Command[] = []
  for (const {condition, body} of command.branches) {
    const {outcome, ended} = await evaluate(condition, state, open.length > 0 ? {...run, certain: false} : run)
    if (ended) return {outcome, ended}
    if (outcome === 'false') continue
    open.push(body)
    if (outcome === 'true') return open.length === 1 ? evaluate(body, state, run) : perhaps(open, state, run, true)
  }
  if (open.length === 0) return command.otherwise ? evaluate(command.otherwise, state, run) : fine
  return command.otherwise ? perhaps([...open, command.otherwise], state, run, true) : perhaps(open, state, run)
}

async function cases(command: Command & {kind: 'case'}, state: State, run: Run): Promise<Result> {
  const subject = textOf(command.subject, state)
  const open: Command[] = []
  for (const {patterns, body} of command.clauses) {
    const matched = patterns.map(pattern => matchesPattern(pattern, subject, state))
    if (matched.includes(true))
      return open.length === 0 ? evaluate(body, state, run) : perhaps([...open, body], state, run, true)
    if (matched.includes(null)) open.push(body)
  }
  return open.length === 0 ? fine : perhaps(open, state, run)
}

/** Null where it cannot be told: only `*` and patterns without special characters are understood. */
function matchesPattern(pattern: Word, subject: string, state: State): boolean | null {
  if (pattern.length === 1 && pattern[0]?.kind === 'text' && !pattern[0].quoted && pattern[0].text === '*') return true
  if (hasGlob(pattern)) return null
  const text = textOf(pattern, state)
  return text.includes(untold) || subject.includes(untold) ? null : text === subject
}

function hasGlob(word: Word): boolean {
  return word.some(part => !part.quoted && (part.kind !== 'text' || /[*?[\]]/.test(part.text)))
}

type Builtin = (words: readonly string[], state: State, run: Run, raw: readonly Word[]) => Promise<Result> | Result

async function simple(command: Command & {kind: 'simple'}, state: State, run: Run): Promise<Result> {
  const words = await wordsOf(command.words, state, run)
  const [name] = words
  const values = await Promise.all(
    command.assignments.map(async ({name, value, append}) => {
      const text = await expanded(value, state, run)
      return [name, append ? `${lookedUp(name, state)}${text}` : text] as const
    }),
  )
  if (name === undefined) {
    for (const [key, value] of values) assign(state, key, value)
    return fine
  }
  const body = state.functions.get(name)
  if (body) {
    const callers = state.arguments
    state.arguments = [callers[0] ?? '', ...words.slice(1)]
    const result = await evaluate(body, state, {...run, depth: run.depth + 1})
    state.arguments = callers
    return result
  }
  const own = builtins.get(name)
  if (own) {
    const before = cloneOf(state)
    for (const [key, value] of values) assign(state, key, value)
    if (name === 'exec') for (const [key] of values) state.exported.add(key)
    const result = await own(words, state, run, command.words)
    for (const [key] of values) if (before.variables.has(key)) state.variables.set(key, lookedUp(key, before))
    return result
  }
  launch(words, state, run, values)
  return {outcome: 'likely', ended: false}
}

function assign(state: State, name: string, value: string): void {
  state.variables.set(name, value)
  if (state.exportsAll) state.exported.add(name)
}

function launch(
  argv: readonly string[],
  state: State,
  run: Run,
  own: readonly (readonly [string, string])[] = [],
): void {
  spend(state, state.variables.size)
  const environment = new Map([...state.variables].filter(([name]) => state.exported.has(name)))
  for (const [name, value] of own) environment.set(name, value)
  run.launches.push({argv, environment, directory: state.directory, certain: run.certain})
}

const builtins: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  [':', () => fine],
  ['true', () => fine],
  ['false', () => ({outcome: 'false', ended: false})],
  ['echo', () => fine],
  ['printf', () => fine],
  ['umask', () => fine],
  ['ulimit', () => fine],
  ['trap', () => fine],
  ['wait', () => fine],
  ['shopt', () => fine],
  ['exit', (_words, _state, _run) => ({outcome: null, ended: true})],
  ['return', (_words, _state, _run) => ({outcome: null, ended: true})],
  ['set', setOptions],
  ['shift', shift],
  ['cd', changeDirectory],
  ['pushd', changeDirectory],
  ['export', declare(true)],
  ['readonly', declare(false)],
  ['local', declare(false)],
  ['declare', declare(false)],
  ['typeset', declare(false)],
  ['unset', unset],
  ['read', readNames],
  ['.', source],
  ['source', source],
  ['eval', (words, state, run) => evaluateText(words.slice(1).join(' '), state, run)],
  ['exec', exec],
  ['command', (words, state, run) => prefixed(words, state, run)],
  ['test', (words, state, run) => test(words.slice(1), state, run)],
  ['[', (words, state, run) => test(words.slice(1, -1), state, run)],
  ['[[', (words, state, run) => test(words.slice(1, -1), state, run)],
])

function setOptions(words: readonly string[], state: State): Result {
  const rest = words.slice(1)
  for (const [index, word] of rest.entries()) {
    if (word === '--') {
      state.arguments = [state.arguments[0] ?? '', ...rest.slice(index + 1)]
      break
    }
    if (/^-\w*a/.test(word) || (word === 'allexport' && rest[index - 1] === '-o')) state.exportsAll = true
    if (/^\+\w*a/.test(word) || (word === 'allexport' && rest[index - 1] === '+o')) state.exportsAll = false
  }
  return fine
}

function shift([, count = '1']: readonly string[], state: State): Result {
  const [own = '', ...rest] = state.arguments
  state.arguments = [own, ...rest.slice(Number(count) || 1)]
  return fine
}

function changeDirectory(words: readonly string[], state: State): Result {
  const directory = words.slice(1).find(word => !/^-[LPe@]+$|^--$/.test(word)) ?? lookedUp('HOME', state)
  state.directory = directory.includes(untold) || directory === '-' ? untold : inDirectory(state.directory, directory)
  return {outcome: 'likely', ended: false}
}

function inDirectory(directory: string, path: string): string {
  if (path.startsWith('/')) return posix.normalize(path).replace(/(.)\/$/, '$1')
  return directory === untold ? untold : posix.join(directory, path).replace(/(.)\/$/, '$1')
}

function declare(exports: boolean): Builtin {
  return async (words, state, run, raw) => {
    const named = words.slice(1).filter(word => word.startsWith('-'))
    const given = exports || named.some(option => option.includes('x'))
    if (named.some(option => /[an]/i.test(option) || option === '-f')) return fine
    for (const word of raw.slice(1)) {
      const assignment = assignmentOf(word)
      const name = assignment?.name ?? textOf(word, state)
      if (!/^[A-Za-z_]\w*$/.test(name)) continue
      if (assignment) assign(state, name, await expanded(assignment.value, state, run))
      if (given) state.exported.add(name)
    }
    return fine
  }
}

function unset(words: readonly string[], state: State): Result {
  for (const name of words.slice(1)) {
    if (name.includes(untold)) cloud(state)
    else {
      state.variables.delete(name)
      state.exported.delete(name)
    }
  }
  return fine
}

function readNames(words: readonly string[], state: State): Result {
  for (const name of words.slice(1)) if (/^[A-Za-z_]\w*$/.test(name)) state.variables.set(name, untold)
  return open
}

async function source([, file = '']: readonly string[], state: State, run: Run): Promise<Result> {
  const path = inDirectory(state.directory, file)
  if (path.includes(untold)) {
    cloud(state)
    return {outcome: 'likely', ended: false}
  }
  if (path.endsWith('/bin/activate')) return activate(path, state)
  const text = await run.world.read(path)
  if (text !== null) return evaluateText(text, state, run)
  cloud(state)
  return {outcome: 'likely', ended: false}
}

/** venv's own script, of which only this reaches a program (CPython, Lib/venv/scripts/common/activate). */
function activate(path: string, state: State): Result {
  const environment = posix.dirname(posix.dirname(path))
  state.variables.set('VIRTUAL_ENV', environment)
  state.variables.set('PATH', `${environment}/bin:${lookedUp('PATH', state)}`)
  state.variables.delete('PYTHONHOME')
  for (const name of ['VIRTUAL_ENV', 'PATH']) state.exported.add(name)
  return {outcome: 'likely', ended: false}
}

async function evaluateText(text: string, state: State, run: Run): Promise<Result> {
  const script = text.includes(untold) ? null : parseScript(text)
  if (script) {
    const {ended, outcome} = await evaluate(script, state, {...run, depth: run.depth + 1})
    return {ended: ended && outcome !== null, outcome: outcome ?? 'likely'}
  }
  cloud(state)
  return open
}

/** `exec [-a NAME] [-l] [-c] PROGRAM …`; without a program it only redirects. */
function exec(words: readonly string[], state: State, run: Run): Result {
  let at = 1
  while (/^-[acl]+$/.test(words[at] ?? '')) at += words[at]?.includes('a') ? 2 : 1
  if (words[at] === '--') at += 1
  if (at >= words.length) return fine
  launch(words.slice(at), state, run)
  return {outcome: 'true', ended: true}
}

function prefixed(words: readonly string[], state: State, run: Run): Result {
  if (/^-[vV]/.test(words[1] ?? '')) return open
  launch(words.slice(1), state, run)
  return {outcome: 'likely', ended: false}
}

async function test(words: readonly string[], state: State, run: Run): Promise<Result> {
  const said = await holds(words, state, run)
  return {outcome: said === null ? null : said ? 'true' : 'false', ended: false}
}

async function holds(words: readonly string[], state: State, run: Run): Promise<boolean | null> {
  const [first = '', second = '', third = ''] = words
  if (words.some(word => word.includes(untold))) return null
  if (first === '!') {
    const said = await holds(words.slice(1), state, run)
    return said === null ? null : !said
  }
  if (words.length === 1) return first !== ''
  if (words.length === 2) {
    if (first === '-n') return second !== ''
    if (first === '-z') return second === ''
    if (!/^-[defrsxLh]$/.test(first)) return null
    const path = inDirectory(state.directory, second)
    const type = path.includes(untold) ? null : await run.world.typeOf(path)
    if (type === null || type === 'missing') return type === null ? null : false
    return first === '-d' ? type === 'directory' : first === '-f' ? type === 'file' : true
  }
  if (words.length === 3) {
    if (second === '=' || second === '==') return first === third
    if (second === '!=') return first !== third
  }
  return null
}

/** A word as one string, without splitting and without what only the machine could tell. */
function textOf(word: Word, state: State): string {
  return word.map(part => partText(part, state)).join('')
}

/** The same, `$(pwd)` and `$(dirname …)` understood. */
async function expanded(word: Word, state: State, run: Run): Promise<string> {
  const parts = await Promise.all(
    word.map(part => (part.kind === 'command' ? substituted(part.text, state, run) : partText(part, state))),
  )
  return withHome(word, parts.join(''), state)
}

/** `~` and `~/…` where they are not quoted. */
function withHome([first]: Word, text: string, state: State): string {
  const isTilde = first?.kind === 'text' && !first.quoted && /^~(?:\/|$)/.test(text)
  return isTilde ? `${lookedUp('HOME', state)}${text.slice(1)}` : text
}

/** What a substitution says, where it is one of the few that only speak of paths. */
async function substituted(text: string, state: State, run: Run): Promise<string> {
  const script = parseScript(text)
  const inner = cloneOf(state)
  const launches: Launch[] = []
  if (!script) return untold
  await evaluate(script, inner, {...run, launches, depth: run.depth + 1})
  const [last, ...others] = launches
  const [program, ...words] = last?.argv ?? []
  if (others.length > 0 || words.some(word => word.includes(untold))) return untold
  const path = words.findLast(word => !word.startsWith('-'))
  if (program === 'pwd') return inner.directory
  if (path === undefined) return untold
  if (program === 'dirname') return posix.dirname(path)
  if (program === 'basename' && words.length === 1) return posix.basename(path)
  if (program === 'readlink' || program === 'realpath') return inDirectory(inner.directory, path)
  return untold
}

/** The words of a command, unquoted expansions split at blanks as the shell does. */
async function wordsOf(words: readonly Word[], state: State, run: Run): Promise<readonly string[]> {
  const found: string[] = []
  for (const word of words) {
    let current: string | null = null
    for (const part of word) {
      if (part.kind === 'variable' && part.name === '@' && part.operator === '') {
        const [first, ...rest] = state.arguments.slice(1)
        if (first === undefined) continue
        spend(state, lookedUp('@', state).length)
        const all: readonly string[] = [`${current ?? ''}${first}`, ...rest]
        found.push(...all.slice(0, -1))
        current = all.at(-1) ?? null
        continue
      }
      const text: string = part.kind === 'command' ? await substituted(part.text, state, run) : partText(part, state)
      if (part.quoted || part.kind === 'text') {
        current = `${current ?? ''}${text}`
        continue
      }
      const pieces: readonly string[] = text.split(/[ \t\n]+/)
      for (const [index, piece] of pieces.entries()) {
        if (index > 0 && current !== null) {
          found.push(current)
          current = null
        }
        if (piece !== '') current = `${current ?? ''}${piece}`
      }
    }
    if (current !== null) found.push(withHome(word, current, state))
  }
  return found
}

function partText(part: Part, state: State): string {
  if (part.kind === 'text') return part.text
  if (part.kind !== 'variable') return untold
  const {name, operator} = part
  const isSet = isKnownSet(name, state)
  const value = lookedUp(name, state)
  const operand = (): string => textOf(part.operand, state)
  const isGiven = operator.startsWith(':')
    ? isSet === null || value.includes(untold)
      ? null
      : isSet && value !== ''
    : isSet
  switch (operator) {
    case '':
    case ':?':
    case '?':
      return value
    case ':-':
    case '-':
      return isGiven === null ? untold : isGiven ? value : operand()
    case ':=':
    case '=':
      if (isGiven === null) return untold
      if (!isGiven) state.variables.set(name, operand())
      return lookedUp(name, state)
    case ':+':
    case '+':
      return isGiven === null ? untold : isGiven ? operand() : ''
    default:
      return trimmed(part, value, state)
  }
}

/** `${NAME#pattern}` and its kin, for patterns without special characters, `%/*` and `##` with a slash. */
function trimmed(part: Part & {kind: 'variable'}, value: string, state: State): string {
  const {operator} = part
  const pattern = textOf(part.operand, state)
  if (`${value}${pattern}`.includes(untold)) return untold
  if (hasGlob(part.operand)) {
    if (operator === '%' && pattern === '/*')
      return value.includes('/') ? value.slice(0, value.lastIndexOf('/')) : value
    if (operator === '##' && pattern === '*/') return value.slice(value.lastIndexOf('/') + 1)
    return untold
  }
  if (pattern === '') return value
  if (operator.startsWith('#')) return value.startsWith(pattern) ? value.slice(pattern.length) : value
  if (operator.startsWith('%')) return value.endsWith(pattern) ? value.slice(0, -pattern.length) : value
  const replacement = textOf(part.replacement, state)
  const pieces = value.split(pattern)
  spend(state, pieces.length * replacement.length)
  if (operator === '//') return pieces.join(replacement)
  const at = value.indexOf(pattern)
  return at < 0 ? value : `${value.slice(0, at)}${replacement}${value.slice(at + pattern.length)}`
}

/** Whether a name is set; null where nobody can tell. */
function isKnownSet(name: string, state: State): boolean | null {
  if (/^\d$/.test(name)) return state.arguments[Number(name)] !== undefined
  if (name === '@' || name === '*') return state.arguments.length > 1
  const value = state.variables.get(name)
  if (value === untold) return null
  return value !== undefined ? true : state.clouded ? null : false
}

function lookedUp(name: string, state: State): string {
  const found = knownOf(name, state)
  spend(state, found.length)
  return found
}

function knownOf(name: string, state: State): string {
  if (/^\d$/.test(name)) return state.arguments[Number(name)] ?? ''
  if (name === '@' || name === '*') return state.arguments.slice(1).join(' ')
  if (name === '#') return String(state.arguments.length - 1)
  if (name === 'PWD') return state.directory
  if (name === 'BASH_SOURCE') return state.arguments[0] ?? ''
  if (/^[?$!-]$/.test(name) || name === 'RANDOM' || name === 'HOSTNAME') return untold
  return state.variables.get(name) ?? (state.clouded ? untold : '')
}
