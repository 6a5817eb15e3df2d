import {posix} from 'node:path'
import {inDirectory} from './directories.ts'
import {partText} from './parameters.ts'
import {parseScript} from './parse.ts'
import type {Run} from './run.ts'
import {type Launch, untold} from './start.ts'
import {cloneOf, lookedUp, type State, spend} from './state.ts'
import type {Part, Word} from './syntax.ts'

/** A word as one string, `$(pwd)` and `$(dirname …)` understood. */
export async function expanded(word: Word, state: State, run: Run): Promise<string> {
  const parts = await Promise.all(
    word.map(part =>
      part.kind === 'command' ? substituted(part.text, state, run) : partText(part, state),
    ),
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
  spend(state, text.length)
  const script = parseScript(text)
  const inner = cloneOf(state)
  const launches: Launch[] = []
  if (!script) return untold
  await run.evaluate(script, inner, {...run, launches, depth: run.depth + 1})
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
export async function wordsOf(
  words: readonly Word[],
  state: State,
  run: Run,
): Promise<readonly string[]> {
  const found: string[] = []
  for (const word of words) {
    const fields: Fields = {ended: [], current: null}
    for (const part of word) await addPart(fields, part, state, run)
    found.push(...fields.ended)
    if (fields.current !== null) found.push(withHome(word, fields.current, state))
  }
  return found
}

/** What a word is split into: the last field goes on with what is added. */
interface Fields {
  readonly ended: string[]
  current: string | null
}

async function addPart(fields: Fields, part: Part, state: State, run: Run): Promise<void> {
  if (part.kind === 'variable' && part.name === '@' && part.operator === '') {
    addArguments(fields, state)
    return
  }
  const text =
    part.kind === 'command' ? await substituted(part.text, state, run) : partText(part, state)
  if (part.quoted || part.kind === 'text') fields.current = `${fields.current ?? ''}${text}`
  else addSplit(fields, text.split(/[ \t\n]+/))
}

/** `$@`: each argument is a field of its own. */
function addArguments(fields: Fields, state: State): void {
  const [first, ...rest] = state.arguments.slice(1)
  if (first === undefined) return
  spend(state, lookedUp('@', state).length)
  const all = [`${fields.current ?? ''}${first}`, ...rest]
  fields.ended.push(...all.slice(0, -1))
  fields.current = all.at(-1) ?? null
}

/** An empty piece stands for blanks at an end, which end a field and begin none. */
function addSplit(fields: Fields, pieces: readonly string[]): void {
  for (const [index, piece] of pieces.entries()) {
    if (index > 0 && fields.current !== null) {
      fields.ended.push(fields.current)
      fields.current = null
    }
    if (piece !== '') fields.current = `${fields.current ?? ''}${piece}`
  }
}
