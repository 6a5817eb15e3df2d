import {execFileSync} from 'node:child_process'
import {closeSync, openSync} from 'node:fs'

/** Whether this test may make a mount of FUSE. */
export const hasFuse = process.geteuid?.() === 0 && isOpened()

function isOpened(): boolean {
  try {
    closeSync(openSync('/dev/fuse', 'r+'))
    return true
  } catch {
    return false
  }
}

/**
 * A mount that another user made there: without allow_other nobody but that user may look at it, not
 * even root, and nobody answers behind it.
 */
export async function withClosedMount(
  path: string,
  act: () => void | Promise<void>,
): Promise<void> {
  const fuse = openSync('/dev/fuse', 'r+')
  try {
    const options = 'fd=3,rootmode=40000,user_id=65534,group_id=65534'
    execFileSync('mount', ['-i', '-t', 'fuse', '-o', options, 'none', path], {
      stdio: ['ignore', 'ignore', 'inherit', fuse],
    })
    try {
      await act()
    } finally {
      execFileSync('umount', ['-i', path])
    }
  } finally {
    closeSync(fuse)
  }
}
