import type {Change, HistoryReport, Report} from '../report.ts'
import {failing, rootsOf} from './cause.ts'
import {repeats} from './words.ts'

/** What is told of changes, whatever it is told in. */
export interface Told {
  /** Those that matter most, and that no message has named already. */
  readonly first: readonly Alike[]
  /** How many others there are. */
  readonly more: number
  /** What had changed before, while nothing was wrong: where what came after explains nothing. */
  readonly before: readonly {readonly at: string; readonly change: Change}[]
}

/** Changes of which one line tells: what came with, or went with, one thing. */
type Alike = readonly [Change, ...Change[]]

/** At least so many, where there are as many: what no check connects with a failure may cause it. */
const least = 3

/** At most so many: who reads them is tired. */
const most = 5

/** Null where there is nothing to compare with, or nothing is wrong. */
export function toldChanges(
  report: Report,
  {all = false}: {readonly all?: boolean} = {},
): Told | null {
  const {history, status} = report
  if (!history?.comparedWith || status === 'ok') return null
  const said = rootsOf(report)
    .flatMap(failing)
    .map(({message}) => message)
    .join(' ')
  const news = history.changes.filter(change => !isNamed(change, said))
  const near = new Set(report.checks.flatMap(({changes = []}) => changes.map(({name}) => name)))
  const close = news.filter(({name}) => near.has(name)).length
  const lines = all ? news.map((change): Alike => [change]) : grouped(news)
  const isClose = ([{name}]: Alike): boolean => near.has(name)
  const wanted = Math.min(most, Math.max(least, lines.filter(isClose).length))
  const first = all ? lines : lines.slice(0, wanted)
  return {
    first,
    more: news.length - first.flat().length + history.more,
    before: close === 0 && history.changes.length === news.length ? earlier(history) : [],
  }
}

/** So many of a kind are told in one line. */
const many = 3

/**
 * The first stands alone; of the others, what is new or gone below one name is one line where there
 * is much of it.
 */
function grouped([first, ...others]: readonly Change[]): readonly Alike[] {
  if (!first) return []
  const byParent = Map.groupBy(others, change =>
    change.kind === 'changed' ? change : `${change.kind} ${parentOf(change)}`,
  )
  const groups = [...byParent.values()].flatMap((changes): readonly Alike[] => {
    const [one, ...rest] = changes
    if (!one) return []
    return changes.length < many ? changes.map(each => [each]) : [[one, ...rest]]
  })
  return [[first], ...groups]
}

function parentOf({name}: Change): string {
  return name.slice(0, Math.max(0, name.lastIndexOf('/')))
}

/** A message that names the thing, with the value that it had and the one that it has. */
function isNamed({name, old, new: now, secret}: Change, said: string): boolean {
  // That it is not what it was, or is there no more, is the news.
  if (secret) return false
  const last = name.split('/').at(-1) ?? name
  return repeats([last, old, now].filter(part => part !== null).join(' '), said)
}

/** Milliseconds: what changed longer ago has been well for too long. */
const recent = 7 * 86_400_000

/**
 * What a program had read long since may only count after a restart. What was changed and changed
 * back is as it was.
 */
function earlier({comparedWith, events}: HistoryReport): Told['before'] {
  const then = Date.parse(comparedWith?.at ?? '')
  const past = events.flatMap(({status, at, changes}, index) => {
    if (status !== 'ok' || then - Date.parse(at) > recent) return []
    const from = events[index + 1]?.at
    return changes.map(change => ({at: timeWithin(change.at, from, at), change}))
  })
  const byName = Map.groupBy(past, ({change}) => change.name)
  return [...byName.values()]
    .flatMap(([newest, ...older]) => {
      const old = (older.at(-1) ?? newest)?.change.old ?? null
      if (!newest || isBack(newest.change, old, older.length)) return []
      return [{at: newest.at, change: {...newest.change, old}}]
    })
    .slice(0, least)
}

function isBack({new: now, secret}: Change, old: string | null, before: number): boolean {
  return before > 0 && !secret && old === now
}

/** When it changed, if that lies between two looks: files keep old times when they are copied. */
function timeWithin(at: string | null, from: string | undefined, to: string): string {
  const isWithin = at !== null && at <= to && (from === undefined || at >= from)
  return isWithin ? at : to
}

/** One line of what is told: "pg_database/shop/*: 12 gone (datacl, encoding, ...)". */
export function alikeText([change, ...others]: Alike): string {
  if (others.length === 0) return changeText(change)
  const names = [change, ...others].map(({name}) => name.slice(parentOf(change).length + 1))
  const word = change.kind === 'added' ? 'new' : 'gone'
  const shown = names.slice(0, many).join(', ')
  const rest = names.length > many ? ', …' : ''
  return `${parentOf(change)}/*: ${names.length} ${word} (${shown}${rest})`
}

/** "unit/MemoryMax: 512M → 64M", "environment/SECRET_KEY: changed". */
export function changeText({name, kind, old, new: now}: Change): string {
  if (kind === 'added') return `${name}: new${now === null ? '' : `, ${cut(now)}`}`
  if (kind === 'removed') return `${name}: gone${old === null ? '' : `, was ${cut(old)}`}`
  if (old === null || now === null) return `${name}: changed`
  const [before, after] = contrast(old, now)
  return `${name}: ${before} → ${after}`
}

/** Characters of a value on a screen. */
const longest = 60

function cut(text: string): string {
  return quoted(text.length > longest ? `${text.slice(0, longest)}…` : text)
}

/** An empty value would not be seen. */
function quoted(text: string): string {
  return text.trim() === '' ? 'not set' : text
}

/** Two long values, without most of what they have in common. */
export function contrast(old: string, now: string): readonly [string, string] {
  if (old.length <= longest && now.length <= longest) return [quoted(old), quoted(now)]
  const shorter = Math.min(old.length, now.length)
  let start = 0
  while (start < shorter && old[start] === now[start]) start += 1
  let end = 0
  while (end < shorter - start && old.at(-1 - end) === now.at(-1 - end)) end += 1
  // The word before says what it is, often an option.
  const from = wordBefore(old, wordBefore(old, start) - 1)
  const to = wordAfter(old, old.length - end) - old.length
  return [between(old, from, to), between(now, from, to)]
}

function wordBefore(text: string, at: number): number {
  return at <= 0 ? 0 : text.lastIndexOf(' ', at - 1) + 1
}

function wordAfter(text: string, at: number): number {
  const space = text.indexOf(' ', at)
  return space < 0 ? text.length : space
}

/** @param to zero or less, from the end. */
function between(text: string, from: number, to: number): string {
  const middle = text.slice(from, text.length + to)
  return `${from > 0 ? '…' : ''}${cut(middle)}${to < 0 ? '…' : ''}`
}

/** What it was then, as the end of "since it …". */
export function wasThen({comparedWith}: HistoryReport): string {
  return comparedWith?.status === 'warning' ? 'was not as bad' : 'was last healthy'
}

/** When it changed: only where that can be, since files keep old times when they are copied. */
export function changedAt({at}: Change, {comparedWith}: HistoryReport, now: string): string | null {
  if (at === null || !comparedWith) return null
  const time = Date.parse(at)
  return time >= Date.parse(comparedWith.at) - minute && time <= Date.parse(now) + minute
    ? at
    : null
}

/** A run takes a while, and looks at the clock once. */
const minute = 60_000
