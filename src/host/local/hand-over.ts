import {existsSync, readdirSync, rmSync, writeFileSync} from 'node:fs'
import {CannotLook} from '../host.ts'
import {ownDirectory} from './own-directory.ts'

/** What is handed to systemd in files lies here while a program starts. */
export const handOverDirectory = '/run/prism-doctor'

/** Files that systemd reads for one transient unit; root's alone. */
export interface HandOver {
  /**
   * @returns the path of a new file with this content.
   * @throws an errno where it cannot be written.
   */
  write(content: string | Buffer): string
  /** Removes them all. */
  forget(): void
}

/**
 * For the transient unit of that name.
 * @throws CannotLook where the directory cannot be made or is not root's alone.
 */
export function handOverFor(name: string): HandOver {
  const directory = openDirectory()
  const files: string[] = []
  return {
    write(content) {
      const path = `${directory}/${name}.${files.length}`
      files.push(path)
      writeFileSync(path, content, {mode: 0o600, flag: 'wx'})
      return path
    },
    forget() {
      for (const path of files) rmSync(path, {force: true})
    },
  }
}

/** The directory, without what a run has left there that was killed. */
function openDirectory(): string {
  try {
    const path = ownDirectory(handOverDirectory)
    for (const name of readdirSync(path)) {
      const [, pid] = /^prism-doctor-(\d+)-/.exec(name) ?? []
      if (pid !== undefined && !existsSync(`/proc/${pid}`)) rmSync(`${path}/${name}`, {force: true})
    }
    return path
  } catch (error) {
    const {code, message} = error as NodeJS.ErrnoException
    throw new CannotLook(
      code === undefined ? message : `${handOverDirectory} cannot be made or read: ${code}`,
    )
  }
}
