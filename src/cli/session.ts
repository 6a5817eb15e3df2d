import {closeSync, constants, existsSync, fstatSync, lstatSync, openSync, readFileSync} from 'node:fs'
import {hostname} from 'node:os'
import {type Choice, chooseUnit} from '../facts/program/services.ts'
import type {TargetSettings} from '../facts/target/target.ts'
import type {Host} from '../host/host.ts'
import type {LocalHost} from '../host/local/index.ts'
import {once} from '../host/once.ts'
import {parseRecording, type Recording} from '../host/recording.ts'
import {replayHost} from '../host/replay.ts'
import {createSecrets, type Secrets} from '../host/secrets.ts'
import {defaultConfigPath} from '../report/config-path.ts'
import {visible} from '../report/escape.ts'
import {defaultUnit} from '../report/step.ts'
import {UsageError} from '../report/usage-error.ts'
import {type Config, parseConfig} from './config.ts'
import {hide} from './failure.ts'

/** The flags that every command which looks at a machine has. */
export interface LookFlags {
  readonly unit?: string | undefined
  readonly config?: string | undefined
  readonly timeout?: number | undefined
  readonly replay?: string | undefined
  readonly deep?: boolean | undefined
  /** Takes a unit that is named as it is, whatever it runs. */
  readonly anyUnit?: boolean | undefined
}

/** What a run needs: whom to ask, about what, for how long. */
export interface Session {
  readonly host: Host
  /** The same machine, asked anew: what `host` was answered once it repeats. */
  readonly again: () => Host
  readonly hostname: string
  readonly settings: TargetSettings
  readonly config: Config
  readonly secrets: Secrets
  /** Milliseconds. */
  readonly deadline: number
  /** Milliseconds of the deadline that went into finding the unit. */
  readonly spent: number
  readonly close: () => void
}

/**
 * Opens this machine or a recorded one, and finds the unit to look at.
 * @throws UsageError for a configuration or a recording that cannot be used, and for a unit that is no Django service.
 */
export async function openSession(flags: LookFlags, wrap: (host: Host) => Host = host => host): Promise<Session> {
  const secrets = createSecrets()
  hide(secrets)
  const config = await readConfig(flags.config)
  const wanted = unitName(flags.unit, '--unit') ?? unitName(config.unit, 'unit =') ?? null
  const common = {
    config,
    secrets,
    settings: targetSettings(config, flags.deep),
    deadline: (flags.timeout ?? config.timeout ?? 30) * 1000,
  }
  if (flags.replay !== undefined) {
    const recording = parseRecording(readInput(flags.replay, 'recording'), flags.replay)
    const again = (): Host => once(wrap(replayHost(recording, secrets)))
    const recorded = {...common, host: again(), again, hostname: recording.host, close: () => undefined}
    return withUnit(recorded, wanted, recordedUnit(recording))
  }
  const {localHost} = await import('../host/local/index.ts')
  const opened: LocalHost[] = []
  // A host keeps its connections, and with them what became of them: who asks anew needs another one.
  const again = (): Host => {
    opened.at(-1)?.disconnect()
    const host = localHost(secrets)
    opened.push(host)
    return once(wrap(host))
  }
  const close = (): void => {
    for (const host of opened) host.close()
  }
  const session = {...common, host: again(), again, hostname: hostname(), close}
  if (flags.anyUnit && wanted !== null) return {...session, settings: {...session.settings, unit: wanted}, spent: 0}
  try {
    return await withUnit(session, wanted)
  } catch (error) {
    close()
    throw error
  }
}

/** Chooses the unit, within the deadline; where that is not enough, the checks are cut off and say so. */
async function withUnit(session: Omit<Session, 'spent'>, wanted: string | null, usual?: string): Promise<Session> {
  const started = performance.now()
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Choice>(resolve => {
    timer = setTimeout(() => resolve({unit: wanted ?? usual ?? defaultUnit, note: null}), session.deadline)
  })
  const choice = chooseUnit(session.host, wanted, usual)
  choice.catch(() => undefined)
  const {unit, note} = await Promise.race([choice, late]).finally(() => clearTimeout(timer))
  if (note !== null) process.stderr.write(`prism-doctor: ${visible(note)}\n`)
  return {...session, settings: {...session.settings, unit}, spent: performance.now() - started}
}

/** The unit that a recording is of: the first that was asked for. */
function recordedUnit({answers}: Recording): string | undefined {
  const shown = Object.keys(answers.exec ?? {}).find(question => /^systemctl show .* -- \S+\.service$/.test(question))
  return shown?.slice(shown.lastIndexOf(' ') + 1)
}

function targetSettings(config: Config, deep: boolean | undefined): TargetSettings {
  return {
    unit: null,
    package: config.target?.package,
    stateDirectory: config.target?.state_directory,
    staticRoot: config.target?.static_root,
    bind: config.target?.bind,
    hosts: config.target?.hosts,
    flake: config.nixos?.flake,
    ask: config.django?.ask,
    deep,
    secrets: config.nixos?.secrets,
  }
}

/** Types of units that are no service (systemd.unit(5)). */
const otherTypes = /\.(?:socket|device|mount|automount|swap|target|path|timer|slice|scope)$/

function unitName(name: string | undefined, from: string): string | undefined {
  if (name === undefined) return undefined
  const said = `${from} ${JSON.stringify(name)}`
  if (!/^[\w@:.\\-]+$/.test(name) || /^(?:-|\.+$|\.+service$)/.test(name))
    throw new UsageError(`${said} is not the name of a unit; give it as in prism-django.service`)
  const type = otherTypes.test(name) ? name.slice(name.lastIndexOf('.') + 1) : null
  if (type) throw new UsageError(`${said} is a ${type}, not a service; give the service that runs the application`)
  return name.endsWith('.service') ? name : `${name}.service`
}

/** The configuration that is given, or the usual one where it is there. */
export async function readConfig(given: string | undefined): Promise<Config> {
  const file = given ?? defaultConfigPath
  if (given === undefined && !existsSync(file)) return {}
  const text = readInput(file, 'configuration')
  return parseConfig(text, file)
}

/** Bytes: no configuration or recording is larger. */
const maxInput = 256 * 1024 * 1024

function readInput(file: string, what: string): string {
  let descriptor: number
  try {
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException
    const why =
      code === 'ENOENT' ? 'does not exist' : code === 'EACCES' ? 'may not be read' : `cannot be opened (${code})`
    throw new UsageError(`the ${what} ${file} ${why}; check the path`)
  }
  try {
    const found = fstatSync(descriptor)
    if (!found.isFile()) throw new UsageError(`the ${what} ${file} is not a regular file; give the path of one`)
    if (found.size > maxInput)
      throw new UsageError(`the ${what} ${file} is larger than ${maxInput >> 20} MiB; give another`)
    if (what === 'configuration' && process.geteuid?.() === 0) trusted(file, found)
    return readFileSync(descriptor, 'utf8')
  } finally {
    closeSync(descriptor)
  }
}

/** What is read as root decides what root does: nobody else may be able to write it. */
function trusted(file: string, found: {uid: number; mode: number}): void {
  const holder = lstatSync(file.replace(/\/[^/]*$/, '') || '/')
  if (
    found.uid === 0 &&
    (found.mode & 0o022) === 0 &&
    holder.uid === 0 &&
    (holder.mode & 0o022 & ~(holder.mode & 0o1000 ? 0o022 : 0)) === 0
  )
    return
  throw new UsageError(
    `the configuration ${file} can be written by others than root; run: chown root:root ${file} && chmod go-w ${file}`,
  )
}
