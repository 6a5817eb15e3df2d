import {allowedHost, isValidHost} from '../http.ts'
import {patternFits} from './pattern.ts'

/** Django's ALLOWED_HOSTS: the name itself, ".example.org" for all below, "*" for any. */
export function admits(hosts: readonly string[], name: string): boolean {
  return hosts.some(
    host =>
      host === '*' ||
      host.toLowerCase() === name.toLowerCase() ||
      (host.startsWith('.') && `.${name}`.toLowerCase().endsWith(host.toLowerCase())),
  )
}

/** The name to ask the application by for a name of a front: that one, where it is allowed. */
export function askedName(hosts: readonly string[], name: string): string {
  return admits(hosts, name) ? name : (allowedHost(hosts) ?? name)
}

/** A name that a visitor can ask for, rather than a pattern. */
export function isConcrete(name: string): boolean {
  return isValidHost(name) && !name.startsWith('.') && /[a-z\d]/i.test(name)
}

/** A name that every machine has for itself. */
export function isLocal(name: string): boolean {
  return /^(?:localhost|127\.[\d.]+|\[?::1\]?|0\.0\.0\.0)$/i.test(name)
}

/** Names that only the application has: neither patterns nor what every machine calls itself. */
export function ownNames(hosts: readonly string[]): readonly string[] {
  return hosts.filter(name => isConcrete(name) && !isLocal(name))
}

/** A name that stands for others. */
export function isPattern(name: string): boolean {
  return /^[.*~]|\*/.test(name)
}

/** As nginx and Apache take names: exactly, `*.example`, `.example`, `www.*`, `~^www\d+\.`. */
export function fits(written: string, name: string): boolean {
  const [pattern, asked] = [written.toLowerCase(), name.toLowerCase()]
  if (pattern.startsWith('~')) return patternFits(written.slice(1), name, true)
  if (pattern.startsWith('.')) return `.${asked}`.endsWith(pattern)
  if (!pattern.includes('*')) return pattern === asked
  const parts = pattern.split('*').map(part => part.replace(/[.+^${}()|[\]\\?]/g, '\\$&'))
  return new RegExp(`^${parts.join('.+')}$`).test(asked)
}
