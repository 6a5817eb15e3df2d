import type {ChildProcess} from 'node:child_process'
import {accessSync, constants, statSync} from 'node:fs'
import {CannotLook, type ExecAnswer, type ExecOptions} from '../host.ts'
import {inSeconds, type Share, within} from '../time-left.ts'
import {assertOpen, closing} from './closing.ts'
import {endWithUs} from './ending.ts'
import {signalGroup} from './process-group.ts'

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
interface RunOptions extends Omit<ExecOptions, 'question'>, Share {
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

/**
 * Runs a program, and ends it with all that it started when it takes too long or nobody waits any
 * more. One that no signal ends (it sleeps on a dead mount) is not waited for.
 */
export async function exec(argv: readonly string[], options: RunOptions = {}): Promise<ExecAnswer> {
  const [program = '', ...args] = argv
  const {user, input, timeout = 10_000, ...share} = options
  const file = findProgram(program)
  const asUser = user === undefined ? null : await identity(user)
  const command = asUser
    ? [findProgram('setpriv'), ...asUser, '--', file, ...args]
    : [file, ...args]
  const {execa} = await import('execa')
  assertOpen()
  const [executable = '', ...rest] = command
  const running = execa(executable, rest, {
    cwd: '/',
    env: environment,
    extendEnv: false,
    shell: false,
    reject: false,
    stripFinalNewline: false,
    // A session of its own: no terminal to read from, and a process group that can be ended.
    detached: true,
    cleanup: false,
    maxBuffer,
    ...(input === undefined ? {stdin: 'ignore' as const} : {input}),
  })
  const limit = within(timeout, share)
  const result = await ended(running, running.nodeChildProcess, {program, limit})
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

/** Milliseconds that a program is given to end by itself once it was told to. */
const grace = 500

/** @throws CannotLook when it takes longer than the limit, or nobody waits any more. */
async function ended<Result>(
  running: PromiseLike<Result>,
  child: ChildProcess,
  {program, limit}: {readonly program: string; readonly limit: number},
): Promise<Result> {
  let why: string | null = null
  let timer: NodeJS.Timeout | undefined
  let close = (): void => undefined
  const kill = (): void => signalGroup(child, 'SIGKILL')
  const forget = endWithUs(kill)
  const givenUp = new Promise<null>(resolve => {
    const giveUp = (): void => {
      kill()
      // What another process still holds open must not keep us.
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy()
      child.unref()
      resolve(null)
    }
    close = () => {
      why = 'was ended: nobody waits for it any more'
      giveUp()
    }
    closing.addEventListener('abort', close)
    timer = setTimeout(() => {
      why = `did not end within ${inSeconds(limit)}`
      signalGroup(child, 'SIGTERM')
      timer = setTimeout(giveUp, grace)
    }, limit)
  })
  const result = await Promise.race([running, givenUp])
  clearTimeout(timer)
  forget()
  closing.removeEventListener('abort', close)
  if (result === null || why !== null) throw new CannotLook(`${program} ${why}`)
  return result
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
