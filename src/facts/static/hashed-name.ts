/**
 * How Django hashes the name of a static file (HashedFilesMixin.hashed_name): twelve digits of MD5
 * before the extension, or at the end where there is none. `css/site.css` is
 * `css/site.71eee9f09c64.css`.
 */
const hashed = /\.([0-9a-f]{12})(?=(?:\.[^./]*)?$)/

/** The hash in a name; null where it has none. */
export function hashIn(name: string): string | null {
  return hashed.exec(name)?.[1] ?? null
}

/** The name without its hash. */
export function unhashedName(name: string): string {
  return name.replace(hashed, '')
}
