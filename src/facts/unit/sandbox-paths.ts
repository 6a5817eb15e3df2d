import {splitWords, type Unit} from '../../host/unit.ts'
import {isBelow} from '../files/paths.ts'

/** What a setting of the unit makes of a path and all below it. */
interface Rule {
  readonly path: string
  readonly mode: 'writable' | 'read-only' | 'hidden'
  /** As the unit says it: "ProtectSystem=strict". */
  readonly setting: string
}

/**
 * The setting that keeps the unit's next process from writing to a path, or null (systemd.exec(5),
 * "Sandboxing").
 */
export function writeBarrier(unit: Unit, ...paths: readonly string[]): string | null {
  const deepest = ruleOf(unit, paths)
  return !deepest || deepest.mode === 'writable' ? null : deepest.setting
}

/** The setting that hides a path from the unit's next process, or null. */
export function hiddenBy(unit: Unit, path: string): string | null {
  const deepest = ruleOf(unit, [path])
  return deepest?.mode === 'hidden' ? deepest.setting : null
}

function ruleOf(unit: Unit, paths: readonly string[]): Rule | undefined {
  return rulesOf(unit)
    .filter(rule => paths.some(path => isBelow(path, rule.path)))
    .sort((a, b) => b.path.length - a.path.length || strictness(b) - strictness(a))[0]
}

/** At the same path the stricter wins, but what is made writable by name wins over Protect…=. */
function strictness({mode, setting}: Rule): number {
  if (setting.startsWith('Protect')) return 0
  return mode === 'writable' ? 1 : mode === 'read-only' ? 2 : 3
}

function rulesOf(unit: Unit): readonly Rule[] {
  const rules: Rule[] = []
  const add = (mode: Rule['mode'], setting: string, ...paths: readonly string[]): void => {
    for (const path of paths) rules.push({path, mode, setting})
  }
  const system = unit.get('ProtectSystem')
  if (system === 'strict') {
    add('read-only', 'ProtectSystem=strict', '/')
    add('writable', 'ProtectSystem=strict', '/dev', '/proc', '/sys')
  }
  if (system === 'full') add('read-only', 'ProtectSystem=full', '/etc')
  if (system === 'full' || system === 'yes')
    add('read-only', `ProtectSystem=${system}`, '/usr', '/boot', '/efi')
  const home = unit.get('ProtectHome')
  if (!['', 'no'].includes(home)) {
    add(
      home === 'read-only' ? 'read-only' : 'hidden',
      `ProtectHome=${home}`,
      '/home',
      '/root',
      '/run/user',
    )
  }
  if (!['', 'no'].includes(unit.get('PrivateTmp')))
    add('writable', 'PrivateTmp=yes', '/tmp', '/var/tmp')
  for (const path of madeBySystemd(unit)) add('writable', 'StateDirectory=', path)
  for (const {setting, destination} of sandboxPaths(unit)) {
    const mode = /^(?:ReadWritePaths|BindPaths)$/.test(setting)
      ? 'writable'
      : setting === 'InaccessiblePaths'
        ? 'hidden'
        : 'read-only'
    add(mode, `${setting}=${destination}`, destination)
  }
  return rules
}

const parents = {
  StateDirectory: '/var/lib',
  CacheDirectory: '/var/cache',
  LogsDirectory: '/var/log',
  RuntimeDirectory: '/run',
} as const

/** The directories that systemd makes itself before the unit's processes start. */
export function madeBySystemd(unit: Unit): readonly string[] {
  return Object.entries(parents).flatMap(([setting, parent]) =>
    splitWords(unit.get(setting)).flatMap(word => {
      const name = word.split(':')[0] ?? ''
      return [`${parent}/${name}`, `${parent}/private/${name}`]
    }),
  )
}

/**
 * The paths that the unit gives to its processes to write to. Below another root directory they are
 * not the machine's, but for those that systemd makes.
 */
export function givenPaths(unit: Unit): readonly string[] {
  const opened = unit.get('RootDirectory') === '' ? sandboxPaths(unit) : []
  const paths = opened
    .filter(({setting, path}) => /^(?:ReadWrite|Bind)Paths$/.test(setting) && path.startsWith('/'))
    .map(({path}) => path)
  return [...madeBySystemd(unit), ...paths]
}

/** A path that the sandbox names. */
export interface SandboxPath {
  readonly setting: string
  readonly path: string
  /** Where it is seen inside: another path for BindPaths=. */
  readonly destination: string
  /** A leading "-": may be missing. */
  readonly optional: boolean
}

/**
 * `-/optional`, `+/below/the/root/directory`, and `/source:/destination:rbind` for binds, as
 * systemctl prints them.
 */
export function sandboxPaths(unit: Unit): readonly SandboxPath[] {
  const settings = [
    'ReadWritePaths',
    'ReadOnlyPaths',
    'InaccessiblePaths',
    'BindPaths',
    'BindReadOnlyPaths',
  ]
  return settings.flatMap(setting =>
    splitWords(unit.get(setting)).map(word => {
      const [source = '', to] = word.replace(/^[-+]+/, '').split(':')
      const path = source.replace(/(?<=.)\/+$/, '')
      const destination = setting.startsWith('Bind') && to ? to.replace(/(?<=.)\/+$/, '') : path
      return {setting, path, destination, optional: /^\+?-/.test(word)}
    }),
  )
}

/**
 * Every path without which systemd ends with 226/NAMESPACE before it runs anything. Below another
 * root directory the paths are not the machine's, so none is told.
 */
export function requiredPaths(unit: Unit): readonly SandboxPath[] {
  if (unit.get('RootDirectory') !== '') return []
  const made = madeBySystemd(unit)
  return sandboxPaths(unit).filter(
    ({path, optional}) =>
      !optional && path.startsWith('/') && !made.some(own => isBelow(path, own)),
  )
}
