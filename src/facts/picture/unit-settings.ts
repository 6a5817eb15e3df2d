import type {Host} from '../../host/host.ts'
import {ifTold} from '../../host/if-seen.ts'
import {execCommands, splitWords, type Unit, unitOf} from '../../host/unit.ts'
import type {Fact, Seen} from '../../report/fact.ts'
import {oncePerHost} from '../once-per-host.ts'
import {isLocal} from '../postgres/postgres.ts'
import {knownDatabase, type Target} from '../target/target.ts'
import {requiredUnits} from '../unit/systemd.ts'
import {isDiscreetCommand} from './discretion.ts'
import {changedAt, discreetFact, factOf, sortedList} from './facts.ts'
import {postgresUnits} from './postgres-files.ts'

/** What an administrator sets, or systemd derives from it alone; see systemd.exec(5) and others. */
const plain =
  `Type Restart RestartMode RestartUSec RestartSteps RestartMaxDelayUSec TimeoutStartUSec
TimeoutStopUSec TimeoutAbortUSec RuntimeMaxUSec WatchdogUSec NotifyAccess PIDFile BusName
RemainAfterExit GuessMainPID OOMPolicy StartLimitIntervalUSec StartLimitBurst StartLimitAction
FailureAction SuccessAction SuccessExitStatus RestartPreventExitStatus RestartForceExitStatus
RootDirectoryStartOnly User Group DynamicUser UMask WorkingDirectory RootDirectory RootImage
StateDirectory StateDirectoryMode RuntimeDirectory RuntimeDirectoryMode RuntimeDirectoryPreserve
CacheDirectory CacheDirectoryMode LogsDirectory LogsDirectoryMode ConfigurationDirectory
ProtectSystem ProtectHome ProtectProc ProcSubset ProtectClock ProtectHostname
ProtectKernelTunables ProtectKernelModules ProtectKernelLogs ProtectControlGroups PrivateTmp
PrivateDevices PrivateNetwork PrivateUsers PrivateIPC PrivateMounts PrivatePIDs NoNewPrivileges
RestrictNamespaces RestrictRealtime RestrictSUIDSGID LockPersonality MemoryDenyWriteExecute
SystemCallErrorNumber SecureBits KeyringMode RemoveIPC MountAPIVFS BindLogSockets DevicePolicy
NetworkNamespacePath IPCNamespacePath AppArmorProfile SELinuxContext SmackProcessLabel
LimitCPU LimitFSIZE LimitDATA LimitSTACK LimitCORE LimitRSS LimitNOFILE LimitNOFILESoft LimitAS
LimitNPROC LimitNPROCSoft LimitMEMLOCK LimitLOCKS LimitSIGPENDING LimitMSGQUEUE LimitNICE
LimitRTPRIO LimitRTTIME Nice OOMScoreAdjust CPUSchedulingPolicy CPUSchedulingPriority
IOSchedulingClass IOSchedulingPriority CPUQuotaPerSecUSec CPUWeight CPUAffinity AllowedCPUs
MemoryMin MemoryLow MemoryHigh MemoryMax MemorySwapMax TasksMax IOWeight Slice Delegate
StandardInput StandardOutput StandardError SyslogIdentifier LogLevelMax LogRateLimitIntervalUSec
LogRateLimitBurst LogNamespace KillMode KillSignal RestartKillSignal SendSIGKILL SendSIGHUP
IgnoreSIGPIPE UnitFileState RefuseManualStart SocketMode SocketUser SocketGroup Backlog
MaxConnections Accept BindIPv6Only`.split(/\s+/)

/** Lists in which the order means nothing, and systemd gives another after each boot. */
const sets = `SupplementaryGroups PassEnvironment UnsetEnvironment RestrictAddressFamilies
SystemCallFilter SystemCallArchitectures CapabilityBoundingSet AmbientCapabilities
RestrictFileSystems ReadWritePaths ReadOnlyPaths InaccessiblePaths ExecPaths NoExecPaths
BindPaths BindReadOnlyPaths TemporaryFileSystem DeviceAllow IPAddressAllow IPAddressDeny
LoadCredential LoadCredentialEncrypted EnvironmentFiles Listen OnFailure`.split(/\s+/)

/** Other units: of what systemd adds by itself nothing is told, since it follows what is mounted. */
const units = `Requires Requisite BindsTo Wants PartOf Upholds After WantedBy RequiredBy UpheldBy
BoundBy TriggeredBy JoinsNamespaceOf`.split(/\s+/)

const commands = ['ExecCondition', 'ExecStartPre', 'ExecStart', 'ExecStartPost', 'ExecReload']

/** What every unit has by itself is what one has that does not exist. */
const noUnit = 'prism-doctor-has-no-such-unit.service'

const more = ['FragmentPath', 'DropInPaths', 'LoadState']

/** The units of web servers, whichever of them there is. */
export const frontUnits = ['nginx.service', 'apache2.service', 'httpd.service', 'caddy.service']

/**
 * The settings of units as systemd goes by them, by name; of a unit that is not loaded only that.
 * One question for all that any check is likely to ask about, which needs nothing of Django.
 */
export const settingsOfUnits = oncePerHost(
  async (host: Host, unit: Unit): Promise<ReadonlyMap<string, readonly Fact[]>> => {
    const [required, servers] = await Promise.all([
      ifTold(requiredUnits(host, unit)),
      postgresUnits(host),
    ])
    const others = [...(required ?? []).map(({name}) => name), ...servers, ...frontUnits]
    return settings(host, [...new Set([unit.name, ...others])])
  },
  ({name}) => name,
)

