import {posix} from 'node:path'
import {kindOf, moduleKind} from './kinds.ts'
import {resolved} from './locate.ts'
import {environmentPython, type Program} from './program.ts'
import type {Start} from './shell/start.ts'

/**
 * `python [-u] [-X …] -m NAME …`, `python SCRIPT …`
 * @param python The interpreter's path; null where it is not known.
 */
export function pythonProgram(start: Start, python: string | null): Program {
  const words = start.argv.slice(1)
  const own = {...start, interpreter: environmentPython(start) ?? python, understood: true}
  let at = 0
  while (words[at]?.startsWith('-')) {
    const word = words[at] ?? ''
    if (word === '-c' || word === '-') return {...own, kind: null}
    const module = /^-[A-Za-z]*m(.*)$/s.exec(word)
    if (module && !/^-[WX]/.test(word)) {
      const name = module[1] || (words[at + 1] ?? '')
      const rest = words.slice(at + (module[1] ? 1 : 2))
      return {...own, argv: [name, ...rest], kind: moduleKind(name, rest)}
    }
    at += word === '-W' || word === '-X' || word === '--check-hash-based-pycs' ? 2 : 1
  }
  const script = words[at]
  if (script === undefined) return {...own, kind: null}
  const rest = words.slice(at + 1)
  const argv = [resolved(start.directory, script), ...rest]
  return {...own, argv, kind: kindOf(posix.basename(script), rest)}
}
