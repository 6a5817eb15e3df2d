import {splitWords, valuesIn} from '../unit.ts'

/** What `systemctl show --all` prints of a unit, by property; one value for each line. */
export type Shown = ReadonlyMap<string, readonly string[]>

/** A setting as `systemd-run -p` takes it. */
export interface Setting {
  readonly name: string
  readonly value: string
  /** Other words for it, for a systemd-run that does not take these. */
  readonly or?: Setting
}

/** Asked of the path of a directory and the permission bits that its unit wants. */
export type IsMapped = (path: string, mode: number) => boolean

/** How a new start of a unit would run a program, in the words of a transient unit. */
export interface Translation {
  readonly settings: readonly Setting[]
  /** In the order in which systemd reads them; "-" in front where a missing one is no error. */
  readonly environmentFiles: readonly string[]
  /** What the directories of the unit and Environment= set, in this order. */
  readonly environment: ReadonlyMap<string, string>
}

/** The blocks of `systemctl show --all UNIT …`, in the order of the units. */
export function parseShown(text: string): readonly Shown[] {
  return text
    .split(/\n\n+/)
    .filter(block => block.trim() !== '')
    .map(valuesIn)
}

/**
 * What never goes from a unit to a program that is run beside it: what starts, stops, orders and watches the service
 * itself, what is told and not set, where its output goes, what is counted, and what is translated on its own.
 */
const never = new RegExp(
  `^(?:${[
    // What systemd tells.
    'Id|Names|Following|Description|Documentation|(?:Load|Active|Sub|Freezer)State|LoadError|FragmentPath|SourcePath',
    'DropInPaths|UnitFile\\w+|\\w+Timestamp(?:Monotonic)?|Can[A-Z]\\w+|NeedDaemonReload|Markers|Transient|Perpetual',
    '\\w*Result|Status[A-Z]\\w+|InvocationID|MainPID|ControlPID|[UG]ID|NRestarts|ExecMain\\w+|ControlGroup(?:Id)?|Job',
    'Refs|ActivationDetails|NFileDescriptorStore|Effective\\w+|MemoryAvailable|Memory\\w*Current|Memory\\w*Peak',
    'CPUUsageNSec|TasksCurrent|IP(?:In|E)gress(?:Bytes|Packets)|IO(?:Read|Write)\\w+|Conditions|Asserts',
    // How the service is started, watched and stopped.
    'Type|ExitType|Exec(?:Condition|Start|Reload|Stop)\\w*|Restart\\w*|PIDFile|NotifyAccess|BusName|RemainAfterExit',
    'GuessMainPID|SuccessExitStatus|Timeout\\w+|Runtime(?:Max|Randomized)\\w+|Watchdog\\w+|RootDirectoryStartOnly',
    'FileDescriptorStore\\w+|USBFunction\\w+|OOMPolicy|(?:Reload|Kill|FinalKill)Signal|KillMode|SendSIG\\w+|Reboot\\w+',
    'SurviveFinalKillSignal|StartLimit\\w+|(?:Failure|Success)Action\\w*|CollectMode|DebugInvocation|ExtraFile\\w+',
    'OpenFile|RefreshOnReload|NonBlocking|LUOSession|BindLogSockets',
    // What comes before, after and with it. JoinsNamespaceOf= is part of the sandbox.
    'Requires|Requisite|Wants|BindsTo|PartOf|Upholds|RequiredBy|RequisiteOf|WantedBy|BoundBy|UpheldBy|ConsistsOf',
    'Conflicts|ConflictedBy|Before|After|On(?:Success|Failure)\\w*|Triggers|TriggeredBy|Propagates\\w+',
    '(?:Reload|Stop)PropagatedFrom|SliceOf|(?:Requires|Wants)MountsFor|StopWhenUnneeded|RefuseManual\\w+|AllowIsolate',
    'DefaultDependencies|IgnoreOnIsolate|AccessSELinuxContext|Job\\w+',
    // Its output and its log.
    'Standard(?:Input|Output|Error)\\w*|TTY\\w+|Syslog\\w+|Log(?:LevelMax|RateLimit\\w+|ExtraFields|FilterPatterns)',
    'LogNamespace|Utmp\\w+',
    // Accounts, what belongs to the service as a whole, and what would be removed at its end.
    '\\w+Accounting|Default(?:Startup)?Memory\\w+|Startup\\w+|Memory(?:Min|Low|Max|PressureWatch)|MemoryLimit|TasksMax',
    'ManagedOOM\\w+|Delegate\\w*|DisableControllers|NFTSet|CoredumpReceive|RemoveIPC|\\w+(?:Bandwidth|IOPS)Max',
    // Translated below, or given by whoever calls.
    'Environment|EnvironmentFiles|UnsetEnvironment|\\w*Credential\\w*|Slice|Limit[A-Z]+(?:Soft)?|WorkingDirectory',
    '(?:Runtime|State|Cache|Logs|Configuration)Directory\\w*|CPUQuota\\w+|SecureBits|\\w+USec',
  ].join('|')})$`,
)

