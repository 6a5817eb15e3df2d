import {isHarmless} from './names.ts'
import {isStandIn} from './stand-ins.ts'

/** A password as its address has it, decoded, and in the pieces in which others read it. */
export function* passwordForms(password: string): Iterable<string> {
  yield password
  yield decoded(password)
  // Whoever reads "/", "?" or "#" that was not encoded finds pieces of it in other places.
  if (/[/?#@]/.test(password)) yield* password.split(/[/?#@]/)
}

/**
 * As Python's urllib reads it: what stands before the last "@" of the authority, and after its
 * first ":". A "/" that nobody encoded belongs to the password, unless what stands before it is a
 * port.
 */
export function passwordOf(address: string): string | null {
  const [, authority = ''] = /^[a-z][a-z0-9+.-]*:\/\/(.*)$/is.exec(address) ?? []
  const user = /^[^:/?#@[\s]*:/.exec(authority)?.[0] ?? null
  if (user === null) return null
  const own = /^[^/?#]*/.exec(authority)?.[0] ?? ''
  const end = own.includes('@') ? own.lastIndexOf('@') : authority.lastIndexOf('@')
  const password = authority.slice(user.length, Math.max(end, user.length))
  return password === '' || /^\d{1,5}(?:[/?#]|$)/.test(password) ? null : password
}

/** The passwords of addresses with a scheme, wherever they stand. */
export function* inUrls(text: string): Iterable<string> {
  for (let at = text.indexOf('://'); at >= 0; ) {
    const next = text.indexOf('://', at + 3)
    const longest = Math.min(next < 0 ? text.length : next, at + longestAddress)
    const rest = text.slice(at + 3, longest)
    const end = rest.search(/[\s"'<>`\0]/)
    const address = `x://${end < 0 ? rest : rest.slice(0, end)}`
    const password = passwordOf(address)
    if (password !== null) yield* passwordForms(password)
    else yield* keyInAddress(address)
    at = next
  }
}

/** The key of a DSN, which stands where others have a user. */
export function* keyInAddress(address: string): Iterable<string> {
  const key = /^[a-z][a-z0-9+.-]*:\/\/([^:/?#@\s]{8,})@/i.exec(address)?.[1]
  if (key !== undefined && !isHarmless(key)) yield key
}

/** Units of an address that are read. */
const longestAddress = 4096

/** `user:password@host`, as programs print it that have taken the scheme off. */
const addressAlone =
  /(?<![\w@:/.+-])([A-Za-z_][\w.+-]{0,63}):([^\s:@/"'`<>()[\]{},;\0]{4,128})@(localhost|\d{1,3}(?:\.\d{1,3}){3}|[A-Za-z][\w-]{0,62}(?:\.[\w-]{1,62}){0,8})(?![\w@]|:[0-9a-f]{32})/g

/** What has the same form and is none: mail, instances of units, times. */
const noUser =
  /^(?:e-?mail|mail(?:to)?|from|to|b?cc|reply-to|sips?|xmpp|acct|user(?:name)?|by|author|contact)$/i
const noHost =
  /\.(?:service|socket|timer|target|mount|path|slice|scope|device|swap)$|^(?:sha\d+|md5)$/

/** Those of addresses without one. */
export function* inAddresses(text: string): Iterable<string> {
  for (const [, user = '', password = '', host = ''] of text.matchAll(addressAlone))
    if (
      !noUser.test(user) &&
      !noHost.test(host) &&
      !/^\d{1,5}$/.test(password) &&
      !isStandIn(password)
    )
      yield password
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
