import {blocksFor, decidedBy} from './log/decides.ts'
import {type Directive, flattened, type Place} from './nginx-syntax.ts'

/** Why a front sends a file as the type that it does, as far as its configuration tells. */
export interface TypesPlace {
  /** Ends "…, since": "no types are included there"; null where the configuration does not tell. */
  readonly why: string | null
  readonly at: Place | null
  /** Whether nginx has no list of types at all there, or one without this ending. */
  readonly lacks: 'all' | 'ending' | null
}

/** As nginx decides (ngx_http_set_content_type): the innermost list of types, else default_type. */
export function nginxTypes(
  directives: readonly Directive[],
  {server, path, ending}: {server: string | null; path: string; ending: string},
): TypesPlace {
  const blocks = blocksFor(directives, server, path)
  const added = blocks
    .toReversed()
    .flatMap(({block}) => block ?? [])
    .find(({name, args}) => name === 'add_header' && /^content-type$/i.test(args[0] ?? ''))
  const level = blocks.toReversed().find(({block}) => (block ?? []).some(isList))
  const fallback = decidedBy(blocks, 'default_type')
  const then =
    fallback.value === null ? 'default_type is text/plain' : `default_type is ${fallback.value}`
  if (level === undefined) {
    const [http] = blocks
    const at = fallback.value === null ? (http ?? null) : fallback.at
    return {why: `nginx has no list of types there, and ${then}`, at: placeOf(at), lacks: 'all'}
  }
  const lists = (level.block ?? []).filter(isList)
  const isIncluded = lists.some(({name}) => name === 'include')
  const own = lists.flatMap(({block}) => block ?? [])
  const [list] = lists
  const stated = own.find(({args}) => args.includes(ending))
  if (stated)
    return {why: `types has ${stated.name} for .${ending}`, at: placeOf(stated), lacks: null}
  const isInner = own.some(
    ({name, args}) => name === 'include' && /mime\.types$/.test(args[0] ?? ''),
  )
  if (!isIncluded && !isInner)
    return {why: `types there lacks .${ending}, and ${then}`, at: placeOf(list), lacks: 'all'}
  if (added) return {why: 'a header of its own says so', at: placeOf(added), lacks: null}
  return {
    why: `the list of types lacks .${ending}, and ${then}`,
    at: placeOf(list),
    lacks: 'ending',
  }
}

function isList({name, args}: Directive): boolean {
  return name === 'types' || (name === 'include' && /mime\.types$/.test(args[0] ?? ''))
}

/** Apache's ForceType, DefaultType and AddType; without mod_mime nothing has a type. */
export function apacheTypes(directives: readonly Directive[]): TypesPlace {
  const forced = flattened(directives).findLast(
    ({name, args}) => name === 'forcetype' && !/^none$/i.test(args[0] ?? ''),
  )
  if (forced) return {why: `ForceType is ${forced.args[0] ?? ''}`, at: placeOf(forced), lacks: null}
  const knows = flattened(directives).some(({name}) => /^(?:typesconfig|addtype)$/.test(name))
  return knows
    ? {why: null, at: null, lacks: null}
    : {why: 'Apache has no TypesConfig (mod_mime)', at: null, lacks: 'all'}
}

function placeOf(at: Place | null | undefined): Place | null {
  return at ? {file: at.file, line: at.line} : null
}
