import {admits, type Front, isConcrete, isLocal, type Listen, type Site} from './front.ts'

/**
 * Names to ask a site for: its own, and for patterns and for the site of all other names those that the application
 * admits and no other site has.
 */
export function namesOf(front: Front, site: Site, hosts: readonly string[]): readonly string[] {
  const own = site.names.map(name => name.replace(/^\./, '')).filter(name => isConcrete(name))
  // By an address, or from the machine itself, visitors mostly do not ask.
  const named = own.filter(name => (!isLocal(name) && !/^[\d.]+$|:/.test(name)) || admits(hosts, name))
  const concrete = hosts.filter(host => isConcrete(host))
  const matching = concrete.filter(host => site.names.some(name => isPattern(name) && fits(name, host)))
  const found = [...new Set([...named, ...matching])]
  if (found.length > 0 || !isDefault(front, site)) return found
  const free = concrete.filter(host => !front.sites.some(({names}) => names.some(name => fits(name, host))))
  const known = free.filter(host => !isLocal(host))
  if (known.length > 0) return known.slice(0, 1)
  if (concrete.some(host => !isLocal(host))) return []
  // No name is known: any will do for the site of all others, and "localhost" is admitted by most.
  return front.sites.some(({names}) => names.includes('localhost')) && !site.names.includes('localhost')
    ? ['127.0.0.1']
    : ['localhost']
}

function isPattern(name: string): boolean {
  return /^[.*~]|\*/.test(name)
}

/** As nginx and Apache take names: exactly, `*.example`, `.example`, `www.*`, `~^www\d+\.`. */
export function fits(written: string, name: string): boolean {
  const [pattern, asked] = [written.toLowerCase(), name.toLowerCase()]
  if (pattern.startsWith('~')) return regexpFits(written.slice(1), name)
  if (pattern.startsWith('.')) return `.${asked}`.endsWith(pattern)
  if (!pattern.includes('*')) return pattern === asked
  const parts = pattern.split('*').map(part => part.replace(/[.+^${}()|[\]\\?]/g, '\\$&'))
  return new RegExp(`^${parts.join('.+')}$`).test(asked)
}

function regexpFits(pattern: string, name: string): boolean {
  try {
    return new RegExp(pattern, 'i').test(name)
  } catch {
    // PCRE knows more than we do.
    return false
  }
}

function isDefault(front: Front, site: Site): boolean {
  return site.listens.some(listen => defaultAt(front, listen) === site)
}

/** The site for all other names at an address: the one that says so, else the first. */
export function defaultAt({sites}: Front, {host, port}: Listen): Site | null {
  const there = sites.filter(({listens}) => listens.some(at => at.port === port && at.host === host))
  const named = there.find(({listens}) => listens.some(at => at.port === port && at.host === host && at.isDefault))
  return named ?? there[0] ?? null
}
