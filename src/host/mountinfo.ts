import {isBelow} from './path.ts'

export interface Mount {
  readonly point: string
  /** What of its filesystem is mounted; ends in "//deleted" when that was removed since. */
  readonly root: string
  /** Of its filesystem: `ext4`, `fuse.sshfs`. */
  readonly type: string
  readonly readOnly: boolean
  /** No program on it is executed. */
  readonly noExec: boolean
}

/** proc_pid_mountinfo(5): `408 363 0:103 /root /point rw,nosuid shared:1 - overlay source rw`. */
export function parseMountinfo(text: string): readonly Mount[] {
  return text.split('\n').flatMap(line => {
    const match = /^\d+ \d+ \S+ (\S+) (\S+) (\S+) (?:\S+ )*?- (\S+) \S+ (\S+)/.exec(line)
    if (!match) return []
    const [, root = '', point = '', options = '', type = '', superOptions = ''] = match
    const has = (option: string): boolean =>
      [options, superOptions].some(list => list.split(',').includes(option))
    const [readOnly, noExec] = [has('ro'), has('noexec')]
    return [{point: unescaped(point), root: unescaped(root), type, readOnly, noExec}]
  })
}

function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  )
}

/** The mount that a path lies on: the deepest, and of several at one point the last. */
export function mountOf(mounts: readonly Mount[], path: string): Mount | null {
  return mounts.reduce<Mount | null>(
    (best, mount) =>
      isBelow(path, mount.point) && mount.point.length >= (best?.point.length ?? 0) ? mount : best,
    null,
  )
}

const remote =
  /^(?:9p|afs|autofs|beegfs|ceph|cifs|coda|davfs|fuse|gfs2|glusterfs|lustre|ncpfs|nfs|ocfs2|smb|virtiofs)/

/** Whether a server or a program answers behind it, or nobody any more. */
export function isRemote({type}: Mount): boolean {
  return remote.test(type)
}
