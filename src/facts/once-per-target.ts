import type {Host} from '../host/host.ts'
import type {Target} from './target/target.ts'

/** Looks once in a run, whoever wants it. */
export function oncePerTarget<Rest extends readonly unknown[], Seen>(
  look: (host: Host, target: Target, ...rest: Rest) => Promise<Seen>,
): (host: Host, target: Target, ...rest: Rest) => Promise<Seen> {
  const seen = new WeakMap<Target, Promise<Seen>>()
  return (host, target, ...rest) => {
    const looking = seen.get(target) ?? look(host, target, ...rest)
    seen.set(target, looking)
    return looking
  }
}

/** Puts together once in a run what a target already says, whoever wants it. */
export function ofTarget<Said extends object>(
  tell: (target: Target) => Said,
): (target: Target) => Said {
  const told = new WeakMap<Target, Said>()
  return target => {
    const known = told.get(target) ?? tell(target)
    told.set(target, known)
    return known
  }
}
