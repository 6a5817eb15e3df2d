import {posix} from 'node:path'
import {untold} from './start.ts'

/** A path as it is found in a directory; `untold` where nobody can tell. */
export function inDirectory(directory: string, path: string): string {
  if (path.startsWith('/')) return posix.normalize(path).replace(/(.)\/$/, '$1')
  return directory === untold ? untold : posix.join(directory, path).replace(/(.)\/$/, '$1')
}
