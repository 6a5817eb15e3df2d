import {type Directive, flattened, type Place} from '../nginx-syntax.ts'
import {patternFits} from '../pattern.ts'

/** A directive that counts for a path, its own or inherited. */
export interface Decided {
  /** Its first word; null where nobody says it, so that nginx's own default counts. */
  readonly value: string | null
  /** Where it is written; else where it could be: the location, the server, or `http`. */
  readonly at: Place | null
}

/** The blocks that count for a request, from `http` to the innermost location. */
export function blocksFor(
  directives: readonly Directive[],
  server: string | null,
  path: string | null,
): readonly Directive[] {
  const http = directives.find(({name}) => name === 'http')
  const block = http && serverIn(http, server)
  if (!http || !block) return http ? [http] : []
  return [http, block, ...(path === null ? [] : locationsFor(block.block ?? [], path))]
}

/** What counts of a directive that inner blocks set anew (ngx_conf_merge_value). */
export function decidedBy(blocks: readonly Directive[], wanted: string): Decided {
  const set = blocks
    .toReversed()
    .flatMap(({block}) => block ?? [])
    .find(({name}) => name === wanted)
  const inner = blocks.at(-1)
  const at = set ?? inner
  return {
    value: set?.args[0] ?? null,
    at: at === undefined ? null : {file: at.file, line: at.line},
  }
}

/** nginx writes the first name of the block into its log. */
function serverIn({block}: Directive, server: string | null): Directive | undefined {
  const servers = (block ?? []).filter(({name}) => name === 'server')
  const nameOf = (each: Directive): string =>
    each.block?.find(({name}) => name === 'server_name')?.args[0] ?? ''
  const named = servers.filter(each => nameOf(each) === (server ?? ''))
  // One that only sends on to https has no locations of its own, or that of ACME alone.
  return (
    named.find(each => flattened(each.block ?? []).some(({name}) => name.endsWith('_pass'))) ??
    named.find(each => each.block?.some(({name}) => name === 'location')) ??
    named[0] ??
    (servers.length === 1 ? servers[0] : undefined)
  )
}

/** As ngx_http_core_find_location: the exact one, the longest prefix, unless a pattern fits. */
function locationsFor(block: readonly Directive[], path: string): readonly Directive[] {
  const locations = block.filter(({name, args}) => name === 'location' && args[0]?.[0] !== '@')
  const exact = locations.find(({args}) => args[0] === '=' && args[1] === path)
  if (exact) return [exact]
  const prefixes = locations
    .filter(({args}) => args.length === 1 || args[0] === '^~')
    .filter(({args}) => path.startsWith(args.at(-1) ?? '\0'))
    .sort((a, b) => (b.args.at(-1)?.length ?? 0) - (a.args.at(-1)?.length ?? 0))
  const [longest] = prefixes
  const inner = longest ? [longest, ...locationsFor(longest.block ?? [], path)] : []
  if (longest?.args[0] === '^~' || inner.some(({args}) => /^~/.test(args[0] ?? ''))) return inner
  const pattern = locations.find(
    ({args: [how, what = '']}) =>
      (how === '~' || how === '~*') &&
      patternFits(what.replace(/^\(\?i\)/, ''), path, how === '~*'),
  )
  return pattern ? [pattern] : inner
}

/** `10m`, `8k`, `1048576` in bytes; null for what is no size. */
export function sizeOf(text: string): number | null {
  const [, digits, unit = ''] = /^(\d+)([kmg]?)$/i.exec(text) ?? []
  const factors: Readonly<Record<string, number>> = {'': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30}
  return digits === undefined ? null : Number(digits) * (factors[unit.toLowerCase()] ?? 1)
}
