/** What an entry of ALLOWED_HOSTS was meant to be, where it is written as something else. */
export interface Meant {
  readonly name: string
  /** "ALLOWED_HOSTS takes names, not URLs" */
  readonly why: string
}

/** `https://prism.example:8000/`, or what is left of `["prism.example","localhost"]` split at commas. */
export function meantHost(entry: string): Meant | null {
  if (/^[a-z]+:\/\//i.test(entry))
    return {
      name: entry.replace(/^[a-z]+:\/\//i, '').replace(/[:/].*$/, ''),
      why: 'ALLOWED_HOSTS takes names, not URLs',
    }
  // An address of IPv6 has brackets by right.
  if (/^\[[\da-f:.]+\]$/i.test(entry)) return null
  const name = entry.replace(/^[[({'"\s]+/, '').replace(/[\])}'"\s]+$/, '')
  return name === entry
    ? null
    : {name, why: 'brackets and quotes of a list are taken for a part of the names'}
}
