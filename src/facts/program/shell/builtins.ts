import {test} from './conditions.ts'
import {inDirectory} from './directories.ts'
import {expanded} from './expansion.ts'
import {textOf} from './parameters.ts'
import {fine, launch, likely, open, type Result, type Run} from './run.ts'
import {evaluateText, source} from './source.ts'
import {untold} from './start.ts'
import {assign, cloud, lookedUp, type State} from './state.ts'
import {assignmentOf, type Word} from './syntax.ts'

type Builtin = (
  words: readonly string[],
  state: State,
  run: Run,
  raw: readonly Word[],
) => Promise<Result> | Result

/** What the shell does itself; any other command is a program. */
export const builtins: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
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
  ['exit', () => ({outcome: null, ended: true})],
  ['return', () => ({outcome: null, ended: true})],
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
    if (/^-\w*a/.test(word) || (word === 'allexport' && rest[index - 1] === '-o'))
      state.exportsAll = true
    if (/^\+\w*a/.test(word) || (word === 'allexport' && rest[index - 1] === '+o'))
      state.exportsAll = false
  }
  return fine
}

function shift([, count = '1']: readonly string[], state: State): Result {
  const [own = '', ...rest] = state.arguments
  state.arguments = [own, ...rest.slice(Number(count) || 1)]
  return fine
}

function changeDirectory(words: readonly string[], state: State): Result {
  const directory =
    words.slice(1).find(word => !/^-[LPe@]+$|^--$/.test(word)) ?? lookedUp('HOME', state)
  state.directory =
    directory.includes(untold) || directory === '-'
      ? untold
      : inDirectory(state.directory, directory)
  return likely
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
  for (const name of words.slice(1))
    if (/^[A-Za-z_]\w*$/.test(name)) state.variables.set(name, untold)
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
  return likely
}
