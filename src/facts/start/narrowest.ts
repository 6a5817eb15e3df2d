import {posix} from 'node:path'
import type {Host, UnitSetting} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {statedDirectory} from '../../host/unit.ts'
import type {UnitSettings} from '../../platform/platform.ts'
import {isBelow} from '../files/paths.ts'
import type {Target} from '../target/target.ts'
import {smallestSet} from './smallest-set.ts'
import {type FailedTrial, refusedInWords, type TryStart} from './trial.ts'

/** What a search for the narrowest change has found. */
export interface Narrowed {
  /** What failed, in more words where a trial told them. */
  readonly failure: FailedTrial
  readonly change: UnitSettings | null
}

/** What a search goes by. */
export interface Ways {
  readonly tryStart: TryStart
  /** What systemd executes. */
  readonly programs: readonly string[]
}

/**
 * The narrowest change that lets the start succeed with all the rest of the sandbox: each that may
 * do is tried, and the first that does is taken.
 */
export async function narrowest(
  host: Host,
  target: Target,
  settings: readonly UnitSetting[],
  failure: FailedTrial,
  {tryStart, programs}: Ways,
): Promise<Narrowed> {
  const told = await inWords(settings, failure, tryStart)
  for (const change of await changesFor(host, target, settings, {...told, programs})) {
    if (await succeeds(change, tryStart)) return {failure: told, change}
  }
  const [only] = settings
  if (only === undefined || settings.length > 1) return {failure: told, change: null}
  const parts = partsOf[only.name]
  return {failure: told, change: parts ? await fewestParts(only.name, parts, tryStart) : null}
}

async function inWords(
  settings: readonly UnitSetting[],
  failure: FailedTrial,
  tryStart: TryStart,
): Promise<FailedTrial> {
  if (failure.chain.length > 0 || failure.step !== null) return failure
  const refused = await refusedInWords(settings, tryStart)
  return refused ? {...refused, evidence: failure.evidence} : failure
}

/** What may be allowed one by one: families of addresses, and systemd's own groups of calls. */
const partsOf: Readonly<Record<string, readonly string[]>> = {
  RestrictAddressFamilies: ['AF_UNIX', 'AF_INET', 'AF_INET6', 'AF_NETLINK', 'AF_PACKET'],
  // systemd-analyze syscall-filter, but for what no application needs (@reboot, @swap, @module …).
  SystemCallFilter: [
    '@memlock',
    '@resources',
    '@privileged',
    '@process',
    '@ipc',
    '@io-event',
    '@network-io',
    '@file-system',
    '@timer',
    '@signal',
    '@sync',
    '@aio',
    '@chown',
    '@setuid',
    '@keyring',
    '@pkey',
    '@debug',
    '@mount',
  ],
}

async function fewestParts(
  name: string,
  parts: readonly string[],
  tryStart: TryStart,
): Promise<UnitSettings | null> {
  const allowed = (some: readonly string[]): UnitSettings => ({[name]: some})
  if (!(await succeeds(allowed(parts), tryStart))) return null
  const search = await smallestSet(parts, async some => succeeds(allowed(some), tryStart))
  return search.kind === 'found' ? allowed(search.set) : null
}

/** Null where that could not be told. */
async function succeeds(change: UnitSettings, tryStart: TryStart): Promise<boolean | null> {
  const trial = await tryStart({with: settingsOf(change)})
  return trial?.works ?? null
}

/** A drop-in in the words of systemd. */
export function settingsOf(change: UnitSettings): readonly UnitSetting[] {
  return Object.entries(change).map(([name, value]) => {
    if (typeof value === 'boolean') return {name, value: value ? 'yes' : 'no'}
    return {name, value: typeof value === 'string' ? value : value.join(' ')}
  })
}

