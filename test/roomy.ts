import {statfsSync} from 'node:fs'
import {tmpdir} from 'node:os'

/**
 * Where thousands of files are quickly made: in memory where there is room, unless TMPDIR is set.
 */
export function roomyDirectory(): string {
  if (process.env.TMPDIR !== undefined) return tmpdir()
  const memory = '/dev/shm'
  try {
    const {bavail, bsize} = statfsSync(memory)
    if (bavail * bsize > 512 * 1024 * 1024) return memory
  } catch {
    // This machine has none.
  }
  return tmpdir()
}
