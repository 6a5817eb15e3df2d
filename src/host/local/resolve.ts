import type {LookupAddress} from 'node:dns'
import {isIP, type LookupFunction} from 'node:net'

/**
 * The addresses of a name. Node's own lookup runs in a thread that nothing ends: with a silent
 * resolver this process would not end either.
 */
export type Resolve = (name: string) => Promise<readonly LookupAddress[]>

/** @throws as Resolve does. */
export async function addressesOf(
  host: string,
  resolve: Resolve,
): Promise<readonly LookupAddress[]> {
  const family = isIP(host)
  return family === 0 ? resolve(host) : [{address: host, family}]
}

/** For net.connect: answers from what was resolved before. */
export function lookupIn(addresses: readonly LookupAddress[]): LookupFunction {
  return (name, {all}, callback) => {
    const [first] = addresses
    if (all) callback(null, [...addresses])
    else if (first) callback(null, first.address, first.family)
    else callback(Object.assign(new Error(`${name} has no address`), {code: 'ENOTFOUND'}), '')
  }
}
