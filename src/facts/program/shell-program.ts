import type {Host} from '../../host/host.ts'
import {resolved, textOf} from './locate.ts'
import type {Start} from './shell/start.ts'

/**
 * The script that a shell is told to run, `sh -c TEXT` or `sh SCRIPT …`, with its arguments; null
 * where there is none.
 */
export async function scriptOfShell(
  host: Host,
  {argv, directory}: Start,
): Promise<{readonly text: string; readonly argv: readonly string[]} | null> {
  const [shell = 'sh', ...words] = argv
  const {at, isText} = afterOptions(words)
  const given = words[at]
  if (given === undefined) return null
  const rest = words.slice(at + 1)
  if (isText) return {text: given, argv: rest.length > 0 ? rest : [shell]}
  const path = resolved(directory, given)
  const text = await textOf(host, path)
  return text === null ? null : {text, argv: [path, ...rest]}
}

/** Where a shell's options end, and whether -c is one of them. */
function afterOptions(words: readonly string[]): {readonly at: number; readonly isText: boolean} {
  let at = 0
  let isText = false
  while (/^[-+]/.test(words[at] ?? '') && words[at] !== '--') {
    const word = words[at] ?? ''
    if (/^-\w*c/.test(word)) isText = true
    at += /^[-+]\w*o$/.test(word) || word === '--rcfile' || word === '--init-file' ? 2 : 1
  }
  return {at: words[at] === '--' ? at + 1 : at, isText}
}
