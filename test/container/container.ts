import {spawn} from 'node:child_process'
import {closeSync, existsSync, openSync, readFileSync} from 'node:fs'
import {mkdir, readdir, readFile, rm, rmdir} from 'node:fs/promises'
import {join} from 'node:path'
import {execa} from 'execa'
import {claim, directory, leftOver, readState, record, release} from './instances.ts'
import {repository} from './paths.ts'
import {children, isAlive, kill, processOf, until} from './processes.ts'

/** What an instance boots. */
export interface Image {
  /** Its host name. */
  readonly name: string
  /** The directories that make its root, the uppermost first. */
  readonly layers: readonly string[]
}

export interface Output {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/**
 * The container's cgroups: nspawn takes the one that it was started in, and two instances must not
 * share it.
 */
function cgroups(instance: number): string[] {
  const roots = existsSync('/sys/fs/cgroup/cgroup.controllers')
    ? ['/sys/fs/cgroup']
    : ['/sys/fs/cgroup/unified', '/sys/fs/cgroup/systemd']
  return roots.map(root => join(root, `prism-doctor-midship-${instance}`))
}

async function removeCgroup(path: string): Promise<void> {
  if (!existsSync(path)) return
  for (const entry of await readdir(path, {withFileTypes: true})) {
    if (entry.isDirectory()) await removeCgroup(join(path, entry.name))
  }
  await rmdir(path)
}

const isMounted = (path: string): boolean =>
  readFileSync('/proc/mounts', 'utf8').includes(` ${path} `)

async function unmount(path: string): Promise<void> {
  while (isMounted(path)) await execa('umount', ['--lazy', path])
}

/** Mounts the instance's root: the image's layers, and what is written from now on in `upper`. */
async function mountRoot(instance: number, {layers}: Image, upper: string | null): Promise<string> {
  const base = directory(instance)
  await mkdir(base, {recursive: true, mode: 0o755})
  await execa('mount', ['-t', 'tmpfs', '-o', 'mode=755,size=3g', 'midship', base])
  const root = join(base, 'root')
  await mkdir(root)
  const top = upper ?? base
  for (const name of ['upper', 'work']) await mkdir(join(top, name), {recursive: true, mode: 0o755})
  const options = `lowerdir=${layers.join(':')},upperdir=${join(top, 'upper')},workdir=${join(top, 'work')}`
  await execa('mount', ['-t', 'overlay', '-o', options, 'midship', root])
  return root
}

/**
 * Mounts a root and hands it over before anything boots in it. With `upper`, changes are kept in
 * that directory.
 */
export async function prepare(
  instance: number,
  image: Image,
  upper: string | null,
): Promise<string> {
  for (const left of await leftOver()) await stop(left)
  if (!(await claim(instance))) throw new Error(`instance ${instance} is in use`)
  await end(instance)
  return mountRoot(instance, image, upper)
}

/** Boots the prepared root and returns once systemd says that it is done. */
export async function start(instance: number, {name}: Image): Promise<void> {
  const base = directory(instance)
  for (const path of cgroups(instance)) await mkdir(path, {recursive: true})
  const log = openSync(join(base, 'console'), 'a')
  const nspawn = spawn(
    'sh',
    [
      ...[
        '-c',
        'for group; do echo $$ > "$group/cgroup.procs" || exit; shift; [ "$1" = -- ] && break; done; shift; exec "$@"',
      ],
      ...[
        'sh',
        ...cgroups(instance),
        '--',
        'systemd-nspawn',
        '--quiet',
        '--boot',
        `--directory=${join(base, 'root')}`,
      ],
      ...[
        '--register=no',
        '--keep-unit',
        '--private-network',
        `--machine=${name}-${instance}`,
        `--hostname=${name}`,
      ],
      ...['--console=passive', '--link-journal=no', '--resolv-conf=off', '--timezone=off'],
      ...[`--bind-ro=${repository}:/opt/prism-doctor`],
      `--bind-ro=${join(repository, 'node_modules/node/bin/node')}:/opt/node/bin/node`,
    ],
    {
      detached: true,
      stdio: ['ignore', log, log],
      env: {PATH: process.env.PATH, SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1'},
    },
  )
  closeSync(log)
  nspawn.unref()
  if (nspawn.pid === undefined) throw new Error('systemd-nspawn could not be started')
  const outer = processOf(nspawn.pid)
  await record(instance, {nspawn: outer})
  const leader = await until('the container starts', 20, async () => {
    if (!isAlive(outer))
      throw new Error(`systemd-nspawn ended: ${await readFile(join(base, 'console'), 'utf8')}`)
    return children(outer.pid).find(isFirst)
  })
  await record(instance, {leader: processOf(leader)})
  await until('systemd answers', 30, () => existsSync(`/proc/${leader}/root/run/systemd/private`))
}

/**
 * Whether it is the first process of its own namespace and has become systemd, past nspawn's
 * preparations.
 */
function isFirst(pid: number): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return /^NSpid:\t\d+\t1$/m.test(status) && status.startsWith('Name:\tsystemd\n')
  } catch {
    return false
  }
}

