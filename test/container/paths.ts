import {createHash} from 'node:crypto'
import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'

const here = import.meta.dirname
export const repository = join(here, '..', '..')

/** Debian's release in the container. */
export const suite = process.env.MIDSHIP_SUITE ?? 'trixie'

/**
 * Where what takes minutes to build is kept: outside the repository, one directory for each set of
 * inputs.
 */
export const cache = process.env.MIDSHIP_CACHE ?? '/var/cache/prism-doctor-midship'

/** Where running instances live. */
export const running = '/run/prism-doctor-midship'

/** What every host begins with, for bash in its root. */
export const commonProvision = join(here, 'provision.sh')

export const digest = (...parts: string[]): string =>
  parts
    .reduce((hash, part) => hash.update(`${part.length}:${part}`), createHash('sha256'))
    .digest('hex')
    .slice(0, 12)

const filesBelow = (directory: string): string[] =>
  readdirSync(directory, {withFileTypes: true, recursive: true})
    .filter(entry => entry.isFile() && !entry.parentPath.includes('__pycache__'))
    .map(entry => join(entry.parentPath, entry.name))
    .sort()

/**
 * Names and contents of all that is below `rootfs`, of these files and of what every host is built
 * with.
 */
export const inputs = (rootfs: string, files: readonly string[]): string[] =>
  [...filesBelow(rootfs), ...files, commonProvision, join(here, 'build.ts')].flatMap(file => [
    file.slice(repository.length),
    readFileSync(file, 'latin1'),
  ])
