/** A Set-Cookie header without its value, which is a secret (RFC 6265). */
export interface SetCookie {
  readonly name: string
  /** Without a leading dot, in small letters; null is the host that was asked. */
  readonly domain: string | null
  readonly path: string | null
  readonly secure: boolean
}

/** The cookies of an answer whose Set-Cookie headers are joined by commas. */
export function cookiesIn(header: string | undefined): readonly SetCookie[] {
  // A comma within `expires=Fri, 27 Nov …` begins no cookie.
  return (header ?? '').split(/,\s*(?=[^\s;,=]+=)/).flatMap(text => {
    const [first = '', ...rest] = text.split(';').map(part => part.trim())
    const attributes = new Map(
      rest.map(part => {
        const [key = '', ...value] = part.split('=')
        return [key.trim().toLowerCase(), value.join('=').trim()] as const
      }),
    )
    const name = first.split('=')[0]?.trim() ?? ''
    if (name === '') return []
    const domain = attributes.get('domain')?.replace(/^\./, '').toLowerCase()
    return {
      name,
      domain: domain || null,
      path: attributes.get('path') || null,
      secure: attributes.has('secure'),
    }
  })
}

/** Whether a browser keeps a cookie of this domain that a host of this name sends. */
export function isKeptFor(name: string, domain: string | null): boolean {
  return domain === null || `.${name.toLowerCase()}`.endsWith(`.${domain}`)
}