/** Waits until the boot is over. Anything but a system where every unit started is an error. */
export async function waitForBoot(instance: number): Promise<void> {
  const {stdout} = await until('systemd listens', 30, async () => {
    const answer = await run(instance, ['systemctl', 'is-system-running', '--wait'], {timeout: 120})
    return answer.stdout !== '' && answer
  })
  if (stdout.trim() === 'running') return
  const failed = await run(instance, [
    'systemctl',
    'list-units',
    '--failed',
    '--no-legend',
    '--plain',
  ])
  throw new Error(`the container is ${stdout.trim()}: ${failed.stdout}`)
}

/** Boots a fresh machine; `change` may change the root that it is about to boot. */
export async function bootImage(
  instance: number,
  image: Image,
  change: (root: string) => Promise<void> = async () => {},
): Promise<void> {
  const root = await prepare(instance, image, null)
  await change(root)
  await start(instance, image)
  await waitForBoot(instance)
}

const environment = [
  'PATH=/run/current-system/sw/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin',
  'HOME=/root',
  'LANG=C.UTF-8',
  `TERM=${process.env.TERM ?? 'dumb'}`,
]

/**
 * The command line that runs `argv` inside: in every namespace of its PID 1, with none of this
 * environment.
 */
export function enter(instance: number, argv: readonly string[]): [string, ...string[]] {
  const leader = readState(instance)?.leader
  if (!leader || !isAlive(leader)) throw new Error(`instance ${instance} is not running`)
  const namespaces = ['--mount', '--uts', '--ipc', '--net', '--pid', '--cgroup', '--root', '--wd']
  return [
    'nsenter',
    `--target=${leader.pid}`,
    ...namespaces,
    '--',
    '/usr/bin/env',
    '-i',
    ...environment,
    ...argv,
  ]
}

/** Runs a command inside and returns what it said, whatever its exit code. */
export async function run(
  instance: number,
  argv: readonly string[],
  options: {input?: string; timeout?: number} = {},
): Promise<Output> {
  const [file, ...rest] = enter(instance, argv)
  const {exitCode, stdout, stderr, timedOut} = await execa(file, rest, {
    reject: false,
    input: options.input ?? '',
    timeout: (options.timeout ?? 60) * 1000,
    killSignal: 'SIGKILL',
    stripFinalNewline: false,
  })
  if (timedOut)
    throw new Error(`${argv.join(' ').slice(0, 80)}: no answer in ${options.timeout ?? 60} s`)
  return {exitCode: exitCode ?? 255, stdout, stderr}
}

/** Shuts down as an operator would: everything is written, nothing is killed. */
export async function shutDown(instance: number): Promise<void> {
  const nspawn = readState(instance)?.nspawn
  if (!nspawn) return
  kill(nspawn, 'SIGTERM')
  await until('the container shuts down', 60, () => !isAlive(nspawn))
}

/** Leaves it running when this process ends. */
export const keep = (instance: number): Promise<void> => record(instance, {kept: true})

/** Ends an instance, also one that a driver which crashed left behind. */
export async function stop(instance: number): Promise<void> {
  if (!readState(instance)) return
  if (!(await claim(instance))) throw new Error(`instance ${instance} is in use`)
  await end(instance)
  await release(instance)
}

/** Ends what is recorded of an instance that is this process's own, and stays. */
export async function end(instance: number): Promise<void> {
  const state = readState(instance)
  if (!state) return
  // With its first process the kernel ends every other one of the namespace.
  if (state.leader) kill(state.leader, 'SIGKILL')
  const {nspawn} = state
  if (nspawn) {
    if (!state.leader) kill(nspawn, 'SIGKILL')
    await until('the container ends', 10, () => !isAlive(nspawn)).catch(() =>
      kill(nspawn, 'SIGKILL'),
    )
  }
  const base = directory(instance)
  await unmount(join(base, 'root'))
  await unmount(base)
  for (const path of cgroups(instance)) await until('its cgroup is empty', 10, () => removed(path))
  await rm(base, {recursive: true, force: true})
  await record(instance, {nspawn: null, leader: null})
}

async function removed(path: string): Promise<boolean> {
  return removeCgroup(path).then(
    () => true,
    () => false,
  )
}
