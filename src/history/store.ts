import {keptFiles, removeFile} from '../host/local/kept-files.ts'
import {appendLine, readLines, replaceLines, setAside} from '../host/local/kept-lines.ts'
import {whileLocked} from '../host/local/lock.ts'
import {assertOwn, ownDirectory} from '../host/local/own-directory.ts'
import type {HistoryEvent} from '../report/report.ts'
import {type Bounds, bounded} from './bounds.ts'
import {
  type Baseline,
  type Entry,
  eventOf,
  holdsPicture,
  lineOf,
  parseSeen,
  pictureOf,
  type SeenWell,
  type Well,
} from './kept.ts'
import {ensureKey, type Key, readKey} from './key.ts'

/** The history of one unit, as it was read. */
export interface Kept {
  /** The newest first: by the order in which they were written, whatever the clock said. */
  readonly events: readonly HistoryEvent[]
  readonly baselines: Readonly<Record<Well, Baseline | null>>
  readonly seen: SeenWell
  /** Null where there is none yet. */
  readonly key: Key | null
  /** Lines that are not as they were written. */
  readonly damaged: number
}

/** What a run adds. */
export interface Addition {
  readonly entry: Entry | null
  readonly seen: SeenWell
}

/** Where histories are kept: root's alone. */
export interface Store {
  /**
   * Units of which there is a history.
   * @throws UsageError where others could write there.
   */
  units(): readonly string[]
  /**
   * @param most how many of the newest events are wanted, besides the pictures.
   * @throws UsageError where others could write there; an errno where it cannot be read.
   */
  read(unit: string, most?: number): Kept
  /**
   * Adds what a run found out. Another run may have written since this one read: it decides once
   * more, by what is there while nobody else writes.
   * @param kept as this run has read it.
   * @param now milliseconds since the epoch.
   * @returns `after`: what is there then; `note`: what is to be told of it, or null.
   * @throws an errno where it cannot be written.
   */
  add(unit: string, kept: Kept, decide: Decide, now: number): Added
}

type Decide = (kept: Kept, key: Key) => Addition

interface Added {
  readonly after: Kept
  readonly note: string | null
}

/** Below the directory of this tool. */
const name = 'history'

/** @param parent the directory of this tool. */
export function storeIn(parent: string, bounds?: Bounds): Store {
  const directory = `${parent}/${name}`
  const pathOf = (unit: string): string => `${directory}/${unit}.jsonl`
  const seenOf = (unit: string): string => `${directory}/${unit}.seen`
  const read: Store['read'] = (unit, most = 20) => {
    if (!isThere(parent) || !isThere(directory)) return nothingKept
    const {lines, damaged} = readLines(pathOf(unit))
    const seen = readLines(seenOf(unit))
    return {
      ...eventsOf(lines, most, parseSeen(seen.lines[0])),
      key: readKey(directory),
      damaged: damaged + seen.damaged,
    }
  }
  return {
    read,
    units() {
      if (!isThere(parent) || !isThere(directory)) return []
      return keptFiles(directory).flatMap(file => /^(.+)\.jsonl$/.exec(file.name)?.[1] ?? [])
    },
    add(unit, kept, decide, now) {
      ownDirectory(parent, name)
      // Where another run has written meanwhile, it is decided by what that has found.
      const isAsRead =
        JSON.stringify(parseSeen(readLines(seenOf(unit)).lines[0])) === JSON.stringify(kept.seen)
      const isSound = kept.damaged === 0 && isAsRead
      const quick = kept.key && isSound ? decide(kept, kept.key) : null
      if (quick?.entry === null) {
        if (JSON.stringify(quick.seen) !== JSON.stringify(kept.seen))
          replaceLines(seenOf(unit), [JSON.stringify(quick.seen)], {sync: false})
        return {after: {...kept, seen: quick.seen}, note: null}
      }
      const notes: string[] = []
      const done = whileLocked(`${directory}/lock`, () => {
        const {key, aside} = ensureKey(directory)
        if (aside)
          notes.push(
            `the key of the history was damaged, so that no secret can be compared with how it was; it is ${aside} now`,
          )
        const {damaged} = readLines(pathOf(unit))
        if (damaged > 0) notes.push(damagedNote(damaged, setAside(pathOf(unit))))
        if (readLines(seenOf(unit)).damaged > 0)
          notes.push(`when it was last well was damaged; it is ${setAside(seenOf(unit))} now`)
        const {entry, seen} = decide({...read(unit), key}, key)
        if (entry) appendLine(pathOf(unit), lineOf(entry))
        replaceLines(seenOf(unit), [JSON.stringify(seen)])
        if (entry) tidy(directory, pathOf(unit), now, bounds)
      })
      if (!done) notes.push('another run was writing the history, so this one is not in it')
      return {after: read(unit), note: notes.length > 0 ? notes.join('; ') : null}
    },
  }
}

const nothingKept: Kept = {
  events: [],
  baselines: {ok: null, warning: null},
  seen: {ok: null, warning: null},
  key: null,
  damaged: 0,
}

function isThere(path: string): boolean {
  try {
    assertOwn(path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

function damagedNote(count: number, aside: string): string {
  const [lines, are] =
    count === 1 ? ['one line', 'was damaged and does'] : [`${count} lines`, 'were damaged and do']
  return `${lines} of the history ${are} not count any more; the file as it was is ${aside}`
}

function eventsOf(
  lines: readonly string[],
  most: number,
  seen: SeenWell,
): Pick<Kept, 'events' | 'baselines' | 'seen'> {
  const events: HistoryEvent[] = []
  const baselines: Record<Well, Baseline | null> = {ok: null, warning: null}
  for (const line of lines.toReversed()) {
    const mayMatter = (!baselines.ok || !baselines.warning) && holdsPicture(line)
    if (events.length >= most && !mayMatter) continue
    const event = eventOf(line)
    if (!event) continue
    if (events.length < most) events.push(event)
    const {at, status} = event
    if (mayMatter && (status === 'ok' || status === 'warning'))
      baselines[status] ??= {event, picture: () => pictureOf(line), seen: seen[status] ?? at}
  }
  return {events, baselines, seen}
}

/** Keeps the directory within its bounds. */
function tidy(directory: string, path: string, now: number, bounds?: Bounds): void {
  const files = keptFiles(directory)
  const others = files.filter(file => file.path !== path)
  const {lines} = readLines(path)
  const {kept, remove} = bounded({lines, others, now}, bounds)
  for (const file of remove) removeFile(file)
  if (kept) replaceLines(path, kept)
}