/** The unit of PostgreSQL on this machine; null where the service asks none here. */
export async function postgresUnit(host: Host, target: Target): Promise<string | null> {
  const database = knownDatabase(target)
  if (!database || !isLocal(database)) return null
  return (await ifTold(target.platform.findPostgres(host, database.port)))?.unit ?? null
}

/** Of the service's own unit, each below "unit/". */
export async function unitSettings(host: Host, {unit}: Target): Promise<readonly Seen[]> {
  return below('unit/', (await settingsOfUnits(host, unit)).get(unit.name))
}

/** Of other units, each below "dependency/NAME/". */
export async function dependencySettings(
  host: Host,
  target: Target,
  names: readonly string[],
): Promise<readonly Seen[]> {
  const known = await settingsOfUnits(host, target.unit)
  const others = names.filter(name => !known.has(name))
  const asked = others.length > 0 ? await settings(host, others) : known
  return names.flatMap(name => below(`dependency/${name}/`, known.get(name) ?? asked.get(name)))
}

function below(prefix: string, facts: readonly Fact[] = []): readonly Fact[] {
  return facts.map(fact => ({...fact, name: `${prefix}${fact.name}`}))
}

async function settings(
  host: Host,
  named: readonly string[],
): Promise<ReadonlyMap<string, readonly Fact[]>> {
  const properties = [...plain, ...sets, ...units, ...commands, ...more]
  const names = [...named, noUnit]
  // A recording of before was not asked for the manager's own: then nothing is a default.
  const shown =
    (await ifTold(host.units(names, properties))) ??
    (await ifTold(host.units(names.slice(0, -1), properties))) ??
    []
  const defaults = unitOf(noUnit, shown[names.length - 1] ?? {})
  const facts = named.map(
    async (name, at) =>
      [name, await settingsOf(host, unitOf(name, shown[at] ?? {}), defaults)] as const,
  )
  return new Map(await Promise.all(facts))
}

async function settingsOf(host: Host, unit: Unit, defaults: Unit): Promise<readonly Fact[]> {
  const state = unit.get('LoadState')
  if (state === '') return []
  const source = `systemctl show ${unit.name}`
  const loaded = factOf('LoadState', source, state)
  if (state !== 'loaded') return [loaded]
  const dropIns = splitWords(unit.get('DropInPaths'))
  const files = [unit.get('FragmentPath'), ...dropIns].filter(path => path !== '')
  const at = changedAt(...(await Promise.all(files.map(path => ifTold(host.stat(path))))))
  const asked = (names: readonly string[]): readonly string[] =>
    names.filter(name => unit.all(name).length > 0)
  // Of a command that there is not systemd shows nothing.
  const said = commands.map(name => [name, commandsOf(unit, name)] as const)
  const values = [
    ...asked(plain).map(name => [name, plainValue(unit, defaults, name)] as const),
    ...asked(sets).map(name => [name, sortedList(unit.all(name).flatMap(wordsOf))] as const),
    ...asked(units).map(name => [name, sortedList(othersIn(unit.get(name)))] as const),
    ['drop-ins', sortedList(dropIns)] as const,
  ]
  return [
    loaded,
    ...said.map(([name, value]) =>
      (isDiscreetCommand(value) ? discreetFact : factOf)(name, source, value, at),
    ),
    ...values.map(([name, value]) => factOf(name, source, whole(value), at)),
  ]
}

/** A limit that nobody has set is the manager's, which depends on the memory of the machine. */
function plainValue(unit: Unit, defaults: Unit, name: string): string {
  const value = unit.get(name)
  if (/^Memory/.test(name)) return shownSize(value)
  const isLimit = /^(?:Limit[A-Z]+|TasksMax)/.test(name)
  return isLimit && value === defaults.get(name) ? 'default' : value
}

/** `20971520` is 20M, as it was written. */
function shownSize(value: string): string {
  if (!/^[1-9]\d*$/.test(value)) return value
  const units = ['', 'K', 'M', 'G', 'T']
  let [size, unit] = [Number(value), 0]
  while (size % 1024 === 0 && unit < units.length - 1) [size, unit] = [size / 1024, unit + 1]
  return `${size}${units[unit]}`
}

/** What nobody has set reads as nothing, whatever systemctl prints for it. */
function whole(value: string): string {
  return /^(?:\[not set\]|\[no data\]|n\/a|\[unprintable\])$/.test(value) ? '' : value
}

/** `/run/secrets/env (ignore_errors=no)` is one word. */
function wordsOf(line: string): readonly string[] {
  return / \(ignore_errors=\w+\)$/.test(line) ? [line] : splitWords(line)
}

function othersIn(list: string): readonly string[] {
  return splitWords(list).filter(
    name =>
      !/^(?:systemd-|-|tmp\.mount|(?:basic|sysinit|shutdown|network|local-fs|paths|sockets|timers)\.target)/.test(
        name,
      ) && !/\.(?:slice|mount)$/.test(name),
  )
}

/** Each with its words, without how it last ended. */
function commandsOf(unit: Unit, property: string): string {
  return execCommands(unit, property)
    .map(({argv, ignoreErrors}) => `${ignoreErrors ? '-' : ''}${argv.join(' ')}`)
    .join('; ')
}
