import {type ChildProcess, spawn, spawnSync} from 'node:child_process'
import {randomBytes} from 'node:crypto'
import {rmSync, writeFileSync} from 'node:fs'
import {type AsUnitOptions, CannotLook, type ExecAnswer} from '../host.ts'
import {ifSeen} from '../if-seen.ts'
import {closing} from './closing.ts'
import {findCredentials} from './credentials.ts'
import {environmentText} from './environment-text.ts'
import {exec, findProgram, environment as ownEnvironment} from './exec.ts'
import {ownDirectory} from './own-directory.ts'
import {parseShown, type Setting, type Shown, translate} from './unit-properties.ts'

/** What is handed to systemd in files lies here while a program runs. */
const directory = '/run/prism-doctor'

/** Bytes. */
const defaultLimit = 4 * 1024 * 1024
const stderrLimit = 1024 * 1024
const memoryLimit = 1024 * 1024 * 1024
const taskLimit = 1024

/** How much a program may take; who only looks takes little. */
export interface Bounds {
  /** Milliseconds; null for as long as it takes. */
  readonly timeout: number | null
  /** As much memory and as many processes as the unit itself may have. */
  readonly unbounded?: boolean
}

/** A program that is about to be run as a unit would run it. */
export interface Transient {
  /** Of the transient unit. */
  readonly name: string
  /** systemd-run's arguments, all but `extra`, which says how it is connected. */
  command(extra: readonly string[]): readonly string[]
  /** Removes what was handed over in files. */
  release(): void
}

export interface UnitRunner {
  asUnit(unit: string, argv: readonly string[], options?: AsUnitOptions & Partial<Bounds>): Promise<ExecAnswer>
  prepare(unit: string, argv: readonly string[], options: AsUnitOptions, bounds: Bounds): Promise<Transient>
}

/** Settings that this systemd says of a unit and does not take for a transient one, as NAME=VALUE. */
const refused = new Set<string>()

/** What a program must not be run without, or it would get more than the unit has. */
const sandbox =
  /Protect|Private|Restrict|Capabilit|NoNew|SystemCall|Path|User|Group|Root|Bind|FileSystem|Mount|IPAddress|Device|Secure|Lock|Exec|Namespace|Proc|Keyring|MemoryDeny|UMask|Context|Profile|Label|Personality|Joins/

/** Units that run now, with their files: whatever ends this process ends them. */
const running = new Map<string, () => void>()

/** Runs programs as units would; what systemd says of a unit is asked once. */
export function createUnitRunner(): UnitRunner {
  const shown = new Map<string, Promise<readonly [Shown, Shown]>>()
  const show = (unit: string): Promise<readonly [Shown, Shown]> => {
    const known = shown.get(unit) ?? showUnit(unit)
    shown.set(unit, known)
    return known
  }

  const prepare: UnitRunner['prepare'] = async (unit, argv, options, bounds) => {
    if (process.geteuid?.() !== 0)
      throw new CannotLook(`only root can run a program as ${unit} would`, {privilege: true})
    const program = findProgram('systemd-run')
    const [of, defaults] = await show(unit)
    const {settings, environmentFiles, environment} = translate(of, defaults)
    const credentials = await findCredentials(unit, of)
    const without = new Set(options.without)
    const name = `prism-doctor-${process.pid}-${randomBytes(6).toString('hex')}`
    const files: string[] = []
    const handOver = (kind: string, content: string | Buffer): string => {
      const path = `${own()}/${name}.${kind}`
      files.push(path)
      writeFileSync(path, content, {mode: 0o600, flag: 'wx'})
      return path
    }
    const release = (): void => {
      running.delete(name)
      for (const path of files) rmSync(path, {force: true})
    }
    running.set(name, release)
    watchExit()
    try {
      const first = environment.size > 0 ? [handOver('unit', environmentText(environment))] : []
      const added = Object.entries(options.environment ?? {})
      const last = added.length > 0 ? [handOver('added', environmentText(added))] : []
      const wanted: readonly Setting[] = [
        ...settings.flatMap(setting => kept(setting, options)),
        ...(options.directory === undefined ? [] : [{name: 'WorkingDirectory', value: options.directory}]),
        ...[...first, ...environmentFiles, ...last].map(value => ({name: 'EnvironmentFile', value})),
        ...credentials.map(({setting, id, path, content}) => ({
          name: setting,
          value:
            path === undefined && content === undefined
              ? id
              : `${id}:${path ?? handOver(`c${files.length}`, content ?? '')}`,
        })),
      ].filter(setting => !without.has(setting.name.replace(/Ex$/, '')))
      const limits = limitsOf(of, bounds)
      return {
        name,
        release,
        command: extra => [
          program,
          '--quiet',
          '--wait',
          '--no-ask-password',
          `--unit=${name}.service`,
          '--description=prism-doctor asks',
          '--service-type=exec',
          ...extra,
          ...[...wanted, ...limits].flatMap(accepted).flatMap(setting => ['-p', `${setting.name}=${setting.value}`]),
          '--',
          // systemd expands variables in what it starts.
          ...argv.map((word, at) => (at === 0 ? word : word.replaceAll('$', '$$$$'))),
        ],
      }
    } catch (error) {
      release()
      throw error instanceof CannotLook
        ? error
        : new CannotLook(
            `${directory} cannot be written: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}`,
          )
    }
  }

  return {
    prepare,
    async asUnit(unit, argv, options = {}) {
      const {timeout = 10_000, limit = defaultLimit, unbounded = false, input, fence} = options
      const bounds = {timeout, unbounded}
      for (;;) {
        const transient = await prepare(unit, argv, options, bounds)
        try {
          const [program = '', ...args] = transient.command(['--pipe'])
          const ended = await run(program, args, {
            name: transient.name,
            input,
            timeout: timeout ?? 0,
            limit,
            what: argv[0] ?? '',
          })
          if (ended.exitCode === 0) return fenced(ended, fence)
          const answer = await judged(transient.name, ended)
          if (answer !== null) return fenced(answer, fence)
          // It says which setting it does not take: once more, in other words or without.
          refuse(ended.stderr, args)
        } finally {
          transient.release()
        }
      }
    },
  }
}

