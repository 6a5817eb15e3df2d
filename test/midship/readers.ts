import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {chmod, chown, cp, mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {createServer, type Server} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {execa} from 'execa'
import {run} from '../container/container.ts'
import {directory as directoryOf} from '../container/instances.ts'
import {repository} from '../container/paths.ts'
import {until} from '../container/processes.ts'
import {freePort} from '../free-port.ts'
import {installed} from '../programs.ts'

/** Monitors that others wrote, on this machine, about a deployment in a container. */

const monitoring = join(repository, 'packaging/monitoring')

/** What a reader has taken, given back in the reverse order. */
export interface Taken {
  /** A directory of its own that everybody may pass. */
  readonly directory: string
  later(give: () => Promise<void>): void
}

/** Lets `work` have what it takes, and gives all of it back, whatever comes. */
export async function taking(work: (taken: Taken) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'prism-doctor-readers-'))
  await chmod(directory, 0o755)
  const back: (() => Promise<void>)[] = [() => rm(directory, {recursive: true, force: true})]
  try {
    await work({directory, later: give => void back.unshift(give)})
  } finally {
    for (const give of back) await give()
  }
}

/** A program that must be there. */
function program(name: string): string {
  const path = installed(name)
  if (path === null) throw new Error(`${name} is not installed: see .ci/run`)
  return path
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

interface Identity {
  readonly uid: number
  readonly gid: number
}

async function identityOf(user: string): Promise<Identity> {
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async flag => Number((await execa('id', [flag, user])).stdout)),
  )
  return {uid: uid ?? -1, gid: gid ?? -1}
}

/** Starts a daemon as a user, and ends it by its number. */
function daemon(taken: Taken, argv: readonly [string, ...string[]], as: Identity): void {
  const [file, ...args] = argv
  const child = spawn(file, args, {stdio: ['ignore', 'pipe', 'pipe'], cwd: '/', env: {}, ...as})
  const said: Buffer[] = []
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => void said.push(chunk))
  const ended = once(child, 'exit')
  let isGoing = false
  void ended.then(() => {
    if (!isGoing)
      process.stderr.write(`${file} ended: ${Buffer.concat(said).toString().slice(-2000)}\n`)
  })
  taken.later(async () => {
    isGoing = true
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
    await ended
  })
}

async function json(url: string): Promise<{readonly data?: unknown; readonly status?: string}> {
  const answer = await fetch(url).catch(() => null)
  // Prometheus says 503 until it has read its storage.
  return answer === null || answer.status === 503 ? {} : ((await answer.json()) as {data?: unknown})
}

