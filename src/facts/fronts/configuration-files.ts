import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'

/** How the files of one server's configuration are read. */
export interface Reading {
  readonly host: Host
  /** Where relative includes start. */
  readonly directory: string
  /** Their text by path where the server itself printed them; else they are read. */
  readonly texts: ReadonlyMap<string, string> | null
  /** So many more are read: a file that includes itself ends there. */
  left: number
  /** What could not be read. */
  readonly unread: string[]
}

/** More files than this are not read. */
export const maxFiles = 300

/** What a server has printed may be included as often: many locations share their parameters. */
export const maxPrinted = 2000

/** The text of one file; null where it cannot be read, which is noted. */
export async function textOf(reading: Reading, file: string): Promise<string | null> {
  reading.left -= 1
  if (reading.left >= 0) {
    const printed = reading.texts?.get(file)
    if (printed !== undefined) return printed
    const answer = reading.texts ? null : await ifSeen(reading.host.readFile(file))
    if (answer?.kind === 'file') return answer.text
  }
  reading.unread.push(file)
  return null
}

/**
 * The files that a glob(7) pattern names, sorted; a pattern without wildcards names itself. Where a
 * directory cannot be listed, the pattern is noted as unread.
 */
export async function filesOf(reading: Reading, pattern: string): Promise<readonly string[]> {
  const path = pattern.startsWith('/') ? pattern : `${reading.directory}/${pattern}`
  if (!/[*?[]/.test(path)) return [path]
  if (reading.texts) {
    const matching = new RegExp(`^${path.split('/').map(globbed).join('/')}$`)
    return [...reading.texts.keys()].filter(file => matching.test(file))
  }
  let found: readonly string[] = ['']
  for (const part of path.split('/').slice(1)) {
    if (!/[*?[]/.test(part)) found = found.map(parent => `${parent}/${part}`)
    else
      found = (await Promise.all(found.map(parent => matches(reading, parent, part, path)))).flat()
  }
  return found
}

async function matches(
  {host, unread}: Reading,
  parent: string,
  part: string,
  pattern: string,
): Promise<readonly string[]> {
  const names = await ifSeen(host.list(parent || '/'))
  // A pattern that matches nothing is no error, nor is one whose directory is not there.
  if (names === null && (await ifSeen(host.stat(parent || '/'))) !== null) unread.push(pattern)
  const matching = new RegExp(`^${globbed(part)}$`)
  return (names ?? [])
    .filter(name => matching.test(name) && !name.startsWith('.'))
    .map(name => `${parent}/${name}`)
}

/**
 * One component of a pattern as a regular expression; brackets that are no list of characters, as
 * `[` alone or `[z-a]`, stand for themselves.
 */
function globbed(part: string): string {
  return part.replace(/\[[!^]?\]?[^\]]*\]|[.+^${}()|\\*?[\]]/g, mark => {
    if (mark === '*') return '[^/]*'
    if (mark === '?') return '[^/]'
    const inner = mark
      .slice(1, -1)
      .replace(/[\\\][^]/g, '\\$&')
      .replace(/^(?:!|\\\^)/, '^')
    const list = `[${inner}]`
    return mark.length > 1 && isPattern(list) ? list : mark.replace(/[.+^${}()|\\*?[\]]/g, '\\$&')
  })
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text)
    return true
  } catch {
    return false
  }
}
