import {isObject, type Json, type JsonObject} from '../src/host/json.ts'
import {packed, unpacked} from '../src/host/packed.ts'
import type {Recording} from '../src/host/recording.ts'

/**
 * A machine that was recorded again says the same with other times, process ids and random values.
 * What differs in nothing else is taken from a recording of before, so that a difference shows what
 * a fault changed and not when it was recorded.
 *
 * What names something (a process, a start of a unit, a secret, a path of the store) gets the name
 * that it had before, wherever it stands: what was equal is equal still. With `moved` times move by
 * as much as the machine was recorded later: it is the same machine, recorded again.
 */
export function settled(
  fresh: Recording,
  before: Recording,
  {moved}: {readonly moved: boolean},
): Recording {
  const later =
    Math.round((Date.parse(fresh.recordedAt) - Date.parse(before.recordedAt)) / 1000) * 1000
  const known = packed(before.answers)
  const answers = packed(fresh.answers)
  const recent = moved ? moveTimes(answers, later, Date.parse(fresh.recordedAt)) : answers
  const renamed = rename(recent as JsonObject, known)
  return {
    ...fresh,
    recordedAt: moved ? before.recordedAt : fresh.recordedAt,
    answers: unpacked(settle(renamed, known) as JsonObject),
  }
}

/** Members that hold a time, a device, how long something took, or how many are connected. */
const volatile = /^(?:at|mtime|dev|tookMs|used|roleUsed|databaseUsed)$/

function settle(fresh: Json, before: Json | undefined, name = ''): Json {
  if (typeof fresh === 'string')
    return typeof before === 'string' && steady(fresh) === steady(before) ? before : fresh
  if (typeof fresh === 'number')
    return typeof before === 'number' && volatile.test(name) ? before : fresh
  if (Array.isArray(fresh)) return Array.isArray(before) ? settleList(fresh, before, name) : fresh
  if (!isObject(fresh) || !isObject(before)) return fresh
  const members = Object.entries(fresh).map(
    ([key, value]) => [key, settle(value, before[key], key)] as const,
  )
  const all: JsonObject = Object.fromEntries(members)
  // The sum of a page in which only what is random differs; what a directory takes.
  if ('body' in all && isSame(all.body, before.body))
    return {...all, md5: before.md5 ?? null, size: before.size ?? null}
  return all.type === 'directory' && before.type === 'directory'
    ? {...all, size: before.size ?? null}
    : all
}

function settleList(fresh: readonly Json[], before: readonly Json[], name: string): Json {
  // Of a journal all or nothing: its lines go with who wrote them, and when.
  if (isJournal(fresh)) return isSame(linesIn(fresh), linesIn(before)) ? before : fresh
  const partners = partnersOf(fresh, before, name, steady)
  const all = fresh.map((item: Json, index) => settle(item, partners[index], name))
  const isReordered = all.every(isListed) && isSame([...all].sort(), [...before].sort())
  return isReordered ? before : all
}

function isSame(a: Json | undefined, b: Json | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/** Writers before their lines (src/host/packed.ts). */
function isJournal(list: readonly Json[]): boolean {
  return isObject(list[0]) && 'at' in list[0] && typeof list[1] === 'string'
}

/**
 * What a journal says, whichever worker says it, and in which order: workers that end at once do
 * not wait for another, and gunicorn may see one go before it can say so.
 */
function linesIn(journal: readonly Json[]): readonly string[] {
  const lines = journal.filter(item => typeof item === 'string').map(nameless)
  return lines.filter(line => !line.endsWith('was sent SIGTERM!')).sort()
}

/** A line of ss or of mountinfo, which the kernel lists in any order. */
function isListed(line: Json): boolean {
  return typeof line === 'string' && /^$|^(?:u_str|u_dgr|tcp) |^\d+ \d+ \d+:\d+ \//.test(line)
}

/**
 * What each item of a list was before: in the same place, or counted from either end where some
 * came or went.
 */
function partnersOf(
  fresh: readonly Json[],
  before: readonly Json[],
  name: string,
  mask: (text: string) => string,
): readonly (Json | undefined)[] {
  const isLike = (value: Json | undefined, known: Json | undefined): boolean =>
    value !== undefined &&
    known !== undefined &&
    isSame(maskedIn(value, mask), maskedIn(known, mask))
  if (name === '\n' && fresh.every(isListed)) {
    const left = [...before]
    return fresh.map(item => {
      const at = left.findIndex(each => isLike(item, each))
      return at < 0 ? undefined : left.splice(at, 1)[0]
    })
  }
  if (fresh.length === before.length) return before
  const gone = before.length - fresh.length
  let first = 0
  while (isLike(fresh[first], before[first])) first += 1
  let from = fresh.length
  while (from > first && from + gone > first && isLike(fresh[from - 1], before[from - 1 + gone]))
    from -= 1
  return fresh.map((_, index) => {
    if (index < first) return before[index]
    return index >= from ? before[index + gone] : undefined
  })
}

function maskedIn(value: Json, mask: (text: string) => string, name = ''): Json {
  if (typeof value === 'string') return mask(value)
  if (typeof value === 'number') return volatile.test(name) ? 0 : value
  if (Array.isArray(value)) return value.map((item: Json) => maskedIn(item, mask, name))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, maskedIn(item, mask, key)]),
  )
}

