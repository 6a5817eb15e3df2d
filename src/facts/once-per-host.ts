import type {Host} from '../host/host.ts'

/**
 * Reads something once for each host, whoever wants it: a host remembers what it was asked, and
 * this what all of that came to.
 * @param keyOf tells apart what is read of one host.
 */
export function oncePerHost<Rest extends readonly unknown[], Read>(
  read: (host: Host, ...rest: Rest) => Promise<Read>,
  keyOf: (...rest: Rest) => string = () => '',
): (host: Host, ...rest: Rest) => Promise<Read> {
  const known = new WeakMap<Host, Map<string, Promise<Read>>>()
  return (host, ...rest) => {
    const byKey = known.get(host) ?? new Map<string, Promise<Read>>()
    known.set(host, byKey)
    const key = keyOf(...rest)
    const reading = byKey.get(key) ?? read(host, ...rest)
    byKey.set(key, reading)
    return reading
  }
}