/** An alert of Prometheus, as its API has it. */
export interface Alert {
  readonly state: 'pending' | 'firing'
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

/** A Prometheus with our rules, that reads a node_exporter over the container's metrics. */
export interface Prometheus {
  alerts(): Promise<readonly Alert[]>
  /** How many series a query finds. */
  count(query: string): Promise<number>
}

/** @param taken has Prometheus and node_exporter until it is given back. */
export async function startPrometheus(instance: number, taken: Taken): Promise<Prometheus> {
  const nobody = await identityOf('nobody')
  const textfiles = join(taken.directory, 'textfiles')
  const data = join(taken.directory, 'prometheus')
  for (const path of [textfiles, data]) await mkdir(path)
  await chown(data, nobody.uid, nobody.gid)
  // As nobody they do not reach the container's root, and the directory alone is theirs to read.
  const inside = join(directoryOf(instance), 'root/var/lib/prometheus/node-exporter')
  await execa('mount', ['--bind', inside, textfiles])
  taken.later(async () => void (await execa('umount', ['--lazy', textfiles])))
  const [exporter, prometheus] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`]
  daemon(
    taken,
    [
      program('prometheus-node-exporter'),
      '--collector.disable-defaults',
      '--collector.textfile',
      `--collector.textfile.directory=${textfiles}`,
      `--web.listen-address=${exporter}`,
    ],
    nobody,
  )
  await cp(join(monitoring, 'prism-doctor.rules.yml'), join(taken.directory, 'rules.yml'))
  await writeFile(
    join(taken.directory, 'prometheus.yml'),
    `global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [rules.yml]
scrape_configs:
  - job_name: node
    static_configs: [{targets: ['${exporter}']}]
`,
  )
  daemon(
    taken,
    [
      program('prometheus'),
      `--config.file=${join(taken.directory, 'prometheus.yml')}`,
      `--storage.tsdb.path=${data}`,
      `--web.listen-address=${prometheus}`,
    ],
    nobody,
  )
  const api = `http://${prometheus}/api/v1`
  return {
    async alerts() {
      const {data: found} = await json(`${api}/alerts`)
      return (found as {alerts: readonly Alert[]} | undefined)?.alerts ?? []
    },
    async count(query) {
      const {status, data: found} = await json(`${api}/query?query=${encodeURIComponent(query)}`)
      if (status === 'error') throw new Error(`Prometheus does not take ${query}`)
      return (found as {result: readonly unknown[]} | undefined)?.result.length ?? 0
    },
  }
}

/** What Nagios has last heard of a service. */
export interface ServiceStatus {
  /** 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN. */
  readonly current_state: string
  readonly has_been_checked: string
  readonly plugin_output: string
  readonly long_plugin_output: string
  readonly performance_data: string
}

const objects = `
define contact {
  contact_name nobody
  service_notification_period always
  host_notification_period always
  service_notification_commands alive
  host_notification_commands alive
}
define timeperiod {
  timeperiod_name always
  alias always
${['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'].map(day => `  ${day} 00:00-24:00`).join('\n')}
}
define command {
  command_name alive
  command_line /bin/true
}
define hostgroup {
  hostgroup_name prism-doctor
  alias Django
}
define host {
  host_name midship
  address midship.example
  hostgroups prism-doctor
  check_command alive
  check_period always
  notification_period always
  max_check_attempts 1
}
define service {
  name generic-service
  register 0
  check_period always
  notification_period always
  notification_interval 0
}
`

/**
 * A Nagios with the command and the service that we ship, as its own user. In place of ssh stands
 * what runs the command in the container as sshd would: as the user that is named, by its shell.
 * @param taken has Nagios until it is given back.
 * @returns asks for the status of our service.
 */
export async function startNagios(
  instance: number,
  taken: Taken,
): Promise<() => Promise<ServiceStatus | null>> {
  const nagios = await identityOf('nagios')
  const directory = join(taken.directory, 'nagios')
  for (const name of ['', 'checkresults', 'tmp']) {
    await mkdir(join(directory, name))
    await chown(join(directory, name), nagios.uid, nagios.gid)
  }
  await writeFile(join(directory, 'check_by_ssh'), bySsh(await remote(instance, taken)), {
    mode: 0o755,
  })
  await cp(join(monitoring, 'nagios/prism-doctor.cfg'), join(directory, 'prism-doctor.cfg'))
  await writeFile(join(directory, 'objects.cfg'), objects)
  await writeFile(join(directory, 'resource.cfg'), `$USER1$=${directory}\n`)
  const at = (name: string): string => join(directory, name)
  const main = {
    log_file: at('nagios.log'),
    resource_file: at('resource.cfg'),
    object_cache_file: at('objects.cache'),
    status_file: at('status.dat'),
    lock_file: at('nagios.lock'),
    temp_file: at('nagios.tmp'),
    temp_path: at('tmp'),
    check_result_path: at('checkresults'),
    state_retention_file: at('retention.dat'),
    query_socket: at('nagios.qh'),
    command_file: at('nagios.cmd'),
    check_external_commands: 0,
    retain_state_information: 0,
    enable_notifications: 0,
    check_for_updates: 0,
    use_syslog: 0,
    status_update_interval: 1,
    service_inter_check_delay_method: 'n',
    service_check_timeout: 60,
    // Five of them are the five minutes of the service.
    interval_length: 1,
  }
  await writeFile(
    at('nagios.cfg'),
    [
      `cfg_file=${at('objects.cfg')}`,
      `cfg_file=${at('prism-doctor.cfg')}`,
      ...Object.entries(main).map(([name, value]) => `${name}=${value}`),
      '',
    ].join('\n'),
  )
  const verified = await execa(program('nagios4'), ['-v', at('nagios.cfg')], {
    ...nagios,
    reject: false,
  })
  if (verified.exitCode !== 0) throw new Error(`nagios -v: ${verified.stdout.slice(-1500)}`)
  daemon(taken, [program('nagios4'), at('nagios.cfg')], nagios)
  return async () => statusIn(await readFile(at('status.dat'), 'utf8').catch(() => ''))
}

function statusIn(text: string): ServiceStatus | null {
  const [, block] = /^servicestatus \{\n([\s\S]*?)^\s*\}/m.exec(text) ?? []
  if (block === undefined) return null
  const pairs = block.split('\n').map(line => /^\s*(\w+)=(.*)$/.exec(line))
  return Object.fromEntries(
    pairs.flatMap(pair => (pair ? [[pair[1], pair[2]]] : [])),
  ) as unknown as ServiceStatus
}

/** Hands its arguments on, prints what comes back, and ends as that says. */
const bySsh = (port: number): string => `#!/bin/bash
exec 3<>/dev/tcp/127.0.0.1/${port} || exit 3
printf '%s\\n' "$@" END >&3
read -r code <&3
cat <&3
exit "$code"
`

/** Runs for check_by_ssh's options -l and -C what they say, in the container. */
async function remote(instance: number, taken: Taken): Promise<number> {
  const server = createServer(socket => {
    let asked = ''
    socket.on('error', () => undefined)
    socket.on('data', async chunk => {
      asked += chunk.toString()
      if (!asked.endsWith('END\n')) return
      const words = asked.split('\n')
      const option = (flag: string): string => words[words.indexOf(flag) + 1] ?? ''
      const argv = ['runuser', '-u', option('-l'), '--', 'sh', '-c', option('-C')]
      const {exitCode, stdout} = await run(instance, argv).catch(error => ({
        exitCode: 3,
        stdout: String(error),
      }))
      socket.end(`${exitCode}\n${stdout}`)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  taken.later(async () => void server.close())
  return portOf(server)
}

/** Waits for what a monitor is to say; throws what it says instead. */
export async function comes<T>(
  what: string,
  ask: () => Promise<T>,
  isSo: (answer: T) => boolean,
): Promise<T> {
  let last: T | undefined
  const asked = async (): Promise<T | false> => {
    last = await ask()
    return isSo(last) && last
  }
  return until(what, 60, asked).catch(error => {
    throw new Error(`${error.message}; last: ${JSON.stringify(last)?.slice(0, 1500)}`)
  })
}
