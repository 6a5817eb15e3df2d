import {CannotLook, type Entry, type EntryType, type WalkAnswer} from '../host.ts'
import {exec} from './exec.ts'

/** More entries than this are not listed: a state directory is not a mail spool. */
const maxEntries = 400_000

const types: Readonly<Record<string, EntryType>> = {
  f: 'file',
  d: 'directory',
  l: 'symlink',
  p: 'fifo',
  s: 'socket',
  b: 'device',
  c: 'device',
}

/**
 * find(1) in its own process: it opens each directory relative to the one above without following
 * links, cannot hang us on a dead mount, and walks 100,000 entries several times faster than
 * node:fs would. Names are NUL-terminated, so that newlines in them are only bytes.
 */
export async function walk(root: string): Promise<WalkAnswer> {
  const format = '%y %m %U %G %n %s %T@ %P\\0%l\\0'
  const answer = await exec(['find', '-P', root, '-xdev', '-mindepth', '1', '-printf', format], {
    timeout: 20_000,
  })
  const unreadable = answer.stderr
    .split('\n')
    .filter(line => line !== '')
    .map(unreadablePath)
  if (answer.exitCode !== 0 && unreadable.includes(root)) {
    throw new CannotLook(`${root} may not be read by this user`, {privilege: true})
  }
  const fields = answer.stdout.split('\0')
  const entries: Entry[] = []
  for (let index = 0; index + 1 < fields.length && entries.length < maxEntries; index += 2) {
    const entry = parseEntry(fields[index] ?? '', fields[index + 1] ?? '')
    if (entry) entries.push(entry)
  }
  return {entries, unreadable, truncated: entries.length >= maxEntries}
}

function parseEntry(head: string, link: string): Entry | null {
  const match = /^(\S) (\d+) (\d+) (\d+) (\d+) (\d+) (-?[\d.]+) (.*)$/s.exec(head)
  if (!match) return null
  const [, type = '', mode = '', uid, gid, nlink, size, mtime, path = ''] = match
  return {
    path,
    type: types[type] ?? 'device',
    mode: Number.parseInt(mode, 8),
    uid: Number(uid),
    gid: Number(gid),
    nlink: Number(nlink),
    size: Number(size),
    mtime: Math.round(Number(mtime) * 1000),
    ...(type === 'l' && {link}),
  }
}

/** `find: '/x/y': Permission denied` */
function unreadablePath(line: string): string {
  return /^\S*find: [‘'](.*)[’']: /.exec(line)?.[1] ?? line
}