/** Changes that may do, the narrowest first. */
async function changesFor(
  host: Host,
  target: Target,
  settings: readonly UnitSetting[],
  failure: FailedTrial & Pick<Ways, 'programs'>,
): Promise<readonly UnitSettings[]> {
  const valueIn = (name: string): string =>
    settings.find(setting => setting.name === name)?.value ?? ''
  const has = (...names: readonly string[]): boolean => names.some(name => valueIn(name) !== '')
  const path = pathOf(target, failure)
  const errno = failure.chain.find(link => link.filename === path)?.errno ?? null
  const changes: UnitSettings[] = []
  if (isTemporary(failure) || (path !== null && isInTemporary(path) && !has('PrivateTmp')))
    changes.push({PrivateTmp: true})
  if (has('ProtectHome') && /^(?:yes|tmpfs)$/.test(valueIn('ProtectHome'))) {
    // A tmpfs can be passed by everybody, whatever was closed before: only what the unit itself
    // names is bound there, and no path that the application told.
    const needed = neededBelow(homes, target, failure.programs)
    if (needed.length > 0) changes.push({ProtectHome: 'tmpfs', BindReadOnlyPaths: needed})
    changes.push({ProtectHome: 'read-only'})
  }
  if (path !== null && refusals.has(errno ?? 0)) {
    if (has('ProtectSystem', 'ProtectHome', 'ReadOnlyPaths')) {
      const writable = await writablePath(host, path)
      if (writable !== null) changes.push({ReadWritePaths: [writable]})
    }
    if (has('PrivateDevices', 'DevicePolicy', 'DeviceAllow') && isBelow(path, '/dev'))
      changes.push({DeviceAllow: [`${path} rw`]}, {BindPaths: [path], DeviceAllow: [`${path} rw`]})
    if (has('PrivateTmp', 'InaccessiblePaths', 'TemporaryFileSystem'))
      changes.push({BindReadOnlyPaths: [path]}, {BindPaths: [path]})
  }
  return changes
}

/** ENOENT, EACCES, EPERM, EROFS, ENXIO. */
const refusals = new Set([2, 13, 1, 30, 6])

/** What ProtectHome= hides (systemd.exec(5)). */
const homes = ['/home', '/root', '/run/user'] as const

/** The path that was refused. */
function pathOf(target: Target, {chain, step}: FailedTrial): string | null {
  if (step === '203/EXEC') return target.server.interpreter
  if (step === '200/CHDIR') return statedDirectory(target.unit)
  const told = chain.find(({filename}) => filename?.startsWith('/'))?.filename ?? null
  return told !== null && isPlain(told) ? told : null
}

/**
 * The application told it, and systemd reads more than a path: "/a:/b" binds one to another place,
 * where a directory that is closed to the service does not stand in between.
 */
export function isPlain(path: string): boolean {
  return /^(?:\/(?!\.{1,2}(?:\/|$))[\w.+@,=~-]+)+$/.test(path)
}

/** In Python's own words (tempfile.py). */
function isTemporary({chain}: FailedTrial): boolean {
  return chain.some(({message}) => message.includes('No usable temporary directory found in'))
}

function isInTemporary(path: string): boolean {
  return isBelow(path, '/tmp') || isBelow(path, '/var/tmp')
}

/** The file where it is there, else the directory that it was to be made in. */
async function writablePath(host: Host, path: string): Promise<string | null> {
  const isThere = await ifSeen(host.stat(path))
  const place = isThere ? path : posix.dirname(path)
  return place === '/' ? null : place
}

/** Directories of the application below these, none within another. */
function neededBelow(
  tops: readonly string[],
  target: Target,
  files: readonly string[],
): readonly string[] {
  const {server, workingDirectory} = target
  const interpreter = server.interpreter && posix.dirname(posix.dirname(server.interpreter))
  const named = [workingDirectory, server.directory, interpreter, ...server.pythonPath]
  // Rather a file than the whole of somebody's home.
  const holders = files.map(file => {
    const holder = posix.dirname(file)
    return tops.includes(posix.dirname(holder)) ? file : holder
  })
  const places = [...named, ...holders].filter(
    (place): place is string => place !== null && tops.some(top => isBelow(place, top)),
  )
  const outer = [...new Set(places)].filter(
    place => !places.some(other => other !== place && isBelow(place, other)),
  )
  return outer.filter(place => !tops.includes(place)).sort()
}
