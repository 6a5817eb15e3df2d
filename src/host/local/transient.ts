import {spawn, spawnSync} from 'node:child_process'
import {randomBytes} from 'node:crypto'
import {existsSync, lstatSync, readdirSync, rmSync, writeFileSync} from 'node:fs'
import {type AsUnitOptions, CannotLook} from '../host.ts'
import {findCredentials} from './credentials.ts'
import {environmentText} from './environment-text.ts'
import {exec, findProgram, environment as ownEnvironment} from './exec.ts'
import {ownDirectory} from './own-directory.ts'
import {parseShown, type Setting, type Shown, translate} from './unit-properties.ts'

/** What is handed to systemd in files lies here while a program starts. */
export const handOverDirectory = '/run/prism-doctor'

/** Bytes. */
const memoryLimit = 1024 * 1024 * 1024
const taskLimit = 1024

/** How much a program may take; who only looks takes little. */
export interface Bounds {
  /** Milliseconds; null for as long as it takes. */
  readonly timeout: number | null
  /** As much memory and as many processes as the unit itself may have. */
  readonly unbounded: boolean
}

/** A program that is about to be run as a unit would run it. */
export interface Transient {
  /** The transient unit: `prism-doctor-4711-1f2e3d4c5b6a.service`. */
  readonly name: string
  /** The arguments of systemd-run; `how` says how the program is connected, `extra` settings come last. */
  command(how: '--pipe' | '--pty', extra?: readonly Setting[]): readonly string[]
  /** Removes what was handed over in files. */
  forget(): void
  /** The unit has ended. */
  release(): void
}

/** Makes transient units; what systemd says of a unit is asked once. */
export type Prepare = (
  unit: string,
  argv: readonly string[],
  options: AsUnitOptions,
  bounds: Bounds,
) => Promise<Transient>

/** Settings that this systemd says of a unit and does not take for a transient one, as NAME=VALUE. */
const refused = new Set<string>()

/** What a program must not be run without, or it would get more than the unit has. */
const sandbox =
  /Protect|Private|Restrict|Capabilit|NoNew|SystemCall|Path|User|Group|Root|Bind|FileSystem|Mount|IPAddress|Device|Secure|Lock|Exec|Namespace|Proc|Keyring|MemoryDeny|UMask|Context|Profile|Label|Personality|Joins/

/** Units that run now: whatever ends this process ends them, and no file of theirs remains. */
const running = new Map<string, Transient>()

