/** What may stand in the first place of the command line. */
export const commandNames = [
  'checks',
  'completion',
  'diagnose',
  'explain',
  'help',
  'history',
  'record',
  'run',
  'undo',
] as const

export type CommandName = (typeof commandNames)[number]
