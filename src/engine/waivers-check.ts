import type {CheckOf} from '../checks/check.ts'
import {remedy} from '../remedies/remedy.ts'
import {defaultConfigPath} from '../report/config-path.ts'
import {type CodeOf, cause, type Explanation, finding, findingsOf, ok} from '../report/finding.ts'
import {edit} from '../report/step.ts'
import type {Waiver} from './waivers.ts'

const explanation = {
  why: 'A waiver that matches nothing hides the next fault of that name, and nobody remembers why it was written.',
  asks: 'Nothing of the machine: the waivers of the configuration are held against what the checks found.',
  findings: {
    unused: {
      means:
        'A check was looked at and has no such finding: it was repaired, or the waiver is misspelt.',
      remedy: 'Remove the waiver from the configuration.',
    },
  },
  mistakenFor:
    'A waiver of a check that was not run, or that could not look, is not counted as unused.',
} satisfies Explanation

const found = findingsOf(explanation, {
  unused: cause(
    'warning',
    (count: number, names: readonly string[]) =>
      `${count} ${count === 1 ? 'waiver matches' : 'waivers match'} nothing: ${names.join(', ')}${count > names.length ? ` and ${count - names.length} more` : ''}`,
  ),
})

/** Judged by the engine when all else is: it is about what the others said. */
export const configWaivers: CheckOf<CodeOf<typeof found>> = {
  id: 'config/waivers',
  title: 'Every waiver matches something',
  explanation,
  findings: found,
  // The engine replaces what this says.
  run: async () => ok('there are no waivers'),
}

/** So many are named. */
const named = 10

/** What the engine says in its place. */
export function unusedVerdict(unused: readonly Waiver[]) {
  const names = unused
    .slice(0, named)
    .map(({check, finding: code}) => (code === undefined ? check : `${check} (${code})`))
  if (unused.length === 0) return ok('every waiver matches something')
  return finding(
    found.unused(unused.length, names),
    remedy('Remove it from the configuration', 'manual', [edit(defaultConfigPath)]),
  )
}
