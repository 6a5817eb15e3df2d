import {inDirectory} from './directories.ts'
import type {Result, Run} from './run.ts'
import {untold} from './start.ts'
import type {State} from './state.ts'

/** `test`, `[` and `[[`. */
export async function test(words: readonly string[], state: State, run: Run): Promise<Result> {
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
