import type {Check} from '../checks/check.ts'
import {remedy} from '../remedies/remedy.ts'
import {defaultConfigPath} from '../report/config-path.ts'
import {ok, warning} from '../report/finding.ts'
import {edit} from '../report/step.ts'
import type {Waiver} from './waivers.ts'

/** Judged by the engine when all else is: it is about what the others said. */
export const configWaivers: Check = {
  id: 'config/waivers',
  title: 'Every waiver is about something that is there',
  explanation: {
    why: 'A waiver that matches nothing hides the next fault of that name, and nobody remembers why it was written.',
    asks: 'Nothing of the machine: the waivers of the configuration are held against what the checks found.',
    findings: {
      unused: {
        means: 'A check was looked at and has no such finding: it was repaired, or the waiver is misspelt.',
        remedy: 'Remove the waiver from the configuration.',
      },
    },
    mistakenFor: 'A waiver of a check that was not run, or that could not look, is not counted as unused.',
  },
  // The engine replaces what this says.
  run: async () => ok('there is no waiver'),
}

/** What the engine says in its place. */
export function unusedVerdict(unused: readonly Waiver[]) {
  const names = unused.map(({check, finding}) => (finding === undefined ? check : `${check} (${finding})`)).join(', ')
  if (unused.length === 0) return ok('every waiver is about something that is there')
  return warning(
    'unused',
    `${unused.length} ${unused.length === 1 ? 'waiver matches' : 'waivers match'} nothing: ${names}`,
    remedy('Remove it from the configuration', 'manual', [edit(defaultConfigPath)]),
  )
}
