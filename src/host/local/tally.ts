import type {CountedWalk, Entry, EntryKind, EntryType} from '../host.ts'

/**
 * What find(1) prints of an entry, ended by NUL; no path has two slashes in it. One format for all:
 * `-type l` goes by what readdir(3) said, `%y` by lstat(2), and an entry may become a link between.
 */
export const entryFormat = '%y%m %U %G %n %s %T@ %P//%l\\0'

/** What is kept of kinds, however many there are. */
export interface KindLimits {
  /** As many are told apart: a healthy directory has a handful. */
  readonly kinds: number
  /** As many entries of each are named. */
  readonly named: number
  /** Bytes of all those names; one entry of each kind is named whatever was named before. */
  readonly namedBytes: number
}

/** PATH_MAX (limits.h): whoever looks at a longer path has to go there step by step. */
const maxPath = 4096

export interface Tally {
  /** Takes one record, which has `entryFormat`. */
  add(bytes: Buffer, from: number, to: number): void
  count(): number
  answer(): Pick<CountedWalk, 'kinds' | 'unjudged'>
}

interface Kind extends Omit<EntryKind, 'count' | 'named'> {
  count: number
  readonly named: [Entry, ...Entry[]]
}

/** Counts entries by kind, and keeps none but the first of each. */
export function createTally(apart: readonly string[], most: KindLimits): Tally {
  const placeOf = placesIn(apart)
  const lengths = apart.map(path => Buffer.byteLength(path))
  const kinds = new Map<string, Kind>()
  let [count, bytesNamed, unjudged] = [0, 0, 0]
  const begin = (key: string, entry: Entry, compressed: boolean, place: number): void => {
    const {type, mode, uid, gid} = entry
    const of = {type, mode, uid, gid, compressed, apart: apart[place] ?? null}
    kinds.set(key, {...of, count: 1, named: [entry]})
  }
  return {
    add(bytes, from, to) {
      count += 1
      const at = partsOf(bytes, from, to)
      const size = at.end - at.path
      const compressed = isCompressed(bytes, at)
      const place = placeOf(bytes, at)
      const isPlace = size === lengths[place]
      const key = `${bytes.toString('latin1', from, at.nlink)}${compressed} ${place} ${isPlace}`
      const kind = kinds.get(key)
      if (!kind && (kinds.size >= most.kinds || size > maxPath)) {
        unjudged += 1
        return
      }
      if (kind) kind.count += 1
      if (kind && (kind.named.length >= most.named || bytesNamed + size > most.namedBytes)) return
      bytesNamed += size
      if (kind) kind.named.push(entryAt(bytes, at))
      else begin(key, entryAt(bytes, at), compressed, place)
    },
    count: () => count,
    answer: () => ({kinds: [...kinds.values()], unjudged}),
  }
}

/** Where the parts of a record begin, and where its path ends. */
interface Parts {
  readonly from: number
  readonly nlink: number
  readonly path: number
  readonly end: number
  readonly to: number
}

const [blank, slash, dot] = [0x20, 0x2f, 0x2e]

function partsOf(bytes: Buffer, from: number, to: number): Parts {
  let [path, nlink] = [from, from]
  for (let blanks = 0; blanks < 6; path += 1) {
    if (path >= to) throw new Error('find printed a record of another form')
    if (bytes[path] !== blank) continue
    blanks += 1
    if (blanks === 3) nlink = path + 1
  }
  return {from, nlink, path, end: endOf(bytes, path, to), to}
}

/** Whatever the rest of this record holds, it is never sought in the next. */
function endOf(bytes: Buffer, path: number, to: number): number {
  for (let at = path; at + 1 < to; at += 1)
    if (bytes[at] === slash && bytes[at + 1] === slash) return at
  return to
}

/** Which of the directories an entry is or lies in, the innermost first; -1 for none. */
function placesIn(apart: readonly string[]): (bytes: Buffer, at: Parts) => number {
  const places = apart
    .map((path, index) => ({index, name: Buffer.from(path)}))
    .sort((a, b) => b.name.length - a.name.length)
  return (bytes, {path, end}) => {
    const isIn = ({name}: {readonly name: Buffer}): boolean => {
      const after = path + name.length
      if (after > end || (after < end && bytes[after] !== slash)) return false
      let at = 0
      while (at < name.length && bytes[path + at] === name[at]) at += 1
      return at === name.length
    }
    return places.find(isIn)?.index ?? -1
  }
}

/** .gz or .br */
function isCompressed(bytes: Buffer, {end}: Parts): boolean {
  if (bytes[end - 3] !== dot) return false
  const ending = bytes.toString('latin1', end - 2, end)
  return ending === 'gz' || ending === 'br'
}

const types: Readonly<Record<string, EntryType>> = {
  f: 'file',
  d: 'directory',
  l: 'symlink',
  p: 'fifo',
  s: 'socket',
  b: 'device',
  c: 'device',
}

/** The entry that a record with `entryFormat` tells of. */
export function entryOf(bytes: Buffer, from: number, to: number): Entry {
  return entryAt(bytes, partsOf(bytes, from, to))
}

function entryAt(bytes: Buffer, {from, path, end, to}: Parts): Entry {
  const head = bytes.toString('latin1', from + 1, path)
  const [mode = '', uid, gid, nlink, size, mtime] = head.split(' ')
  const type = types[String.fromCharCode(bytes[from] ?? 0)] ?? 'device'
  return {
    path: bytes.toString('utf8', path, end),
    type,
    mode: Number.parseInt(mode, 8),
    uid: Number(uid),
    gid: Number(gid),
    nlink: Number(nlink),
    size: Number(size),
    mtime: Math.round(Number(mtime) * 1000),
    ...(type === 'symlink' && {link: bytes.toString('utf8', end + 2, to)}),
  }
}
