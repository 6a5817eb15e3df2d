import {splitWords} from '../unit.ts'
import {propertyOf, quoted, type Setting, type Shown} from './shown.ts'

/** Asked of the path of a directory and the permission bits that its unit wants. */
export type IsMapped = (path: string, mode: number) => boolean

/**
 * Where systemd keeps what it makes for a unit, and the variable that tells it (systemd.exec(5),
 * RuntimeDirectory=).
 */
const directories = [
  {property: 'RuntimeDirectory', base: '/run', variable: 'RUNTIME_DIRECTORY'},
  {property: 'StateDirectory', base: '/var/lib', variable: 'STATE_DIRECTORY'},
  {property: 'CacheDirectory', base: '/var/cache', variable: 'CACHE_DIRECTORY'},
  {property: 'LogsDirectory', base: '/var/log', variable: 'LOGS_DIRECTORY'},
  {property: 'ConfigurationDirectory', base: '/etc', variable: 'CONFIGURATION_DIRECTORY'},
] as const

interface UnitDirectory {
  readonly property: string
  readonly variable: string
  /** Where they are. */
  readonly paths: readonly string[]
  /** As the variable tells them: a link leads to what is private. */
  readonly told: readonly string[]
  readonly isPrivate: boolean
  readonly base: string
}

/**
 * With DynamicUser= what is kept lies behind a directory that root alone may pass
 * (systemd.exec(5)).
 */
export function unitDirectories(unit: Shown): readonly UnitDirectory[] {
  return directories.map(({property, base, variable}) => {
    const isPrivate =
      propertyOf(unit, 'DynamicUser') === 'yes' &&
      property !== 'ConfigurationDirectory' &&
      (property !== 'RuntimeDirectory' || propertyOf(unit, 'RuntimeDirectoryPreserve') !== 'no')
    // "name:link" adds a link to it.
    const names = splitWords(propertyOf(unit, property)).map(word => word.replace(/:.*$/, ''))
    const place = isPrivate ? `${base}/private` : base
    const below = (holder: string): readonly string[] => names.map(name => `${holder}/${name}`)
    return {property, variable, base, isPrivate, paths: below(place), told: below(base)}
  })
}

/** How systemd mounts a directory that only others are mounted in (its namespace.c). */
const empty = 'ro,noexec,mode=0755,size=4M,nr_inodes=1k'

/** Settings that confine where is written to. */
const confining: Readonly<Record<string, RegExp>> = {
  ProtectSystem: /^(?:yes|full|strict)$/,
  ProtectHome: /^(?:yes|read-only|tmpfs)$/,
  ReadOnlyPaths: /./,
  InaccessiblePaths: /./,
  TemporaryFileSystem: /./,
  RootDirectory: /./,
  RootImage: /./,
}

/**
 * systemd would make these directories and give them to the user: that repairs. So they are only
 * opened as they are: made writable in the sandbox, bound into a root of its own, and for
 * DynamicUser= alone left of what is private. Where systemd (from 258) maps a private directory to
 * the user instead of giving it away, nothing else can do that, and there is nothing to repair.
 */
export function directorySettings(unit: Shown, isMapped: IsMapped): readonly Setting[] {
  const hasRoot = propertyOf(unit, 'RootDirectory') !== '' || propertyOf(unit, 'RootImage') !== ''
  const isConfined = Object.entries(confining).some(([name, values]) =>
    values.test(propertyOf(unit, name)),
  )
  return unitDirectories(unit).flatMap(({property, paths, told, isPrivate, base}) => {
    if (paths.length === 0) return []
    const mode = propertyOf(unit, `${property}Mode`)
    if (isPrivate && !hasRoot && paths.every(path => isMapped(path, Number.parseInt(mode, 8))))
      return [
        {name: property, value: propertyOf(unit, property)},
        {name: `${property}Mode`, value: mode},
      ]
    const writable = isConfined
      ? paths.map(path => ({name: 'ReadWritePaths', value: ifThere(path)}))
      : []
    const hidden =
      isPrivate && !hasRoot
        ? [{name: 'TemporaryFileSystem', value: `${base}/private:${empty}`}]
        : []
    const bound = hasRoot
      ? paths.map((path, at) => ({
          name: 'BindPaths',
          value: `${ifThere(path)}:${quoted(told[at] ?? path)}`,
        }))
      : isPrivate
        ? paths.map(path => ({name: 'BindPaths', value: ifThere(path)}))
        : []
    return [...hidden, ...bound, ...writable]
  })
}

/** An entry of a list of paths, "-" in front: one that is not there is no error. */
function ifThere(path: string): string {
  return quoted(`-${path}`)
}
