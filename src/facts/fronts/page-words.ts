/** "text/html" of a Content-Type. */
export function mediaType(header: string | undefined): string {
  return (header ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
}

/** The title of a page, on one line; null where it has none. */
export function titleOf(body: string): string | null {
  return /<title[^<>]*>([^<]*)<\/title>/i.exec(body)?.[1]?.trim().replace(/\s+/g, ' ') ?? null
}

/** A title as a message has it. */
export function quoted(title: string | null | undefined): string {
  if (!title) return 'without a title'
  return title.length > 80 ? `"${title.slice(0, 80)}…"` : `"${title}"`
}
