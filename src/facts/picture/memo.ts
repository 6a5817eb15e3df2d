import type {Host} from '../../host/host.ts'
import type {Seen} from '../../report/fact.ts'
import type {Target} from '../target/target.ts'

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