/** Where systemd keeps what it makes for a unit, and the variable that tells it (systemd.exec(5), RuntimeDirectory=). */
const directories = [
  {property: 'RuntimeDirectory', base: '/run', variable: 'RUNTIME_DIRECTORY'},
  {property: 'StateDirectory', base: '/var/lib', variable: 'STATE_DIRECTORY'},
  {property: 'CacheDirectory', base: '/var/cache', variable: 'CACHE_DIRECTORY'},
  {property: 'LogsDirectory', base: '/var/log', variable: 'LOGS_DIRECTORY'},
  {property: 'ConfigurationDirectory', base: '/etc', variable: 'CONFIGURATION_DIRECTORY'},
] as const

/** Bits of SecureBits=, which is printed as a number and taken by name (systemd's securebits-util.c). */
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
 * Translates a unit into the settings of a transient one. Nearly all of what `systemctl show` prints is taken by
 * `systemd-run -p` as it is printed, so that what a later systemd adds to the sandbox comes along without being named here.
 * @param defaults the same of a unit that does not exist: what every unit has by itself.
 * @param isMapped whether a private directory is as systemd leaves it that maps it to its user.
 */
export function translate(unit: Shown, defaults: Shown, isMapped: IsMapped = () => false): Translation {
  const get = (name: string): string => unit.get(name)?.[0] ?? ''
  const settings: Setting[] = []
  const set = (name: string, value: string): void => void settings.push({name, value})
  for (const [name, values] of unit) {
    if (never.test(name) || (name.endsWith('Ex') && unit.has(name.slice(0, -2)))) continue
    // PrivateTmpEx= and its like say all that PrivateTmp= can be; which of the two is taken depends on the version.
    const [whole] = unit.get(`${name}Ex`) ?? []
    const [value = ''] = values
    if (whole !== undefined) {
      const plain = {name, value}
      const fuller = {name, value: whole, or: plain}
      if (whole !== defaults.get(`${name}Ex`)?.[0]) settings.push({name: `${name}Ex`, value: whole, or: fuller})
    } else if (!same(values, defaults.get(name))) {
      for (const value of values) if (!unset.test(value)) set(name, unquoted[name]?.(value) ?? value)
    }
  }
  for (const name of unit.keys()) {
    // What a unit that does not exist says of limits is the manager's own, and no unit's.
    if (/^Limit[A-Z]+$/.test(name)) set(name, `${get(`${name}Soft`) || get(name)}:${get(name)}`)
  }
  const directory = get('WorkingDirectory').replace(/^!/, '-')
  if (directory !== '') set('WorkingDirectory', directory)
  const bits = Number(get('SecureBits')) || 0
  if (bits !== 0) set('SecureBits', secureBits.filter((_, bit) => bits & (1 << bit)).join(' '))
  const quota = microseconds(get('CPUQuotaPerSecUSec'))
  if (quota !== null) set('CPUQuota', `${quota / 10_000}%`)
  // A slice that is made for the instances of a template is systemd's own, and would be made and remain.
  const slice = get('Slice')
  if (slice !== '' && !/^system(?:-.*)?\.slice$/.test(slice)) set('Slice', slice)
  const removed = splitWords(get('UnsetEnvironment'))
  if (removed.length > 0) set('UnsetEnvironment', get('UnsetEnvironment'))
  settings.push(...directorySettings(unit, isMapped))
  return {settings, environmentFiles: environmentFiles(unit), environment: environment(unit)}
}