/** Times as programs write them: systemd, Python and PostgreSQL; an access log; HTTP. */
const times = [
  /(?:(Mon|Tue|Wed|Thu|Fri|Sat|Sun) )?(\d{4}-\d\d-\d\d)([T ])(\d\d:\d\d:\d\d)/g,
  /(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d:\d\d:\d\d)/g,
  /(Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d:\d\d:\d\d)/g,
] as const

/** What is another one each time and names nothing, with what stands before it. */
const random = [
  // The milliseconds of a line of the journal, and what took time.
  /(^)\+\d+ /g,
  /(\bConsumed ).* CPU time.*$/g,
  // Of a page: Django's token, nginx's etag.
  /((?:csrftoken=|name="csrfmiddlewaretoken" value="))[A-Za-z0-9]{32,64}/g,
  /(^")[0-9a-f]+-[0-9a-f]+(?="$)/g,
  // Of a process: the stream to the journal, its own /tmp.
  /(JOURNAL_STREAM=)\d+:\d+/g,
  /(\bsystemd-private-)[0-9a-f]{32}/g,
  /(\.service-)[A-Za-z0-9]{6}(?=\/tmp )/g,
  // ss: what stands for a Unix socket, who waits, and descriptors.
  /((?<=^u_\w+ +\w+ +\d+ +\d+ +\S+ ))\d+/g,
  /((?<=^\S+ +(?:LISTEN|UNCONN) ))\d+/g,
  /(\bfd=)\d+/g,
  // mountinfo: the mount, its parent, the device, the peers, and what is mounted over a file.
  /(^)\d+ \d+ \d+:\d+ (?=\/)/g,
  /(\b(?:shared|master|propagate_from):)\d+/g,
  /(\/\.#[\w-]+?)[0-9a-f]{16}(?=\/)/g,
  // stat --file-system: the filesystem and what is left of it.
  /(^)[0-9a-f]{8,16} \d+ \d+ 4096 \d+ \d+$/gm,
] as const

/** What names something: a secret, a start of a unit, a path of the store. */
const names = [
  /(\bredacted-)[0-9a-f]{8}\b/g,
  /((?<![\w/-]))[0-9a-f]{32}\b/g,
  /(\/nix\/store\/)[0-9a-z]{32}(?=-)/g,
] as const

const inWords =
  /(\bpid[ =:]+|\bPID[ =]|\/proc\/|^(?:\+\d+ )?\[[^\]]*\] \[|_PID=|\((?=\d+\)$))(\d+)/gi

/** Where a text has process ids; cgroup.procs holds nothing else. */
function processesIn(text: string): RegExp {
  return /^(?:\d+\n)+$/.test(text) ? /(^)(\d+)$/gm : inWords
}

/** A text without what is another one each time. */
function steady(text: string): string {
  let left = text
  for (const pattern of times) left = left.replace(pattern, '<time>')
  left = left.replace(/(<time>)[.,]\d+/g, '$1')
  for (const pattern of random) left = left.replace(pattern, '$1<random>')
  // ss fills its columns.
  if (/^(?:u_|tcp )/.test(left)) return left.replace(/ +/g, ' ').trimEnd()
  // systemd lists units in any order.
  return /^\S+\.(?:service|socket|target|mount|slice)(?: |$)/.test(left)
    ? left.split(' ').sort().join(' ')
    : left
}

/** And without what names something. */
function nameless(text: string): string {
  let left = text.replace(processesIn(text), '$1<pid>')
  for (const pattern of names) left = left.replace(pattern, '$1<name>')
  return steady(left)
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
/** Milliseconds: what is older was there before the machine was. */
const recently = 86_400_000

/** Every time of the last day, so many milliseconds (whole seconds) earlier. */
function moveTimes(value: Json, by: number, now: number, name = ''): Json {
  if (typeof value === 'string') return movedText(value, by, now)
  if (typeof value === 'number')
    return /^(?:at|mtime)$/.test(name) && now - value < recently ? value - by : value
  if (Array.isArray(value)) return value.map((item: Json) => moveTimes(item, by, now, name))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, moveTimes(item, by, now, key)]),
  )
}

function movedText(text: string, by: number, now: number): string {
  const moved = (date: string, time: string): Date | null => {
    const at = Date.parse(`${date}T${time}Z`)
    // Wall clocks of any zone.
    return Number.isNaN(at) || Math.abs(now - at) > recently ? null : new Date(at - by)
  }
  const two = (number: number): string => String(number).padStart(2, '0')
  const dateOf = (day: string, month: string, year: string): string =>
    `${year}-${two(months.indexOf(month) + 1)}-${day}`
  const clock = (date: Date): string => date.toISOString().slice(11, 19)
  const [iso, log, http] = times
  return text
    .replace(iso, (whole, day: string | undefined, date: string, between: string, time: string) => {
      const to = moved(date, time)
      const weekday = day === undefined ? '' : `${to && days[to.getUTCDay()]} `
      return to ? `${weekday}${to.toISOString().slice(0, 10)}${between}${clock(to)}` : whole
    })
    .replace(log, (whole, day: string, month: string, year: string, time: string) => {
      const to = moved(dateOf(day, month, year), time)
      return to
        ? `${two(to.getUTCDate())}/${months[to.getUTCMonth()]}/${to.getUTCFullYear()}:${clock(to)}`
        : whole
    })
    .replace(http, (whole, _, day: string, month: string, year: string, time: string) => {
      const to = moved(dateOf(day, month, year), time)
      return to ? to.toUTCString().replace(/ GMT$/, '') : whole
    })
}

type Names = Map<string, string>

/** Gives what has a name the one that it had before. */
function rename(fresh: JsonObject, before: JsonObject): JsonObject {
  const pids: Names = new Map()
  const others: Names = new Map()
  // Who runs is known by the units and by who listens; only then do names of files below /proc mean
  // the same.
  for (const kind of ['unit', 'exec', 'readFile'])
    align(fresh[kind] ?? null, before[kind], alignProcesses(pids))
  const byProcess = renamed(fresh, permutation(pids), others)
  align(byProcess, before, alignNames(others))
  return renamed(byProcess, new Map(), others) as JsonObject
}

type Align = (text: string, known: string, member: string) => void

/** Calls for each text that has a partner in the other. */
function align(value: Json, known: Json | undefined, each: Align, member = ''): void {
  if (typeof value === 'string' && typeof known === 'string') each(value, known, member)
  else if (Array.isArray(value) && Array.isArray(known)) {
    const partners = partnersOf(value, known, member, nameless)
    for (const [index, item] of value.entries()) align(item, partners[index], each, member)
  } else if (isObject(value) && isObject(known)) {
    for (const [key, item] of Object.entries(value)) align(item, known[key], each, key)
  }
}

function pair(found: Names, from: string | undefined, to: string | undefined): void {
  if (from === undefined || to === undefined || found.has(from) || [...found.values()].includes(to))
    return
  found.set(from, to)
}

const isProcess = (member: string): boolean => member === 'MainPID' || member === 'ControlPID'

function alignProcesses(found: Names): Align {
  return (text, known, member) => {
    if (isProcess(member) && text !== '0' && known !== '0') return pair(found, text, known)
    if (nameless(text) !== nameless(known)) return
    const said = [...known.matchAll(processesIn(known))]
    for (const [index, [, , pid]] of [...text.matchAll(processesIn(text))].entries())
      pair(found, pid, said[index]?.[2])
  }
}

function alignNames(found: Names): Align {
  return (text, known) => {
    if (nameless(text) !== nameless(known)) return
    for (const pattern of names) {
      const said = [...known.matchAll(pattern)]
      for (const [index, [token]] of [...text.matchAll(pattern)].entries())
        pair(found, token, said[index]?.[0])
    }
  }
}

/** A number that another process has now goes to one that lost its own. */
function permutation(found: Names): ReadonlyMap<string, string> {
  const taken = new Set(found.values())
  const homeless = [...taken].filter(pid => !found.has(pid))
  const free = [...found.keys()].filter(pid => !taken.has(pid))
  return new Map([...found, ...homeless.map((pid, index) => [pid, free[index] ?? pid] as const)])
}

function renamed(
  value: Json,
  pids: ReadonlyMap<string, string>,
  others: ReadonlyMap<string, string>,
  member = '',
): Json {
  const inText = (text: string): string => {
    let left = text.replace(
      processesIn(text),
      (_, before: string, pid: string) => `${before}${pids.get(pid) ?? pid}`,
    )
    for (const pattern of names) left = left.replace(pattern, token => others.get(token) ?? token)
    return left
  }
  if (typeof value === 'string')
    return isProcess(member) ? (pids.get(value) ?? value) : inText(value)
  if (typeof value === 'number')
    return member === 'pid' ? Number(pids.get(String(value)) ?? value) : value
  if (Array.isArray(value)) return value.map((item: Json) => renamed(item, pids, others, member))
  if (!isObject(value)) return value
  const members = Object.entries(value).map(
    ([key, item]) => [inText(key), renamed(item, pids, others, key)] as const,
  )
  return Object.fromEntries(members)
}
