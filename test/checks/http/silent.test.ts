import {type AddressInfo, createServer, type Server} from 'node:net'
import {afterEach, describe, expect, test} from 'vitest'
import {httpApp} from '../../../src/checks/http/app.ts'
import type {ActiveProcess, ActiveSocket, Activity} from '../../../src/host/activity.ts'
import {accepted, activity, listener, process, socket, thread} from '../../activity.ts'
import {liveHost, runningUnit, startOf} from '../../live-host.ts'
import {verdicts} from '../../machine.ts'

const servers: Server[] = []

afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

/** A server that takes connections and says nothing. */
async function port(): Promise<number> {
  const server = createServer(one => one.on('error', () => undefined))
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

/** What is said where the application is silent and its processes do this. */
async function said(
  seen: Activity | null,
  {
    files = {},
    words = [],
    unit = {},
  }: {
    readonly files?: Readonly<Record<string, string>>
    readonly words?: readonly string[]
    readonly unit?: Readonly<Record<string, string>>
  } = {},
) {
  const at = `127.0.0.1:${await port()}`
  const ExecStart = startOf('/opt/prism/bin/gunicorn', '--bind', at, ...words, 'prism.wsgi')
  const host = liveHost({
    units: {'prism-django.service': {...runningUnit, MainPID: '76', ExecStart, ...unit}},
    files: {'/run/secrets/prism-env': 'ALLOWED_HOSTS=localhost\n', ...files},
    patience: 300,
    ...(seen && {activity: seen}),
  })
  const [verdict] = await verdicts(httpApp, host)
  host.close()
  return {
    code: verdict?.code,
    message: verdict?.message.replace(at, 'HERE'),
    steps: verdict?.remedy?.steps.map(({shell}) => shell),
    evidence: verdict?.evidence,
    because: verdict?.because,
  }
}

const master = process(76, {threads: [thread(76, 'pselect6', [3])]})
const at = listener('127.0.0.1:8000', [76, 77, 81])

/** Two workers of a master, with what each of them waits for. */
const both = (...[call, on, more]: [string | null, number[]?, object?]): ActiveProcess[] => [
  master,
  ...[77, 81].map(pid => process(pid, {parent: 76, threads: [thread(pid, call, on, more)]})),
]

const one = (inode: number, more: Partial<ActiveSocket> = {}): ActiveSocket => ({
  ...accepted(inode, '127.0.0.1:8000'),
  ...more,
})

const prefix = 'HERE accepts connections and gives no answer: '

describe('the application is silent, and', () => {
  test('nobody can look', async () => {
    expect(await said(null)).toMatchObject({
      code: 'timeout',
      message: 'HERE accepts the connection and gives no answer: no answer within 0.3 s',
    })
  })

  test('nobody is held up: what each does is evidence', async () => {
    const idle = activity(both('pselect6', [1]), [{...at, received: 3}])
    expect(await said(idle)).toMatchObject({
      code: 'timeout',
      message: expect.stringMatching(/; 3 connections, ours among them, wait to be accepted$/),
      evidence: [
        'no answer within 0.3 s',
        'gunicorn (pid 77): state S, 0 % of a processor, in pselect6 of socket:[1]',
        'gunicorn (pid 81): state S, 0 % of a processor, in pselect6 of socket:[1]',
      ],
    })
  })

  test('clients hold its workers', async () => {
    const peers = [{pid: 137, name: 'python3'}]
    const processes = [
      master,
      process(77, {parent: 76, threads: [thread(77, 'recvfrom', [11])]}),
      process(81, {parent: 76, threads: [thread(81, 'recvfrom', [12])]}),
    ]
    const held = activity(processes, [
      {...at, received: 2048, unsent: 2048},
      one(11, {peers}),
      one(12),
    ])
    expect(await said(held)).toMatchObject({
      code: 'held-by-clients',
      message:
        `${prefix}both workers of gunicorn wait for clients that have not sent a whole request: ` +
        '1 connection of python3 (pid 137), 1 connection from 192.0.2.7, silent for 11 s; ' +
        'the queue of 2048 connections in front of it is full (backlog)',
      steps: ['sudo systemctl restart prism-django.service'],
    })
  })

  test('a mail server does not answer them', async () => {
    const smtp = {
      ...socket(11, '127.0.0.1:40312', '127.0.0.1:25'),
      peers: [{pid: 9, name: 'master'}],
    }
    const files = {'/proc/9/cgroup': '0::/system.slice/postfix.service\n'}
    expect(await said(activity(both('recvfrom', [11]), [at, smtp]), {files})).toMatchObject({
      code: 'held-by-server',
      message: `${prefix}both workers of gunicorn wait for an answer from 127.0.0.1:25, a port of SMTP (master (pid 9 of postfix.service))`,
      steps: ['systemctl status postfix.service', 'sudo systemctl restart prism-django.service'],
    })
    const away = {...socket(11, '10.0.0.2:40312', '192.0.2.1:443'), state: 'SYN-SENT'}
    expect((await said(activity(both('connect', [11]), [at, away]))).message).toBe(
      `${prefix}both workers of gunicorn try to connect to 192.0.2.1:443, a port of HTTPS, which does not answer`,
    )
  })

  test('PostgreSQL does not answer them: that may be a matter of its own check', async () => {
    const files = {
      '/run/secrets/prism-env':
        'ALLOWED_HOSTS=localhost\nDATABASE_URL=postgres://prism@db.example/prism\n',
    }
    const tcp = socket(11, '10.0.0.2:40312', '10.0.0.9:5432')
    expect(await said(activity(both('poll', [11]), [at, tcp]), {files})).toMatchObject({
      code: 'held-by-server',
      because: ['database/server', 'database/health'],
    })
    const local = socket(11, '*', '/run/postgresql/.s.PGSQL.5432')
    expect(await said(activity(both('poll', [11]), [at, local]), {files})).toMatchObject({
      because: ['database/server', 'database/health'],
    })
    const mail = socket(11, '10.0.0.2:40312', '10.0.0.9:25')
    const other = await said(activity(both('poll', [11]), [at, mail]), {files})
    expect(other).toMatchObject({code: 'held-by-server'})
    expect(other.because).toBeUndefined()
  })

  test('their output is not read', async () => {
    const on = [{number: 1, target: 'pipe:[5]', readers: [{pid: 9, name: 'tee'}]}]
    expect(await said(activity(both('write', [], {on}), [at]))).toMatchObject({
      code: 'output-full',
      message: `${prefix}both workers of gunicorn wait to write to its standard output, a pipe that is full: tee (pid 9) does not read it`,
      steps: ['ps -fp 9', 'sudo systemctl restart prism-django.service'],
    })
  })

  test('another program has locked a file', async () => {
    const on = [{number: 9, target: '/srv/x.lock'}]
    const files = {
      '/proc/locks':
        '2: FLOCK  ADVISORY  WRITE 12 00:45:18 0 EOF\n2: -> FLOCK  ADVISORY  WRITE 77 00:45:18 0 EOF\n',
      '/proc/12/comm': 'rsync\n',
      '/proc/12/cgroup': '0::/system.slice/backup.service\n',
    }
    expect(await said(activity(both('flock', [], {on}), [at]), {files})).toMatchObject({
      code: 'file-locked',
      message: `${prefix}both workers of gunicorn wait for a lock on /srv/x.lock, which rsync (pid 12 of backup.service) holds`,
      steps: ['systemctl status backup.service'],
    })
  })

  test('a file system does not answer', async () => {
    const stuck = both('newfstatat', [], {state: 'D', path: '/mnt/nas/media'})
    expect(await said(activity(stuck, [at]))).toMatchObject({
      code: 'storage-silent',
      message: `${prefix}both workers of gunicorn wait for a file system that does not answer, at /mnt/nas/media`,
    })
  })

  test('they compute, sleep, or wait for a program', async () => {
    const computing = activity(both(null, [], {state: 'R', load: 0.9}), [at])
    expect(await said(computing)).toMatchObject({
      code: 'busy',
      message: `${prefix}both workers of gunicorn compute without a pause`,
    })
    const child = process(99, {parent: 77, name: 'convert'})
    const [, first] = both('wait4')
    const waiting = activity([master, ...(first ? [first] : []), child], [at])
    expect(await said(waiting)).toMatchObject({
      code: 'busy',
      message: `${prefix}gunicorn (pid 77) waits for convert (pid 99), which it started, to end`,
    })
  })

  test('they were stopped, frozen or are traced', async () => {
    const stopped = activity(both('pselect6', [1], {state: 'T'}), [at])
    expect(await said(stopped)).toMatchObject({
      code: 'stopped',
      message: `${prefix}both workers of gunicorn are stopped (SIGSTOP)`,
      steps: ['sudo systemctl kill --signal=CONT prism-django.service'],
    })
    const tracer = {pid: 5, name: 'gdb'}
    const traced = both('pselect6', [1], {state: 't'}).map(each => ({...each, tracer}))
    expect((await said(activity(traced, [at]))).message).toBe(
      `${prefix}both workers of gunicorn are stopped by gdb (pid 5), which traces them`,
    )
    const frozen = {...activity(both('pselect6', [1]), [at]), frozen: true}
    expect(await said(frozen)).toMatchObject({
      code: 'stopped',
      steps: ['sudo systemctl thaw prism-django.service'],
    })
  })

  test('it has no workers, for a reason that is stated or not', async () => {
    const alone = activity([master], [listener('127.0.0.1:8000', [76])])
    expect(await said(alone)).toMatchObject({
      code: 'no-workers',
      message: `${prefix}gunicorn (pid 76) has no worker`,
    })
    expect((await said(alone, {words: ['--workers', '0']})).message).toBe(
      `${prefix}gunicorn (pid 76) has no worker: its arguments say so`,
    )
    const Environment = 'WEB_CONCURRENCY=0'
    expect((await said(alone, {unit: {Environment}})).message).toBe(
      `${prefix}gunicorn (pid 76) has no worker: WEB_CONCURRENCY is 0`,
    )
  })
})
