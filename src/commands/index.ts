import type {Command} from '@oclif/core/command'

/** Every command, loaded when it is the one that runs. */
const loaders = {
  checks: () => import('./checks.ts'),
  diagnose: () => import('./diagnose.ts'),
  explain: () => import('./explain.ts'),
  help: () => import('./help.ts'),
  record: () => import('./record.ts'),
  run: () => import('./run.ts'),
  undo: () => import('./undo.ts'),
} as const satisfies Record<string, () => Promise<{readonly default: Command.Class}>>

type Name = keyof typeof loaders

const names = Object.keys(loaders) as Name[]

export function isCommand(word: string): word is Name {
  return names.includes(word as Name)
}

/** oclif's explicit command table: holds what was loaded. */
export const commands: {[name in Name]?: Command.Class} = {}

/** Loads the command that is named; help describes all of them. */
export async function loadCommands(name: string): Promise<void> {
  const wanted = name === 'help' ? names : names.filter(known => known === name)
  for (const known of wanted) commands[known] = (await loaders[known]()).default
}
