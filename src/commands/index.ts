import type {Command} from '@oclif/core/command'
import {type CommandName, commandNames} from './names.ts'

/** Every command, loaded when it is the one that runs. */
const loaders = {
  checks: () => import('./checks.ts'),
  completion: () => import('./completion.ts'),
  diagnose: () => import('./diagnose.ts'),
  explain: () => import('./explain.ts'),
  help: () => import('./help.ts'),
  history: () => import('./history.ts'),
  record: () => import('./record.ts'),
  run: () => import('./run.ts'),
  undo: () => import('./undo.ts'),
} as const satisfies Record<CommandName, () => Promise<{readonly default: Command.Class}>>

export function isCommand(word: string): word is CommandName {
  return commandNames.includes(word as CommandName)
}

/** oclif's explicit command table: holds what was loaded. */
export const commands: {[name in CommandName]?: Command.Class} = {}

/** Loads the command that is named, and all of them for one that speaks of the others. */
export async function loadCommands(name: string): Promise<void> {
  const wantsAll = name === 'help' || name === 'completion'
  const wanted = commandNames.filter(known => wantsAll || known === name)
  for (const known of wanted) commands[known] = (await loaders[known]()).default
}
