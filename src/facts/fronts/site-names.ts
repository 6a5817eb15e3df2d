import type {Front, Listen, Site} from './front.ts'
import {admits, fits, isConcrete, isLocal, isPattern} from './names.ts'

/**
 * Names to ask a site for: its own. For patterns, and for the site of all other names, those that
 * the application allows and no other site has.
 */
export function namesOf(front: Front, site: Site, hosts: readonly string[]): readonly string[] {
  const own = site.names.map(name => name.replace(/^\./, '')).filter(name => isConcrete(name))
  // By an address, or from the machine itself, visitors mostly do not ask.
  const named = own.filter(
    name => (!isLocal(name) && !/^[\d.]+$|:/.test(name)) || admits(hosts, name),
  )
  const concrete = hosts.filter(host => isConcrete(host))
  const matching = concrete.filter(host =>
    site.names.some(name => isPattern(name) && fits(name, host)),
  )
  const found = [...new Set([...named, ...matching])]
  if (found.length > 0 || !isDefault(front, site)) return found
  const free = concrete.filter(
    host => !front.sites.some(({names}) => names.some(name => fits(name, host))),
  )
  const known = free.filter(host => !isLocal(host))
  if (known.length > 0) return known.slice(0, 1)
  if (concrete.some(host => !isLocal(host))) return []
  // No name is known: any will do for the site of all others, and "localhost" is admitted by most.
  return front.sites.some(({names}) => names.includes('localhost')) &&
    !site.names.includes('localhost')
    ? ['127.0.0.1']
    : ['localhost']
}

interface Asked {
  readonly front: Front
  readonly address: {readonly host: string; readonly port: number}
  readonly name: string
}

/** The site that a front chooses: by address first, then by name, else the one for all others. */
export function chosenSite({front, address, name}: Asked): Site | null {
  const every = address.host.includes(':') ? '::' : ''
  const at = (wanted: string): readonly Site[] =>
    front.sites.filter(({listens}) =>
      listens.some(({host, port}) => port === address.port && host === wanted),
    )
  const [special, general] = [at(address.host), at(every)]
  const [there, wanted] = special.length > 0 ? [special, address.host] : [general, every]
  const exact = there.find(({names}) =>
    names.some(each => each.toLowerCase() === name.toLowerCase()),
  )
  const fitting = exact ?? there.find(({names}) => names.some(each => fits(each, name)))
  return (
    fitting ?? defaultAt(front, {host: wanted, port: address.port, tls: false, isDefault: false})
  )
}

function isDefault(front: Front, site: Site): boolean {
  return site.listens.some(listen => defaultAt(front, listen) === site)
}

function defaultAt({sites}: Front, {host, port}: Listen): Site | null {
  const there = sites.filter(({listens}) =>
    listens.some(at => at.port === port && at.host === host),
  )
  const named = there.find(({listens}) =>
    listens.some(at => at.port === port && at.host === host && at.isDefault),
  )
  return named ?? there[0] ?? null
}
