import {sample, shuffledSubarray} from 'fast-check'
import type {Fault} from '../container/fault.ts'
import {casesOf} from './cases.ts'

/** What one needs to know of a fault to combine it with another. */
interface Ingredient {
  readonly name: string
  /** Two faults of one area are about the same thing. */
  readonly area: 'unit' | 'secrets' | 'state' | 'static' | 'database' | 'data' | 'web' | 'settings'
  /** The application does not run with it. */
  readonly stops?: true
  /** It is only seen, or is a root cause only, while the application runs. */
  readonly needsRunning?: true
  /** Areas in which nothing can be seen, or nothing is independent, any more. */
  readonly hides?: readonly Ingredient['area'][]
}

/**
 * Faults that can be there together: injected into the same machine, neither undoes or hides the
 * other.
 */
const ingredients: readonly Ingredient[] = [
  {name: 'unit-disabled', area: 'unit'},
  {name: 'secrets-world-readable', area: 'secrets'},
  {name: 'upload-owned-by-root', area: 'state'},
  {name: 'media-owned-by-root', area: 'state'},
  {name: 'compressed-copy-stale', area: 'static', needsRunning: true},
  {name: 'static-0700-unread', area: 'static'},
  {name: 'manifest-missing', area: 'static', needsRunning: true},
  {name: 'page-fails', area: 'static', needsRunning: true},
  {name: 'wrong-password', area: 'database', stops: true, hides: ['data', 'secrets']},
  {name: 'role-missing', area: 'database', stops: true, hides: ['data']},
  {name: 'database-missing', area: 'database', stops: true, hides: ['data']},
  {name: 'postgres-stopped', area: 'database', stops: true, hides: ['data']},
  {name: 'database-closed', area: 'database', stops: true, hides: ['data']},
  {name: 'superuser-missing', area: 'data', needsRunning: true},
  {name: 'superuser-inactive', area: 'data', needsRunning: true},
  {name: 'database-ahead', area: 'data', needsRunning: true},
  {name: 'nginx-stopped', area: 'web'},
  {name: 'nginx-wrong-port', area: 'web', needsRunning: true},
  {name: 'host-not-forwarded', area: 'web', needsRunning: true},
  {name: 'debug-on', area: 'settings', needsRunning: true, hides: ['static']},
]

/** The faults that stop the application come last: those before may restart it. */
function independent(a: Ingredient, b: Ingredient): boolean {
  const hides = (one: Ingredient, other: Ingredient): boolean =>
    (one.hides ?? []).includes(other.area) || (one.stops === true && other.needsRunning === true)
  return a.area !== b.area && !hides(a, b) && !hides(b, a)
}

export interface Pair {
  readonly name: string
  readonly faults: readonly [Fault, Fault]
}

/** Pairs of independent faults drawn at random, the same ones for the same seed. */
export function drawPairs(seed: number, count: number): readonly Pair[] {
  const all = ingredients.flatMap((a, index) =>
    ingredients
      .slice(index + 1)
      .flatMap(b => (independent(a, b) ? [a.stops ? [b, a] : [a, b]] : [])),
  )
  const size = Math.min(count, all.length)
  const [drawn = []] = sample(shuffledSubarray(all, {minLength: size, maxLength: size}), {
    seed,
    numRuns: 1,
  })
  return drawn.flatMap(pair => {
    const [first, second] = casesOf(pair.map(({name}) => name))
    return first && second
      ? [{name: `${first.name} + ${second.name}`, faults: [first, second]}]
      : []
  })
}
