import {CannotLook, type ExecAnswer, type Host} from '../../host/host.ts'

/** A filesystem, as statfs(2) has it. */
export interface Filesystem {
  /** Of the filesystem, as the kernel numbers it. */
  readonly id: string
  /** The first of the paths that were asked about and lie on it. */
  readonly path: string
  /** Bytes that somebody who is not root may still write: a service cannot use the reserve. */
  readonly freeBytes: number
  readonly bytes: number
  readonly freeInodes: number
  /** 0 on filesystems that have no fixed number (btrfs, zfs). */
  readonly inodes: number
}

/**
 * The filesystems on which paths lie, each once; a path that is not there is passed over. stat(1)
 * of coreutils is asked, since df's columns are made for people.
 * @throws CannotLook where none of them could be asked about.
 */
export async function findFilesystems(
  host: Host,
  paths: readonly string[],
): Promise<readonly Filesystem[]> {
  // One question each: another path among them would make another question of all.
  const answers = await Promise.all(paths.map(path => askAbout(host, path)))
  const byId = new Map<string, Filesystem>()
  for (const [index, {stdout}] of answers.entries()) {
    const [path = ''] = paths.slice(index)
    const match = /^([0-9a-f]+) (\d+) (\d+) (\d+) (\d+) (\d+)$/.exec(stdout.trim())
    if (!match) continue
    const [, id = '', free, blocks, size, freeInodes, inodes] = match
    if (byId.has(id)) continue
    byId.set(id, {
      id,
      path,
      freeBytes: Number(free) * Number(size),
      bytes: Number(blocks) * Number(size),
      freeInodes: Number(freeInodes),
      inodes: Number(inodes),
    })
  }
  if (byId.size === 0 && answers.some(({stderr}) => /Permission denied/.test(stderr)))
    throw new CannotLook(`${paths.join(' and ')} may not be looked at by this user`, {
      privilege: true,
    })
  return [...byId.values()]
}

function askAbout(host: Host, path: string): Promise<ExecAnswer> {
  const argv = ['stat', '--file-system', '--format=%i %a %b %S %d %c', '--', path]
  return host.exec(argv, {question: `space of ${path}`})
}
