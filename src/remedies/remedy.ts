import type {Means} from '../platform/platform.ts'
import type {Lasting, Remedy, Risk, Step, Way} from '../report/finding.ts'

/** What steps alone put right. */
export function remedy(
  summary: string,
  risk: Risk,
  steps: readonly Step[],
  nix: string | null = null,
): Remedy {
  const lasting: Lasting | null = nix === null ? null : {file: null, text: nix}
  return {summary, risk, steps, nix, lasting, alternatives: []}
}

export interface MendOptions {
  /** What to look at before. */
  readonly first?: readonly Step[]
  /** What comes after the change is made and counts. */
  readonly after?: readonly Step[]
  /** The summary is whole as it is: what lets the change count is not said. */
  readonly whole?: boolean
}

/**
 * What a change of this machine's configuration puts right, as the platform makes it.
 * `mend('Correct the port', target.platform.variable(…))` says "Correct the port, then rebuild" on
 * NixOS, and "Correct the port, then restart the service" elsewhere.
 */
export function mend(
  summary: string,
  means: Means,
  {first = [], after = [], whole = false}: MendOptions = {},
): Remedy {
  const {nix, lasting, next, risk = 'manual'} = means
  const steps = [...first, ...means.steps, ...after]
  return {
    summary: means.summary ?? (whole || next === null ? summary : `${summary}, then ${next}`),
    risk,
    steps: steps.filter(({shell}, at) => steps.findIndex(other => other.shell === shell) === at),
    nix,
    lasting,
    alternatives: [],
  }
}

/** The steps put it right; what the platform says keeps it so. */
export function kept(cure: Remedy, {nix, lasting}: Means): Remedy {
  return {...cure, nix, lasting}
}

/** Another way to the same end. */
export function or(cure: Remedy, ...others: readonly Way[]): Remedy {
  return {
    ...cure,
    alternatives: [
      ...cure.alternatives,
      ...others.map(({summary, risk, steps, nix, lasting}) => ({
        summary,
        risk,
        steps,
        nix,
        lasting,
      })),
    ],
  }
}
