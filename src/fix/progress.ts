/** How a remedy stands while its steps are carried out. */
export type Progress = Ended | {readonly state: 'waiting'} | {readonly state: 'running'}

/** The better first. */
const ends = ['unneeded', 'declined', 'verified', 'refused', 'ineffective', 'failed'] as const

interface Ended {
  readonly state: (typeof ends)[number]
  readonly reason: string | null
}

/** Why a step was not done. */
export interface Problem extends Ended {
  readonly state: 'refused' | 'failed'
  readonly reason: string
}

/** What is said of a step that several remedies share. */
export function worstOf(states: readonly Progress[]): Ended {
  return states
    .map(endOf)
    .reduce((worst, next) => (ends.indexOf(next.state) > ends.indexOf(worst.state) ? next : worst))
}

function endOf(progress: Progress): Ended {
  return progress.state === 'waiting' || progress.state === 'running'
    ? {state: 'refused', reason: 'an earlier step of it did not succeed'}
    : progress
}
