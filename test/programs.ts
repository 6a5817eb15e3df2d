import {accessSync, constants} from 'node:fs'
import {delimiter, join} from 'node:path'

/**
 * The path of a program that only some tests need, or null where it is not installed: those tests
 * are skipped then. In CI, which installs them all (`.ci/run`), a missing one is an error.
 */
export function installed(program: string): string | null {
  const directories = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin']
  const path = directories.map(directory => join(directory, program)).find(isExecutable)
  if (path === undefined && process.env.CI) throw new Error(`CI has no ${program}: see .ci/run`)
  return path ?? null
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
