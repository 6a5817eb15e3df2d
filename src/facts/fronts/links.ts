/**
 * The paths on the same site that a page links to, each once, in order: of `<a href>` alone, as a
 * visitor follows them.
 */
export function linksIn(html: string, name: string): readonly string[] {
  const found = [
    ...html.matchAll(/<a\s(?:[^<>]*\s)?href\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)'|([^\s"'<>]+))/gi),
  ]
  const paths = found.flatMap(([, double, single, bare]) => {
    const path = pathOf(double ?? single ?? bare ?? '', name)
    return path === null ? [] : [path]
  })
  return [...new Set(paths)]
}

/** Null for what leads elsewhere, and for what has a query, which may mean anything. */
function pathOf(link: string, name: string): string | null {
  const written = link.trim().replaceAll('&amp;', '&')
  if (written === '' || written.startsWith('#') || written.includes('?')) return null
  try {
    const url = new URL(written, `http://${name}/`)
    const isHere = /^https?:$/.test(url.protocol) && url.hostname === name.toLowerCase()
    return isHere ? url.pathname : null
  } catch {
    return null
  }
}