/** Prepares programs; everything but the program itself is checked before. */
export function createPrepare(): Prepare {
  const shown = new Map<string, Promise<readonly [Shown, Shown]>>()
  const show = (unit: string): Promise<readonly [Shown, Shown]> => {
    const known = shown.get(unit) ?? showUnit(unit)
    shown.set(unit, known)
    return known
  }
  return async (unit, argv, options, bounds) => {
    if (process.geteuid?.() !== 0)
      throw new CannotLook(`only root can run a program as ${unit} would`, {privilege: true})
    findProgram('systemd-run')
    const directory = own()
    const [of, defaults] = await show(unit)
    const {settings, environmentFiles, environment} = translate(of, defaults, isMapped)
    const credentials = await findCredentials(unit, of)
    const name = `prism-doctor-${process.pid}-${randomBytes(6).toString('hex')}.service`
    const files: string[] = []
    const handOver = (content: string | Buffer): string => {
      const path = `${directory}/${name}.${files.length}`
      files.push(path)
      writeFileSync(path, content, {mode: 0o600, flag: 'wx'})
      return path
    }
    const handOverAll = (variables: Iterable<readonly [string, string]>): readonly string[] => {
      const text = environmentText(variables)
      // What runs for hours has its files removed once it has started, and ExecStopPost= has them read again.
      return text === '' ? [] : [`${bounds.timeout === null ? '-' : ''}${handOver(text)}`]
    }
    const forget = (): void => {
      for (const path of files) rmSync(path, {force: true})
    }
    const without = new Set(options.without)
    const build = (): readonly Setting[] => [
      ...settings.flatMap(setting => kept(setting, options)),
      ...(options.directory === undefined ? [] : [{name: 'WorkingDirectory', value: options.directory}]),
      ...(options.as ? [{name: 'User', value: options.as.user}] : []),
      ...(options.as?.group ? [{name: 'Group', value: options.as.group}] : []),
      // Read in this order, the later wins: the unit's own files overrule Environment=.
      ...[
        ...handOverAll(environment),
        ...environmentFiles,
        ...handOverAll(Object.entries(options.environment ?? {})),
      ].map(value => ({name: 'EnvironmentFile', value})),
      ...credentials.map(({setting, id, path, content}) => {
        const from = content === undefined ? path : handOver(content)
        return {name: setting, value: from === undefined ? id : `${id}:${from}`}
      }),
    ]
    let wanted: readonly Setting[]
    try {
      wanted = build().filter(setting => !without.has(setting.name.replace(/Ex$/, '')))
    } catch (error) {
      forget()
      const {code, message} = error as NodeJS.ErrnoException
      throw error instanceof CannotLook
        ? error
        : new CannotLook(`${handOverDirectory} cannot be written: ${code ?? message}`)
    }
    const transient: Transient = {
      name,
      command: (how, extra = []) => [
        how,
        '--quiet',
        '--wait',
        '--no-ask-password',
        `--unit=${name}`,
        '--description=prism-doctor',
        '--service-type=exec',
        ...[...wanted, ...limitsOf(of, bounds), ...extra]
          .flatMap(accepted)
          .flatMap(setting => ['-p', `${setting.name}=${setting.value}`]),
        '--',
        // systemd expands variables in the arguments of what it starts.
        ...argv.map((word, at) => (at === 0 ? word : word.replaceAll('$', '$$$$'))),
      ],
      forget,
      release() {
        running.delete(name)
        forget()
        unwatch()
      },
    }
    running.set(name, transient)
    watch(bounds)
    return transient
  }
}

/** As systemd leaves a private directory that it maps to the user of the unit: nobody's, with the bits of the unit. */
function isMapped(path: string, mode: number): boolean {
  const found = lstatSync(path, {throwIfNoEntry: false})
  return found?.isDirectory() === true && found.uid === 65_534 && found.gid === 65_534 && (found.mode & 0o7777) === mode
}

async function showUnit(unit: string): Promise<readonly [Shown, Shown]> {
  const none = `prism-doctor-${randomBytes(6).toString('hex')}.service`
  const answer = await exec(['systemctl', 'show', '--all', '--no-pager', '--', unit, none])
  const [of, defaults] = parseShown(answer.stdout)
  if (answer.exitCode !== 0 || !of || !defaults)
    throw new CannotLook(`systemctl cannot ask systemd: ${lastLine(answer.stderr) || `exit code ${answer.exitCode}`}`)
  const state = of.get('LoadState')?.[0]
  if (state !== 'loaded') throw new CannotLook(`${unit} cannot be run as: systemd says ${state ?? 'nothing'} of it`)
  return [of, defaults]
}

