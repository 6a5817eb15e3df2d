import type {Change, Step} from './finding.ts'

/** Words as a POSIX shell must be given them, as a person would quote them. */
export function commandLine(...words: readonly string[]): string {
  return words.map(shellWord).join(' ')
}

function shellWord(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word
  // Within double quotes these four mean something, and "!" does in an interactive bash.
  if (word.includes("'") && !/["$`\\!]/.test(word)) return `"${word}"`
  return `'${word.replaceAll("'", `'\\''`)}'`
}

/** A program to run as root, exactly as printed. */
export function run(...argv: readonly string[]): Step {
  return {shell: `sudo ${commandLine(...argv)}`, argv}
}

/** Something to type that no program of ours stands behind: an editor, a question. Never prose. */
export function hand(shell: string): Step {
  return {shell, argv: null}
}

/** A program for a person to type, quoted as a shell must be given it. */
export function byHand(...words: readonly string[]): Step {
  return hand(commandLine(...words))
}

/** A file of root's in an editor. */
export function edit(file: string): Step {
  return byHand('sudoedit', file)
}

/** The end of a unit's journal. */
export function readJournal(unit: string, lines = 50): Step {
  return byHand('journalctl', '-u', unit, '-n', `${lines}`, '--no-pager')
}

/** The unit that is meant where none is named. */
export const defaultUnit = 'prism-django.service'

/** What root types to look at a unit (null where nobody knows which), or at some checks of it. */
export function lookAgain(unit: string | null, ...checks: readonly string[]): string {
  return run('prism-doctor', ...unitFlag(unit ?? defaultUnit), ...checks).shell
}

/** What root types to see what became of a unit before. */
export function lookBack(unit: string | null): string {
  return run('prism-doctor', 'history', ...unitFlag(unit ?? defaultUnit)).shell
}

function unitFlag(name: string): readonly string[] {
  return name === defaultUnit ? [] : ['--unit', name]
}

/**
 * A command as the unit would run it; `--fix` runs it in this process, by the same means
 * (host.asUnit).
 */
export function runAs({name}: {readonly name: string}, ...command: readonly string[]): Step {
  return run('prism-doctor', 'run', ...unitFlag(name), '--', ...command)
}

/** The unit and the command of a step that runAs made; null for any other program. */
export function commandOf(
  argv: readonly string[],
): {readonly unit: string; readonly words: readonly string[]} | null {
  const dashes = argv.indexOf('--')
  if (argv[0] !== 'prism-doctor' || argv[1] !== 'run' || dashes < 0) return null
  const own = argv.slice(2, dashes)
  if (own.length === 0) return {unit: defaultUnit, words: argv.slice(dashes + 1)}
  return own.length === 2 && own[0] === '--unit'
    ? {unit: own[1] ?? '', words: argv.slice(dashes + 1)}
    : null
}

/** A change of files that is made under guards; by hand, the command does the nearest. */
export function change(what: Change, ...argv: readonly string[]): Step {
  return {...run(...argv), argv: null, change: what}
}
