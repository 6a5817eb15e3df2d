import type {Front, PathMatch, Route, Site} from './front.ts'
import {patternFits} from './pattern.ts'

/**
 * The route that a front takes for a path, by its configuration: nginx the longest prefix unless a
 * pattern fits (ngx_http_core_find_location), the others mostly the first that fits. Null where none does.
 * Rewrites and conditions are not followed.
 */
export function chosenRoute(
  {kind}: Pick<Front, 'kind'>,
  {routes}: Pick<Site, 'routes'>,
  path: string,
): Route | null {
  const fitting = routes.filter(({match}) => fits(match, path))
  if (kind === 'caddy') return fitting[0] ?? null
  if (kind === 'apache') {
    // mod_proxy comes first, and "!" leaves a path to Alias and DocumentRoot.
    const proxied = fitting.find(({forward, directory}) => forward !== null || directory === null)
    const files = fitting.filter(({directory}) => directory !== null)
    const alias = files.find(({match}) => match.text !== '/')
    return proxied?.forward ? proxied : (alias ?? files[0] ?? proxied ?? null)
  }
  const exact = fitting.find(({match}) => match.how === 'exact')
  if (exact) return exact
  const [longest = null] = fitting
    .filter(({match}) => match.how !== 'regexp')
    .sort((a, b) => b.match.text.length - a.match.text.length)
  if (longest?.match.how === 'final') return longest
  const patterns = fitting.filter(({match}) => match.how === 'regexp')
  const inner = patterns.find(({match}) => match.within === longest?.match.text)
  const outer = patterns.find(({match}) => match.within === undefined)
  return inner ?? outer ?? longest
}

/** What arrives behind a route for a path; null where only the front knows. */
export function arrivingPath({forward, match}: Route, path: string): string | null {
  if (match.how === 'regexp') return null
  const {from, to} = forward?.replaces ?? {from: '', to: ''}
  return path.startsWith(from) ? `${to}${path.slice(from.length)}` : null
}

function fits({how, text, ignoresCase, within}: PathMatch, path: string): boolean {
  if (within?.startsWith('/') && !path.startsWith(within)) return false
  switch (how) {
    case 'exact':
      return path === text
    case 'prefix':
    case 'final':
      return path.startsWith(text)
    case 'regexp':
      return patternFits(text, path, ignoresCase === true)
    case 'never':
      return false
  }
}
