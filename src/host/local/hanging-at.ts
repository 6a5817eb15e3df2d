import {readFileSync} from 'node:fs'
import {isRemote, type Mount, mountOf, parseMountinfo} from '../mountinfo.ts'

/**
 * What hangs where a path does not answer: the mount of a server that is gone, or as far as anybody
 * knows the path and what is below it.
 */
export function hangingAt(path: string): {readonly place: string; readonly said: string} {
  const mount = mountOf(ownMounts(), path)
  if (!mount || !isRemote(mount)) return {place: path, said: path}
  return {place: mount.point, said: `the file system at ${mount.point} (${mount.type})`}
}

/** The mounts as this process sees them; none where the kernel does not tell. */
export function ownMounts(): readonly Mount[] {
  try {
    return parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8'))
  } catch {
    return []
  }
}
