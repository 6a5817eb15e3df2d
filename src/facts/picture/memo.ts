import type {Host} from '../../host/host.ts'
import type {Seen} from '../../report/fact.ts'
import type {Target} from '../target/target.ts'

/** Puts together once in a run what a target already says, whichever checks offer it. */
export function ofTarget(
  tell: (target: Target) => readonly Seen[],
): (target: Target) => readonly Seen[] {
  const told = new WeakMap<Target, readonly Seen[]>()
  return target => {
    const known = told.get(target) ?? tell(target)
    told.set(target, known)
    return known
  }
}

/** Looks once in a run, whichever checks offer it. */
export function onceEach(
  look: (host: Host, target: Target) => Promise<readonly Seen[]>,
): (host: Host, target: Target) => Promise<readonly Seen[]> {
  const seen = new WeakMap<Target, Promise<readonly Seen[]>>()
  return (host, target) => {
    const known = seen.get(target) ?? look(host, target)
    seen.set(target, known)
    return known
  }
}
