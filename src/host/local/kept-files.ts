import {readdirSync, rmSync, statSync} from 'node:fs'
import {isMissing} from './kept-lines.ts'

export interface KeptFile {
  readonly path: string
  readonly name: string
  readonly size: number
  /** Milliseconds since the epoch. */
  readonly mtime: number
}

/** The files of a directory; none where there is no directory. */
export function keptFiles(directory: string): readonly KeptFile[] {
  let names: readonly string[]
  try {
    names = readdirSync(directory)
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
  return names.flatMap(name => {
    const path = `${directory}/${name}`
    const found = statSync(path, {throwIfNoEntry: false})
    return found?.isFile() ? [{path, name, size: found.size, mtime: found.mtimeMs}] : []
  })
}

export function removeFile(path: string): void {
  rmSync(path, {force: true})
}
