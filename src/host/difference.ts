import {isObject, type Json, type JsonObject} from './json.ts'

/** What is left out of a value: all of it, members by their names, or something of members. */
type Without = true | readonly string[] | {readonly [name: string]: Without}

/** What is left out of a value, and what is laid over the rest. */
export interface Difference {
  readonly without: Without
  readonly over: JsonObject
}

/**
 * What makes one object of another: as deep as objects and lists go, or whole where that says less.
 */
export function differenceOf(from: JsonObject, to: JsonObject): Difference {
  // Entries: a member may have the name of one that every object has.
  const without: [string, Without][] = []
  const over: [string, Json][] = []
  for (const name of Object.keys(from)) if (!Object.hasOwn(to, name)) without.push([name, true])
  for (const [name, value] of Object.entries(to)) {
    const before = memberOf(from, name)
    if (isSame(before, value)) continue
    if (Array.isArray(before) && Array.isArray(value)) over.push([name, spliceOf(before, value)])
    else if (!isObject(before) || !isObject(value)) {
      // What only looks like a part of the list that it replaces.
      if (Array.isArray(before) && isObject(value) && isSplice(value)) without.push([name, true])
      over.push([name, value])
    } else {
      const inner = differenceOf(before, value)
      const isLess = isShorter(inner as unknown as Json, value)
      if (!isLess) without.push([name, true])
      else if (!isNothing(inner.without)) without.push([name, inner.without])
      if (!isLess || !isNothing(inner.over)) over.push([name, isLess ? inner.over : value])
    }
  }
  const isAll = without.every(([, each]) => each === true)
  return {
    without: isAll ? without.map(([name]) => name) : Object.fromEntries(without),
    over: Object.fromEntries(over),
  }
}

export function isNothing(value: Without | JsonObject): boolean {
  return value !== true && Object.keys(value).length === 0
}

/** What is kept of the beginning of a list, what comes then, and what is kept of its end. */
interface Splice extends JsonObject {
  readonly first: number
  readonly new: readonly Json[]
  readonly last: number
}

function spliceOf(from: readonly Json[], to: readonly Json[]): Json {
  const most = Math.min(from.length, to.length)
  let first = 0
  while (first < most && isSame(from[first], to[first])) first += 1
  let last = 0
  while (last < most - first && isSame(from.at(-1 - last), to.at(-1 - last))) last += 1
  const splice: Splice = {first, new: to.slice(first, to.length - last), last}
  return isShorter(splice, to) ? splice : to
}

function isSplice(value: JsonObject): value is Splice {
  const {first, new: between, last} = value
  return typeof first === 'number' && Array.isArray(between) && typeof last === 'number'
}

function isSame(a: Json | undefined, b: Json | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

function isShorter(a: Json, b: Json): boolean {
  return JSON.stringify(a).length < JSON.stringify(b).length
}

export function withDifference(from: JsonObject, {without, over}: Difference): JsonObject {
  const kept = Object.entries(from).flatMap(([name, value]) => {
    const [gone, more] = [partOf(without, name), memberOf(over, name)]
    if (gone === true) return more === undefined ? [] : [[name, more] as const]
    if (isObject(value) && (more === undefined || isObject(more)))
      return [[name, withDifference(value, {without: gone ?? [], over: more ?? {}})] as const]
    return [[name, more === undefined ? value : spliced(value, more)] as const]
  })
  const added = Object.entries(over).filter(([name]) => !Object.hasOwn(from, name))
  return Object.fromEntries([...kept, ...added])
}

function spliced(value: Json, more: Json): Json {
  if (!Array.isArray(value) || !isObject(more) || !isSplice(more)) return more
  const end = more.last > 0 ? value.slice(-more.last) : []
  return [...value.slice(0, more.first), ...more.new, ...end]
}

function memberOf(value: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(value, name) ? value[name] : undefined
}

function partOf(without: Without, name: string): Without | undefined {
  if (without === true) return true
  if (isNames(without)) return without.includes(name) ? true : undefined
  return Object.hasOwn(without, name) ? without[name] : undefined
}

function isNames(without: Without): without is readonly string[] {
  return Array.isArray(without)
}

export function isWithout(value: Json | Without): value is Without {
  if (value === true) return true
  if (Array.isArray(value)) return value.every(name => typeof name === 'string')
  return isObject(value as Json) && Object.values(value as JsonObject).every(isWithout)
}
