import {CannotLook, type Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {isUp, splitWords, type Unit, unitOf} from '../../host/unit.ts'

/**
 * Everything that any check reads of a unit, asked once. By name, since versions differ in what
 * they know; systemctl prints them in its own order, and leaves unknown ones out.
 */
export const unitProperties = [
  'Id',
  'LoadState',
  'LoadError',
  'ActiveState',
  'SubState',
  'Result',
  'UnitFileState',
  'FragmentPath',
  'DropInPaths',
  'NeedDaemonReload',
  'Type',
  'MainPID',
  'ControlPID',
  'ControlGroup',
  'NRestarts',
  'StatusText',
  'Restart',
  'RestartUSec',
  'PIDFile',
  'NotifyAccess',
  'TimeoutStartUSec',
  'User',
  'Group',
  'SupplementaryGroups',
  'DynamicUser',
  'UID',
  'GID',
  'UMask',
  'WorkingDirectory',
  'RootDirectory',
  'Environment',
  'EnvironmentFiles',
  'PassEnvironment',
  'LoadCredential',
  'ExecStart',
  'ExecStartPre',
  'ExecStartPost',
  'ExecReload',
  'ExecCondition',
  'ExecMainPID',
  'ExecMainCode',
  'ExecMainStatus',
  'ExecMainStartTimestamp',
  'ExecMainExitTimestamp',
  'ActiveEnterTimestamp',
  'ActiveExitTimestamp',
  'InactiveEnterTimestamp',
  'InactiveExitTimestamp',
  'StateChangeTimestamp',
  'ConditionResult',
  'ConditionTimestamp',
  'AssertResult',
  'Conditions',
  'Asserts',
  'Requires',
  'Requisite',
  'BindsTo',
  'Wants',
  'After',
  'WantedBy',
  'RequiredBy',
  'UpheldBy',
  'BoundBy',
  'TriggeredBy',
  'StateDirectory',
  'StateDirectoryMode',
  'RuntimeDirectory',
  'CacheDirectory',
  'LogsDirectory',
  'ProtectSystem',
  'LimitNOFILESoft',
  'ProtectHome',
  'ReadWritePaths',
  'ReadOnlyPaths',
  'InaccessiblePaths',
  'BindPaths',
  'BindReadOnlyPaths',
  'TemporaryFileSystem',
  'PrivateTmp',
  'PrivateNetwork',
  'NetworkNamespacePath',
  'RestrictAddressFamilies',
  'IPAddressDeny',
  'IPAddressAllow',
  'JoinsNamespaceOf',
  'StartLimitIntervalUSec',
  'StartLimitBurst',
  'InvocationID',
  'Transient',
  'Job',
  'SourcePath',
  'Listen',
] as const

/** @throws CannotLook where systemd cannot be asked, or says nothing of one of them. */
export async function showUnits(host: Host, names: readonly string[]): Promise<readonly Unit[]> {
  const shown = await host.units(names, unitProperties)
  return names.map((name, index) => {
    const unit = unitOf(name, shown[index] ?? {})
    if (unit.get('LoadState') === '') throw new CannotLook(`systemctl says nothing of ${name}`)
    return unit
  })
}

export async function showUnit(host: Host, name: string): Promise<Unit> {
  const [unit] = await showUnits(host, [name])
  if (!unit) throw new CannotLook(`systemctl says nothing of ${name}`)
  return unit
}

/**
 * A property that is asked for only where something went wrong; null where systemd does not say it.
 */
export async function showProperty(
  host: Host,
  {name}: Unit,
  property: string,
): Promise<string | null> {
  const [shown] = (await ifSeen(host.units([name], [property]))) ?? []
  return (shown && unitOf(name, shown).get(property)) || null
}

/**
 * The programs that systemd executes before the service and for it, and that must succeed in the
 * sandbox: none with a prefix that takes it out of there, or lets it fail. Empty where systemd does
 * not tell of prefixes (before 243).
 */
export async function confinedPrograms(host: Host, {name}: Unit): Promise<readonly string[]> {
  const properties = ['ExecStartPreEx', 'ExecStartEx']
  const [shown = {}] = (await ifSeen(host.units([name], properties))) ?? []
  const commands = properties.flatMap(property => unitOf(name, shown).all(property))
  const programs = commands.flatMap(command => {
    const [, path, flags = ''] =
      /^\{ path=(.*?) ; argv\[\]=.* ; flags=([^;]*) ;/s.exec(command) ?? []
    return path && !/privileged|no-setuid|ambient|ignore-failure/.test(flags) ? [path] : []
  })
  return [...new Set(programs)]
}

/**
 * Units without which this one is stopped or not started; slices and targets are never the reason
 * here.
 */
export async function requiredUnits(host: Host, unit: Unit): Promise<readonly Unit[]> {
  const direct = namesRequired(unit)
  // NixOS from 25.11 has the server and what makes its roles and databases behind one target.
  const target = direct.includes('postgresql.target')
    ? namesRequired(await showUnit(host, 'postgresql.target'))
    : []
  const asked = [...new Set([...direct, ...target])].filter(
    name =>
      (/\.(?:service|socket)$/.test(name) && !/^systemd-journald/.test(name)) ||
      // A volume that is not there keeps a unit from starting (RequiresMountsFor=), and stops none
      // that runs.
      (!isUp(unit) && /^[^-].*\.mount$/.test(name)),
  )
  const units = await Promise.all(asked.map(name => showUnit(host, name)))
  // One that is only not mounted would be mounted by the start.
  return units.filter(
    each =>
      !each.name.endsWith('.mount') ||
      each.get('ActiveState') === 'failed' ||
      each.get('LoadState') !== 'loaded',
  )
}

function namesRequired(unit: Unit): readonly string[] {
  return ['Requires', 'BindsTo', 'Requisite'].flatMap(property => splitWords(unit.get(property)))
}
