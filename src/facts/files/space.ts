import {CannotLook, type Host} from '../../host/host.ts'

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
export async function findFilesystems(host: Host, paths: readonly string[]): Promise<readonly Filesystem[]> {
  const format = '%i %a %b %S %d %c %n'
  const {stdout, stderr} = await host.exec(['stat', '--file-system', `--format=${format}`, '--', ...paths])
  const byId = new Map<string, Filesystem>()
  for (const line of stdout.split('\n')) {
    const match = /^([0-9a-f]+) (\d+) (\d+) (\d+) (\d+) (\d+) (.*)$/.exec(line)
    if (!match) continue
    const [, id = '', free, blocks, size, freeInodes, inodes, path = ''] = match
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
  if (byId.size === 0 && /Permission denied/.test(stderr))
    throw new CannotLook(`${paths.join(' and ')} may not be looked at by this user`, {privilege: true})
  return [...byId.values()]
}
