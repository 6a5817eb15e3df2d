import {accessSync, constants, statSync} from 'node:fs'
import {CannotLook, type ExecAnswer, type ExecOptions} from '../host.ts'
import {closing} from './closing.ts'

/** Where programs are looked for, whatever PATH the operator has: NixOS, then the FHS. */
const directories = [
  '/run/current-system/sw/bin',
  '/run/wrappers/bin',
  '/usr/sbin',
  '/usr/bin',
  '/sbin',
  '/bin',
]

/** What a program of ours is given. */
export const environment = {
  PATH: directories.join(':'),
  LC_ALL: 'C',
  TZ: 'UTC',
  SYSTEMD_PAGER: '',
  SYSTEMD_COLORS: '0',
  SYSTEMD_LOG_COLOR: '0',
}

/** Bytes of each stream that are kept. */
const maxBuffer = 64 * 1024 * 1024

/** As the host is asked, but for no recording. */
interface RunOptions extends Omit<ExecOptions, 'question'> {
  readonly input?: string
}

const programs = new Map<string, string>()

/** The absolute path of a program, in a directory that root alone writes to. */
export function findProgram(program: string): string {
  if (program.startsWith('/')) return program
  const known = programs.get(program)
  if (known) return known
  for (const directory of directories) {
    const path = `${directory}/${program}`
    try {
      const holder = statSync(directory)
      if (holder.uid !== 0 || (holder.mode & 0o022) !== 0) continue
      accessSync(path, constants.X_OK)
    } catch {
      continue
    }
    programs.set(program, path)
    return path
  }
  throw new CannotLook(`${program} is not installed (looked in ${directories.join(', ')})`)
}

export async function exec(argv: readonly string[], options: RunOptions = {}): Promise<ExecAnswer> {
  const [program = '', ...args] = argv
  const {user, input, timeout = 10_000} = options
  const file = findProgram(program)
  const asUser = user === undefined ? null : await identity(user)
  const command = asUser
    ? [findProgram('setpriv'), ...asUser, '--', file, ...args]
    : [file, ...args]
  const {execa} = await import('execa')
  const [executable = '', ...rest] = command
  const result = await execa(executable, rest, {
    cwd: '/',
    env: environment,
    extendEnv: false,
    shell: false,
    reject: false,
    timeout,
    forceKillAfterDelay: 500,
    stripFinalNewline: false,
    // A session of its own: no terminal to read from, and nothing of ours in its process group.
    detached: user !== undefined,
    maxBuffer,
    cancelSignal: closing,
    ...(input === undefined ? {stdin: 'ignore' as const} : {input}),
  })
  if (result.timedOut) throw new CannotLook(`${program} did not end within ${timeout / 1000} s`)
  if (result.isMaxBuffer)
    throw new CannotLook(`${program} printed more than ${maxBuffer >> 20} MiB`)
  if (result.exitCode === undefined && result.signal === undefined) {
    throw new CannotLook(`${program} could not be run: ${result.code ?? 'unknown error'}`)
  }
  return {
    exitCode: result.exitCode ?? null,
    stdout: String(result.stdout ?? ''),
    stderr: String(result.stderr ?? ''),
  }
}

/** setpriv(1)'s options for becoming a user with its group and supplementary groups. */
async function identity(user: string): Promise<readonly string[] | null> {
  const own = process.geteuid?.() ?? -1
  const [uid, gid] = await Promise.all([
    exec(['id', '-u', '--', user]),
    exec(['id', '-g', '--', user]),
  ])
  if (uid.exitCode !== 0 || gid.exitCode !== 0)
    throw new CannotLook(`there is no user ${user} to look as`)
  if (Number(uid.stdout) === own) return null
  if (own !== 0) throw new CannotLook(`only root can look as ${user}`, {privilege: true})
  return [
    `--reuid=${uid.stdout.trim()}`,
    `--regid=${gid.stdout.trim()}`,
    '--init-groups',
    '--no-new-privs',
    '--inh-caps=-all',
  ]
}