/** A setting as the caller wants it: what is added must not be taken away, and another directory replaces the unit's. */
function kept(setting: Setting, {environment = {}, directory, as}: AsUnitOptions): readonly Setting[] {
  if (setting.name === 'WorkingDirectory' && directory !== undefined) return []
  if (as && (setting.name === 'User' || setting.name === 'Group')) return []
  if (setting.name !== 'UnsetEnvironment') return [setting]
  const names = setting.value.split(' ').filter(word => !(word.replace(/^["$']*|=.*$/g, '') in environment))
  return names.length > 0 ? [{name: setting.name, value: names.join(' ')}] : []
}

/** The words of a setting that this systemd takes; none where it takes none, and nothing depends on it. */
function accepted(setting: Setting): readonly Setting[] {
  if (!refused.has(`${setting.name}=${setting.value}`)) return [setting]
  if (setting.or) return accepted(setting.or)
  if (sandbox.test(setting.name)) throw new CannotLook(`systemd-run does not take ${setting.name}=${setting.value}`)
  return []
}

/**
 * Notes the setting that systemd-run complains of.
 * @throws CannotLook when it complains of something else.
 */
export function refuse(stderr: string, args: readonly string[]): void {
  const name = /(?:Unknown assignment:?|Cannot set property|Failed to parse) (\w+)/.exec(stderr)?.[1]
  const given = args.filter((arg, at) => args[at - 1] === '-p' && arg.startsWith(`${name}=`) && !refused.has(arg))
  if (given.length === 0) throw new CannotLook(`systemd-run did not start it: ${lastLine(stderr) || 'it says nothing'}`)
  for (const setting of given) refused.add(setting)
}

/** Who looks must not take the machine's memory, and does not look for ever. */
function limitsOf(unit: Shown, {timeout, unbounded = false}: Bounds): readonly Setting[] {
  const lesser = (name: string, most: number): string => {
    const own = unit.get(name)?.[0] ?? 'infinity'
    if (unbounded) return /^(?:\d+|infinity)$/.test(own) ? own : 'infinity'
    return String(/^\d+$/.test(own) ? Math.min(Number(own), most) : most)
  }
  return [
    // What systemd says of a program that cannot be started is kept, and that one ended badly is not.
    {name: 'LogLevelMax', value: 'err'},
    {name: 'MemoryMax', value: lesser('MemoryMax', memoryLimit)},
    {name: 'TasksMax', value: lesser('TasksMax', taskLimit)},
    {name: 'TimeoutStopSec', value: unbounded ? '10' : '2'},
    ...(timeout === null ? [] : [{name: 'RuntimeMaxSec', value: String(Math.ceil(timeout / 1000) + 2)}]),
  ]
}

/** The directory, without what a run has left there that was killed. */
function own(): string {
  try {
    const path = ownDirectory(handOverDirectory)
    for (const name of readdirSync(path)) {
      const [, pid] = /^prism-doctor-(\d+)-/.exec(name) ?? []
      if (pid !== undefined && !existsSync(`/proc/${pid}`)) rmSync(`${path}/${name}`, {force: true})
    }
    return path
  } catch (error) {
    const {code, message} = error as NodeJS.ErrnoException
    throw new CannotLook(code === undefined ? message : `${handOverDirectory} cannot be made or read: ${code}`)
  }
}

/** Ends a unit with everything that it started. */
export async function stopUnit(name: string): Promise<void> {
  const child = spawn(findProgram('systemctl'), ['stop', '--', name], {
    env: ownEnvironment,
    stdio: 'ignore',
    timeout: 15_000,
  })
  await new Promise<void>(resolve => {
    child.on('error', () => resolve())
    child.on('close', () => resolve())
  })
  forgetFailure(name)
}

/** One that ended badly is kept by systemd until it was asked how. */
export function forgetFailure(name: string): void {
  spawnSync(findProgram('systemctl'), ['reset-failed', '--', name], {env: ownEnvironment, stdio: 'ignore'})
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Who runs a command for somebody passes signals on, and does not end by them. */
function watch({timeout}: Bounds): void {
  if (!process.listeners('exit').includes(endAll)) process.on('exit', endAll)
  for (const signal of timeout === null ? [] : signals)
    if (!process.listeners(signal).includes(endBySignal)) process.on(signal, endBySignal)
}

function unwatch(): void {
  if (running.size === 0) for (const signal of signals) process.off(signal, endBySignal)
}

/** Ends what runs, then this process as the signal would have ended it. */
function endBySignal(signal: NodeJS.Signals): void {
  endAll()
  for (const each of signals) process.off(each, endBySignal)
  process.kill(process.pid, signal)
}

function endAll(): void {
  for (const {name, forget} of running.values()) {
    spawnSync(findProgram('systemctl'), ['stop', '--no-block', '--', name], {env: ownEnvironment, stdio: 'ignore'})
    forget()
  }
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? ''
}
