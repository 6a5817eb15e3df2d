import {splitWords} from '../unit.ts'
import {neverPassed} from './never-passed.ts'
import {propertyOf, quoted, type Setting, type Shown} from './shown.ts'
import {directorySettings, type IsMapped, unitDirectories} from './unit-directories.ts'

/** How a new start of a unit would run a program, in the words of a transient unit. */
export interface Translation {
  readonly settings: readonly Setting[]
  /** In the order in which systemd reads them; "-" in front where a missing one is no error. */
  readonly environmentFiles: readonly string[]
  /** What the directories of the unit and Environment= set, in this order. */
  readonly environment: ReadonlyMap<string, string>
}

/**
 * Bits of SecureBits=, which is printed as a number and taken by name (systemd's
 * securebits-util.c).
 */
const secureBits = [
  'noroot',
  'noroot-locked',
  'no-setuid-fixup',
  'no-setuid-fixup-locked',
  'keep-caps',
  'keep-caps-locked',
]

/** What `systemctl show` prints for a value that nobody has set, or that it cannot print. */
const unset = /^(?:\[(?:not set|no data|unprintable)\]|n\/a)$/

/**
 * Translates a unit into the settings of a transient one.
 * @param defaults the same of a unit that does not exist: what every unit has by itself.
 * @param isMapped whether a private directory is as systemd leaves it that maps it to its user.
 */
export function translate(
  unit: Shown,
  defaults: Shown,
  isMapped: IsMapped = () => false,
): Translation {
  return {
    settings: [
      ...asPrinted(unit, defaults),
      ...limits(unit),
      ...respelled(unit),
      ...directorySettings(unit, isMapped),
    ],
    environmentFiles: environmentFiles(unit),
    environment: environment(unit),
  }
}

/**
 * Nearly all of what `systemctl show` prints is taken by `systemd-run -p` as it is printed, so that
 * what a later systemd adds to the sandbox comes along without being named here.
 */
function asPrinted(unit: Shown, defaults: Shown): readonly Setting[] {
  return [...unit].flatMap(([name, values]): readonly Setting[] => {
    if (neverPassed.test(name) || (name.endsWith('Ex') && unit.has(name.slice(0, -2)))) return []
    const [whole] = unit.get(`${name}Ex`) ?? []
    if (whole !== undefined) {
      if (whole === defaults.get(`${name}Ex`)?.[0]) return []
      // PrivateTmpEx= and its like say all that PrivateTmp= can be; which of the two is taken
      // depends on the version.
      const plain = {name, value: values[0] ?? ''}
      return [{name: `${name}Ex`, value: whole, or: {name, value: whole, or: plain}}]
    }
    if (same(values, defaults.get(name))) return []
    const set = values.filter(value => !unset.test(value))
    return set.map(value => ({name, value: unquoted[name]?.(value) ?? value}))
  })
}

/** Always: what a unit that does not exist says of limits is the manager's own, and no unit's. */
function limits(unit: Shown): readonly Setting[] {
  const names = [...unit.keys()].filter(name => /^Limit[A-Z]+$/.test(name))
  return names.map(name => {
    const hard = propertyOf(unit, name)
    return {name, value: `${propertyOf(unit, `${name}Soft`) || hard}:${hard}`}
  })
}

/** What is printed in one way and taken in another. */
function respelled(unit: Shown): readonly Setting[] {
  const settings: Setting[] = []
  const set = (name: string, value: string): void => void settings.push({name, value})
  const directory = propertyOf(unit, 'WorkingDirectory').replace(/^!/, '-')
  if (directory !== '') set('WorkingDirectory', directory)
  const bits = Number(propertyOf(unit, 'SecureBits')) || 0
  if (bits !== 0) set('SecureBits', secureBits.filter((_, bit) => bits & (1 << bit)).join(' '))
  const quota = microseconds(propertyOf(unit, 'CPUQuotaPerSecUSec'))
  if (quota !== null) set('CPUQuota', `${quota / 10_000}%`)
  // A slice that is made for the instances of a template is systemd's own, and would be made and
  // remain.
  const slice = propertyOf(unit, 'Slice')
  if (slice !== '' && !/^system(?:-.*)?\.slice$/.test(slice)) set('Slice', slice)
  const removed = propertyOf(unit, 'UnsetEnvironment')
  if (splitWords(removed).length > 0) set('UnsetEnvironment', removed)
  return settings
}

/**
 * What systemctl prints without quotes: paths may hold blanks. An entry of Bind…Paths= ends with
 * its option.
 */
const unquoted: Readonly<Record<string, (value: string) => string>> = {
  BindPaths: quotedBinds,
  BindReadOnlyPaths: quotedBinds,
  TemporaryFileSystem: value =>
    value
      .split(/ (?=\/)/)
      .map(quoted)
      .join(' '),
}

function quotedBinds(value: string): string {
  const entries = value.matchAll(/(-?\/.*?):(\/.*?):((?:no)?rbind)(?: |$)/gs)
  return [...entries]
    .map(([, from = '', to = '', how]) => `${quoted(from)}:${quoted(to)}:${how}`)
    .join(' ')
}

function same(values: readonly string[], defaults: readonly string[] | undefined): boolean {
  return (
    defaults !== undefined &&
    values.length === defaults.length &&
    values.every((value, at) => value === defaults[at])
  )
}

function environmentFiles(unit: Shown): readonly string[] {
  return (unit.get('EnvironmentFiles') ?? []).flatMap(line => {
    const [, path, ignored] = /^(.*) \(ignore_errors=(yes|no)\)$/.exec(line) ?? []
    return path ? [`${ignored === 'yes' ? '-' : ''}${path}`] : []
  })
}

/** Environment= may overrule what systemd says of the directories, as it does in the service. */
function environment(unit: Shown): ReadonlyMap<string, string> {
  const variables = new Map<string, string>()
  for (const {variable, told} of unitDirectories(unit))
    if (told.length > 0) variables.set(variable, told.join(':'))
  for (const assignment of (unit.get('Environment') ?? []).flatMap(splitWords)) {
    const equals = assignment.indexOf('=')
    if (equals > 0) variables.set(assignment.slice(0, equals), assignment.slice(equals + 1))
  }
  return variables
}

/** `infinity` is null; else systemd.time(7) in microseconds. */
function microseconds(text: string): number | null {
  if (text === '' || text === 'infinity') return null
  const factors: Readonly<Record<string, number>> = {us: 1, ms: 1e3, s: 1e6, min: 6e7, h: 3.6e9}
  let total = 0
  for (const [, number, unit = 's'] of text.matchAll(/(?<![\d.])([\d.]+)\s*(us|ms|s|min|h)\b/g))
    total += Number(number) * (factors[unit] ?? 0)
  return total > 0 ? total : null
}
