import {hostname} from 'node:os'
import {dirname, join} from 'node:path'
import {type Choice, chooseUnit} from '../facts/program/services.ts'
import type {TargetSettings} from '../facts/target/target.ts'
import {type Host, NotRecorded} from '../host/host.ts'
import type {LocalHost} from '../host/local/index.ts'
import {once} from '../host/once.ts'
import {parseRecording} from '../host/recording-file.ts'
import {createSecrets} from '../host/redactor.ts'
import {replayHost} from '../host/replay.ts'
import type {Secrets} from '../host/secrets.ts'
import {endTime, startTimeOfProcess, timeLeft} from '../host/time-left.ts'
import {defaultUnit} from '../report/step.ts'
import type {Config} from './config.ts'
import {hide, say} from './failure.ts'
import {readConfig, readRecording} from './input.ts'
import {unitName} from './unit-name.ts'

/** The flags that every command which looks at a machine has. */
export interface LookFlags {
  readonly unit?: string | undefined
  readonly config?: string | undefined
  readonly timeout?: number | undefined
  readonly replay?: string | undefined
  readonly deep?: boolean | undefined
  /** Takes a unit that is named as it is, whatever it runs; for what takes as long as it takes. */
  readonly anyUnit?: boolean | undefined
  /** Takes what earlier runs read of unchanged files. */
  readonly remembers?: boolean | undefined
}

/** What a run needs: whom to ask, about what, for how long. */
export interface Session {
  readonly host: Host
  /** The same machine, asked anew: what `host` was answered once it repeats. */
  readonly again: () => Host
  readonly hostname: string
  /** Whether it is a recorded machine, at the time of its recording. */
  readonly isRecorded: boolean
  readonly settings: TargetSettings
  readonly config: Config
  readonly secrets: Secrets
  /** Milliseconds for one diagnosis. */
  readonly deadline: number
  readonly close: () => void
}

/**
 * Opens this machine or a recorded one, and finds the unit to look at.
 * @param known the configuration, where it was read before.
 * @throws UsageError for a configuration or a recording that cannot be used, and for a unit that is
 *   no Django service.
 */
export async function openSession(
  flags: LookFlags,
  wrap: (host: Host) => Host = host => host,
  known?: Config,
): Promise<Session> {
  const secrets = createSecrets()
  hide(secrets)
  const config = known ?? (await readConfig(flags.config))
  const wanted =
    (flags.unit === undefined ? config.unit : unitName(flags.unit, () => '--unit')) ?? null
  const common = {
    config,
    secrets,
    settings: targetSettings(config, flags.deep),
    deadline: (flags.timeout ?? config.timeout ?? 30) * 1000,
    isRecorded: flags.replay !== undefined,
  }
  startTimeOfProcess(common.deadline)
  if (flags.replay !== undefined) {
    const {unit, ...replay} = replayed(flags.replay, secrets, wrap)
    return withUnit({...common, ...replay}, wanted, unit)
  }
  const {localHost} = await import('../host/local/index.ts')
  const session = {...common, ...anew(() => localHost(secrets, flags), wrap), hostname: hostname()}
  try {
    if (flags.anyUnit && wanted !== null)
      return {...session, settings: {...session.settings, unit: wanted}}
    return await withUnit(session, wanted)
  } catch (error) {
    session.close()
    throw error
  } finally {
    // No diagnosis follows.
    if (flags.anyUnit) endTime()
  }
}

/** A recorded machine, and the unit that it is a recording of. */
function replayed(
  file: string,
  secrets: Secrets,
  wrap: (host: Host) => Host,
): Pick<Session, 'host' | 'again' | 'hostname' | 'close'> & {readonly unit: string | undefined} {
  // What a recording extends lies beside it: no path leads elsewhere, and no link.
  const beside = (name: string): string =>
    readRecording(join(dirname(file), name), {noFollow: true})
  const recording = parseRecording(readRecording(file), file, beside)
  const again = (): Host => once(wrap(replayHost(recording, secrets)))
  return {
    host: again(),
    again,
    hostname: recording.host,
    close: () => undefined,
    unit: recording.unit,
  }
}

/**
 * A host keeps its connections, and with them what became of them: who asks anew needs another one.
 */
function anew(
  open: () => LocalHost,
  wrap: (host: Host) => Host,
): Pick<Session, 'host' | 'again' | 'close'> {
  const opened: LocalHost[] = []
  const again = (): Host => {
    opened.at(-1)?.disconnect()
    const host = open()
    opened.push(host)
    return once(wrap(host))
  }
  const close = (): void => {
    for (const host of opened) host.close()
  }
  return {host: again(), again, close}
}

/**
 * Chooses the unit, within the deadline; where that is not enough, the checks are cut off and say
 * so.
 */
async function withUnit(session: Session, wanted: string | null, usual?: string): Promise<Session> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Choice>(resolve => {
    timer = setTimeout(
      () => resolve({unit: wanted ?? usual ?? defaultUnit, note: null}),
      timeLeft(),
    )
  })
  const choice = chooseUnit(session.host, wanted, usual).catch((error: unknown) => {
    // Of a unit that is not in the recording the checks say so.
    if (error instanceof NotRecorded) return {unit: wanted ?? usual ?? defaultUnit, note: null}
    throw error
  })
  choice.catch(() => undefined)
  const {unit, note} = await Promise.race([choice, late]).finally(() => clearTimeout(timer))
  if (note !== null) say(note)
  return {...session, settings: {...session.settings, unit}}
}

function targetSettings(config: Config, deep: boolean | undefined): TargetSettings {
  return {
    unit: null,
    package: config.target?.package,
    stateDirectory: config.target?.state_directory,
    staticRoot: config.target?.static_root,
    mediaRoot: config.target?.media_root,
    bind: config.target?.bind,
    hosts: config.target?.hosts,
    flake: config.nixos?.flake,
    ask: config.django?.ask,
    deep,
    secrets: config.nixos?.secrets,
  }
}