/** The line behind the last fence; nothing where there is none. */
function fenced(answer: ExecAnswer, fence: string | undefined): ExecAnswer {
  if (fence === undefined) return answer
  const at = answer.stdout.lastIndexOf(fence)
  const behind = at < 0 ? '' : answer.stdout.slice(at + fence.length)
  return {...answer, stdout: behind.split('\n', 1)[0] ?? ''}
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
function kept(setting: Setting, {environment = {}, directory}: AsUnitOptions): readonly Setting[] {
  if (setting.name === 'WorkingDirectory' && directory !== undefined) return []
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
function refuse(stderr: string, args: readonly string[]): void {
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

function own(): string {
  try {
    return ownDirectory(directory)
  } catch (error) {
    throw new CannotLook((error as Error).message)
  }
}

interface RunOptions {
  readonly name: string
  readonly input: string | undefined
  /** Milliseconds; 0 for none. */
  readonly timeout: number
  readonly limit: number
  /** What is run, for a sentence. */
  readonly what: string
}

/** Runs systemd-run, and stops the unit when it takes too long, says too much, or nobody waits any more. */
async function run(program: string, args: readonly string[], options: RunOptions): Promise<ExecAnswer> {
  const {name, input, timeout, limit, what} = options
  const child = spawn(program, args, {
    cwd: '/',
    env: ownEnvironment,
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  })
  // A program need not read what it is given.
  child.stdin?.on('error', () => undefined)
  child.stdin?.end(input)
  let why: string | null = null
  let stopping: Promise<unknown> = Promise.resolve()
  const stop = (reason: string): void => {
    if (why !== null) return
    why = reason
    stopping = stopUnit(name, child)
  }
  const out = collect(child.stdout, limit, () => stop(`${what} printed more than ${limit} bytes`))
  const err = collect(child.stderr, stderrLimit, () => undefined)
  const timer = timeout > 0 ? setTimeout(() => stop(`${what} did not end within ${timeout / 1000} s`), timeout) : null
  const close = (): void => stop(`nobody waits for ${what} any more`)
  closing.addEventListener('abort', close)
  try {
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.on('error', ({code}: NodeJS.ErrnoException) =>
        reject(new CannotLook(`systemd-run could not be run: ${code ?? 'unknown error'}`)),
      )
      child.on('close', resolve)
    })
    await stopping
    if (why !== null) throw new CannotLook(why)
    return {exitCode, stdout: out(), stderr: err()}
  } finally {
    if (timer) clearTimeout(timer)
    closing.removeEventListener('abort', close)
  }
}

/** Keeps the first bytes of a stream, and reads on, so that whoever writes can end. */
function collect(stream: NodeJS.ReadableStream | null, limit: number, onMore: () => void): () => string {
  const chunks: Buffer[] = []
  let size = 0
  stream?.on('data', (chunk: Buffer) => {
    if (size < limit) chunks.push(chunk.subarray(0, limit - size))
    size += chunk.length
    if (size > limit) onMore()
  })
  return () => Buffer.concat(chunks).toString('utf8')
}

/** Ends a unit with everything that it started; a child that still waits for it is ended as well. */
async function stopUnit(name: string, child: ChildProcess): Promise<void> {
  const asked = spawn(findProgram('systemctl'), ['stop', '--', `${name}.service`], {
    env: ownEnvironment,
    stdio: 'ignore',
  })
  await new Promise<void>(resolve => {
    asked.on('error', () => resolve())
    asked.on('close', () => resolve())
  })
  forget(name)
  child.kill('SIGKILL')
}

function forget(name: string): void {
  spawnSync(findProgram('systemctl'), ['reset-failed', '--', `${name}.service`], {env: ownEnvironment, stdio: 'ignore'})
}

/** Whatever ends this process: nothing of it runs on, and no file with a secret remains. */
function watchExit(): void {
  if (process.listeners('exit').includes(endAll)) return
  process.on('exit', endAll)
}

function endAll(): void {
  for (const [name, release] of running) {
    spawnSync(findProgram('systemctl'), ['stop', '--no-block', '--', `${name}.service`], {
      env: ownEnvironment,
      stdio: 'ignore',
    })
    release()
  }
}

/**
 * What a bad end was: the program's own, systemd's that could not start it, or null for systemd-run's, that did not get
 * as far as a unit. Of Type=exec only what was started was ever active.
 */
async function judged(name: string, ended: ExecAnswer): Promise<ExecAnswer | null> {
  const asked = 'LoadState,Result,ActiveEnterTimestampMonotonic,ExecMainPID,ExecMainCode,ExecMainStatus'
  const answer = await exec(['systemctl', 'show', '--no-pager', `--property=${asked}`, '--', `${name}.service`])
  const [unit] = parseShown(answer.stdout)
  const get = (property: string): string => unit?.get(property)?.[0] ?? ''
  if (get('LoadState') !== 'loaded') return null
  forget(name)
  if (get('Result') === 'timeout') throw new CannotLook('it did not end in time')
  const status = Number(get('ExecMainStatus'))
  const isExit = get('ExecMainCode') === '1'
  if (Number(get('ActiveEnterTimestampMonotonic')) > 0) return {...ended, exitCode: isExit ? status : null}
  if (get('ExecMainPID') === '0' || get('ExecMainPID') === '')
    throw new CannotLook(`systemd did not start it (${get('Result')}): ${lastLine(ended.stderr)}`)
  return {
    exitCode: status,
    stdout: '',
    stderr: await whyNotStarted(`${name}.service`),
    notStarted: `${status}${stepNames[status] ? `/${stepNames[status]}` : ''}`,
  }
}

/** systemd's own words; what never ran has logged nothing itself. */
async function whyNotStarted(unit: string): Promise<string> {
  const question = ['journalctl', '--no-pager', '--quiet', '--output=cat', '--since=-1min', `--unit=${unit}`]
  const said = await ifSeen(exec(question, {timeout: 3000}))
  const lines = said?.exitCode === 0 ? said.stdout.split('\n') : []
  return lines
    .map(line => line.replace(`${unit}: `, ''))
    .filter(line => line !== '' && !line.startsWith(`Failed to start ${unit}`))
    .join('\n')
}

/** Exit statuses of what systemd does before the program (systemd.exec(5), "Process Exit Codes"). */
const stepNames: Readonly<Record<number, string>> = {
  200: 'CHDIR',
  201: 'NICE',
  202: 'FDS',
  203: 'EXEC',
  204: 'MEMORY',
  205: 'LIMITS',
  206: 'OOM_ADJUST',
  207: 'SIGNAL_MASK',
  208: 'STDIN',
  209: 'STDOUT',
  210: 'CHROOT',
  211: 'IOPRIO',
  212: 'TIMERSLACK',
  213: 'SECUREBITS',
  214: 'SETSCHEDULER',
  215: 'CPUAFFINITY',
  216: 'GROUP',
  217: 'USER',
  218: 'CAPABILITIES',
  219: 'CGROUP',
  220: 'SETSID',
  221: 'CONFIRM',
  222: 'STDERR',
  224: 'PAM',
  225: 'NETWORK',
  226: 'NAMESPACE',
  227: 'NO_NEW_PRIVILEGES',
  228: 'SECCOMP',
  229: 'SELINUX_CONTEXT',
  230: 'PERSONALITY',
  231: 'APPARMOR_PROFILE',
  232: 'ADDRESS_FAMILIES',
  233: 'RUNTIME_DIRECTORY',
  235: 'CHOWN',
  236: 'SMACK_PROCESS_LABEL',
  237: 'KEYRING',
  238: 'STATE_DIRECTORY',
  239: 'CACHE_DIRECTORY',
  240: 'LOGS_DIRECTORY',
  241: 'CONFIGURATION_DIRECTORY',
  242: 'NUMA_POLICY',
  243: 'CREDENTIALS',
  245: 'BPF',
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? ''
}
