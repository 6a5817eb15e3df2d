import {posix} from 'node:path'
import type {Host} from '../../host/host.ts'
import {execCommands} from '../../host/unit.ts'
import type {Target} from '../target/target.ts'
import {worldOf} from './locate.ts'
import {scriptText} from './script.ts'
import {launchesOf} from './shell/launches.ts'
import type {Start} from './shell/start.ts'
import {type Budget, newBudget} from './shell/state.ts'

/** More scripts than any deployment has behind one another. */
const maxDepth = 5

const isShell = (path: string): boolean => /^(?:ba|da|a|k|z)?sh$/.test(posix.basename(path))

/**
 * Whether the unit itself runs a command of manage.py before it starts, also from within its
 * scripts.
 */
export async function runsBeforeStart(
  host: Host,
  {unit, environment, workingDirectory}: Target,
  command: 'migrate' | 'collectstatic',
): Promise<boolean> {
  const start = {environment, directory: workingDirectory ?? '/'}
  const budget = newBudget()
  for (const {path, argv} of execCommands(unit, 'ExecStartPre')) {
    if (
      await comesTo(host, {...start, argv: [path, ...argv.slice(1)]}, command, {depth: 0, budget})
    )
      return true
  }
  return false
}

async function comesTo(
  host: Host,
  start: Start,
  command: string,
  {depth, budget}: {readonly depth: number; readonly budget: Budget},
): Promise<boolean> {
  const [program = '', ...words] = start.argv
  if (words.includes(command)) return true
  if (depth > maxDepth) return false
  const inline = isShell(program) ? words.findIndex(word => /^-\w*c$/.test(word)) : -1
  // systemctl prints what `sh -c` is given without its quotes.
  const text = inline >= 0 ? words.slice(inline + 1).join(' ') : await shellText(host, start)
  if (text === null) return false
  const launches = await launchesOf(text, start, worldOf(host), budget)
  for (const launch of launches ?? [])
    if (await comesTo(host, launch, command, {depth: depth + 1, budget})) return true
  return false
}

async function shellText(host: Host, {argv, directory}: Start): Promise<string | null> {
  const [program = '', first = ''] = argv
  const path = isShell(program) ? first : program
  if (path === '' || path.startsWith('-')) return null
  const text = await scriptText(host, posix.resolve(directory, path))
  const shebang = /^#!\s*(?:\S*\/env\s+)?(\S+)/.exec(text ?? '')?.[1]
  return text !== null && (isShell(program) || (shebang !== undefined && isShell(shebang)))
    ? text
    : null
}