/** What systemctl prints without quotes: paths may hold blanks. An entry of Bind…Paths= ends with its option. */
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
  return [...entries].map(([, from = '', to = '', how]) => `${quoted(from)}:${quoted(to)}:${how}`).join(' ')
}

/** A word as systemd's lists take it. */
function quoted(word: string): string {
  return /[\s"'\\]/.test(word) ? `"${word.replace(/["\\]/g, '\\$&')}"` : word
}

function same(values: readonly string[], defaults: readonly string[] | undefined): boolean {
  return (
    defaults !== undefined && values.length === defaults.length && values.every((value, at) => value === defaults[at])
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
  for (const {variable, told} of unitDirectories(unit)) if (told.length > 0) variables.set(variable, told.join(':'))
  for (const assignment of (unit.get('Environment') ?? []).flatMap(splitWords)) {
    const equals = assignment.indexOf('=')
    if (equals > 0) variables.set(assignment.slice(0, equals), assignment.slice(equals + 1))
  }
  return variables
}

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

/** With DynamicUser= what is kept lies behind a directory that root alone may pass (systemd.exec(5)). */
function unitDirectories(unit: Shown): readonly UnitDirectory[] {
  const get = (name: string): string => unit.get(name)?.[0] ?? ''
  return directories.map(({property, base, variable}) => {
    const isPrivate =
      get('DynamicUser') === 'yes' &&
      property !== 'ConfigurationDirectory' &&
      (property !== 'RuntimeDirectory' || get('RuntimeDirectoryPreserve') !== 'no')
    // "name:link" adds a link to it.
    const names = splitWords(get(property)).map(word => word.replace(/:.*$/, ''))
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
 * systemd would make these directories and give them to the user: that repairs. So they are only opened as they are: made
 * writable in the sandbox, bound into a root of its own, and for DynamicUser= alone left of what is private. Where systemd
 * (from 258) maps a private directory to the user instead of giving it away, nothing else can do that, and there is nothing
 * to repair.
 */
function directorySettings(unit: Shown, isMapped: IsMapped): readonly Setting[] {
  const get = (name: string): string => unit.get(name)?.[0] ?? ''
  const hasRoot = get('RootDirectory') !== '' || get('RootImage') !== ''
  const isConfined = Object.entries(confining).some(([name, values]) => values.test(get(name)))
  return unitDirectories(unit).flatMap(({property, paths, told, isPrivate, base}) => {
    if (paths.length === 0) return []
    const mode = get(`${property}Mode`)
    if (isPrivate && !hasRoot && paths.every(path => isMapped(path, Number.parseInt(mode, 8))))
      return [
        {name: property, value: get(property)},
        {name: `${property}Mode`, value: mode},
      ]
    const writable = isConfined ? paths.map(path => ({name: 'ReadWritePaths', value: ifThere(path)})) : []
    const hidden = isPrivate && !hasRoot ? [{name: 'TemporaryFileSystem', value: `${base}/private:${empty}`}] : []
    const bound = hasRoot
      ? paths.map((path, at) => ({name: 'BindPaths', value: `${ifThere(path)}:${quoted(told[at] ?? path)}`}))
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

/** `infinity` is null; else systemd.time(7) in microseconds. */
function microseconds(text: string): number | null {
  if (text === '' || text === 'infinity') return null
  const factors: Readonly<Record<string, number>> = {us: 1, ms: 1e3, s: 1e6, min: 6e7, h: 3.6e9}
  let total = 0
  for (const [, number, unit = 's'] of text.matchAll(/([\d.]+)\s*(us|ms|s|min|h)\b/g))
    total += Number(number) * (factors[unit] ?? 0)
  return total > 0 ? total : null
}
