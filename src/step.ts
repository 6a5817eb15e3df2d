import type {Step} from './check.ts'

/** A word as a POSIX shell must be given it. */
function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

/** A program to run as root, exactly as printed. */
export function run(...argv: readonly string[]): Step {
  return {shell: `sudo ${argv.map(shellWord).join(' ')}`, argv}
}

/** Something to type that no program of ours stands behind: an editor, a question. Never prose. */
export function hand(shell: string): Step {
  return {shell, argv: null}
}

/** A file of root's in an editor. */
export function edit(file: string): Step {
  return hand(`sudoedit ${shellWord(file)}`)
}
