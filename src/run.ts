import {closeSync, constants, existsSync, fstatSync, lstatSync, openSync, readFileSync} from 'node:fs'
import {hostname} from 'node:os'
import type {Config} from './config.ts'
import {defaultConfigPath} from './config-path.ts'
import {hide} from './failure.ts'
import type {Host} from './host/host.ts'
import type {LocalHost} from './host/local/index.ts'
import {once} from './host/once.ts'
import {defaultUnit} from './remedy.ts'
import {createSecrets, type Secrets} from './secrets.ts'
import type {TargetSettings} from './target.ts'
import {UsageError} from './usage-error.ts'

/** The flags that every command which looks at a machine has. */
export interface LookFlags {
  readonly unit?: string | undefined
  readonly config?: string | undefined
  readonly timeout?: number | undefined
  readonly replay?: string | undefined
  readonly deep?: boolean | undefined
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
  readonly close: () => void
}

/**
 * Opens this machine or a recorded one.
 * @throws UsageError for a configuration or a recording that cannot be used.
 */
export async function openSession(flags: LookFlags, wrap: (host: Host) => Host = host => host): Promise<Session> {
  const secrets = createSecrets()
  hide(secrets)
  const config = await readConfig(flags.config)
  const common = {
    config,
    secrets,
    settings: targetSettings(config, unitName(flags.unit), flags.deep),
    deadline: (flags.timeout ?? config.timeout ?? 30) * 1000,
  }
  if (flags.replay !== undefined) {
    const [{replayHost}, {parseRecording}] = await Promise.all([
      import('./host/replay.ts'),
      import('./host/recording.ts'),
    ])
    const recording = parseRecording(readInput(flags.replay, 'recording'), flags.replay)
    const again = (): Host => once(wrap(replayHost(recording, secrets)))
    return {
      ...common,
      host: again(),
      again,
      hostname: recording.host,
      close: () => undefined,
    }
  }
  const {localHost} = await import('./host/local/index.ts')
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
  return {...common, host: again(), again, hostname: hostname(), close}
}

function targetSettings(config: Config, unit: string | undefined, deep: boolean | undefined): TargetSettings {
  return {
    unit: unit ?? config.unit ?? defaultUnit,
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

function unitName(name: string | undefined): string | undefined {
  if (name === undefined) return undefined
  if (!/^[\w@:.\\-]+$/.test(name) || name.startsWith('-'))
    throw new UsageError(`--unit ${JSON.stringify(name)} is not the name of a unit; give it as in prism-django.service`)
  return /\.[a-z]+$/.test(name) ? name : `${name}.service`
}

/** The configuration that is given, or the usual one where it is there. */
export async function readConfig(given: string | undefined): Promise<Config> {
  const file = given ?? defaultConfigPath
  if (given === undefined && !existsSync(file)) return {}
  const text = readInput(file, 'configuration')
  const {parseConfig} = await import('./config.ts')
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
