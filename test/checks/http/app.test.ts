import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import {type AddressInfo, createServer as createTcpServer, type Server, type Socket} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, describe, expect, test} from 'vitest'
import {httpApp} from '../../../src/checks/http/app.ts'
import {type LiveHost, type LiveMachine, liveHost, runningUnit, startOf} from '../../live-host.ts'
import {codes, verdicts} from '../../machine.ts'

const ends: (() => void)[] = []

afterEach(() => {
  for (const end of ends.splice(0)) end()
})

async function listening(server: Server, path?: string): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket))
  await new Promise<void>(resolve =>
    path ? server.listen(path, resolve) : server.listen(0, '127.0.0.1', resolve),
  )
  ends.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return path ? 0 : (server.address() as AddressInfo).port
}

/** Django with ALLOWED_HOSTS, whose pages answer with a status. */
function django(
  pages: Readonly<Record<string, number>>,
  allowed = ['prism.midship.local'],
): Server {
  return createServer((request: IncomingMessage, response: ServerResponse) => {
    const name = (request.headers.host ?? '').replace(/:\d+$/, '')
    response.statusCode = allowed.includes(name) ? (pages[request.url ?? ''] ?? 404) : 400
    response.end(`<h1>${response.statusCode}</h1>`)
  })
}

const healthy = {'/accounts/login/': 200, '/admin/login/': 200, '/': 200}

interface Changes extends LiveMachine {
  readonly port?: number
  /** What gunicorn is told with --bind; the port at 127.0.0.1 when absent, nothing when null. */
  readonly bind?: string | null
  readonly unit?: Readonly<Record<string, string>>
  readonly environment?: Readonly<Record<string, string>>
}

function deployment({
  port = 1,
  bind = `127.0.0.1:${port}`,
  unit,
  environment,
  ...machine
}: Changes = {}): LiveHost {
  const settings = {ALLOWED_HOSTS: 'prism.midship.local,localhost', ...environment}
  const words = Object.entries(settings).map(([name, value]) => `${name}=${value}`)
  const ExecStart = startOf(
    '/opt/prism/bin/gunicorn',
    ...(bind === null ? [] : ['--bind', bind]),
    'prism.wsgi',
  )
  const host = liveHost({
    units: {
      'prism-django.service': {...runningUnit, ExecStart, Environment: words.join(' '), ...unit},
    },
    files: {'/run/secrets/prism-env': 'SECRET_KEY=x\n'},
    // What the service said is for server-error.test.ts.
    journal: null,
    ...machine,
  })
  ends.push(host.close)
  return host
}

async function one(
  host: LiveHost,
): Promise<Awaited<ReturnType<typeof verdicts>>[number] | undefined> {
  const found = await verdicts(httpApp, host)
  expect(found).toHaveLength(1)
  return found[0]
}

const gunicorn = (at: string, pid = 125): string =>
  `tcp LISTEN 0 2048 ${at} 0.0.0.0:* users:(("gunicorn",pid=${pid},fd=5))`
const cgroups = {
  '/proc/125/cgroup': '0::/system.slice/prism-django.service\n',
  '/proc/155/cgroup': '12:pids:/x\n0::/system.slice/other.service\n',
  '/run/secrets/prism-env': 'SECRET_KEY=x\n',
}

describe('says nothing', () => {
  test('of pages that come from the unit', async () => {
    const port = await listening(django(healthy))
    const host = deployment({port, listeners: gunicorn(`127.0.0.1:${port}`), files: cgroups})
    expect(await one(host)).toEqual({
      code: 'ok',
      status: 'ok',
      message: `127.0.0.1:${port} answers /accounts/login/ with 200`,
      since: null,
      remedy: null,
      evidence: [],
    })
  })

  test('of a name that it has itself to say: asked by its address it answers 400', async () => {
    const port = await listening(django(healthy, ['sub.midship.local']))
    expect(
      await codes(httpApp, deployment({port, environment: {ALLOWED_HOSTS: '.sub.midship.local'}})),
    ).toEqual(['ok ok'])
    const any = await listening(django(healthy, ['localhost']))
    expect(
      await codes(httpApp, deployment({port: any, environment: {ALLOWED_HOSTS: '*'}})),
    ).toEqual(['ok ok'])
  })

  test('of a listener whose process only root sees, and says so', async () => {
    const port = await listening(django(healthy))
    const host = deployment({
      port,
      uid: 1000,
      listeners: `tcp LISTEN 0 2048 127.0.0.1:${port} 0.0.0.0:*`,
    })
    expect(await one(host)).toMatchObject({
      status: 'ok',
      evidence: [expect.stringContaining('only root')],
    })
  })

  test('of an application with one of the pages only, or none', async () => {
    const admin = await listening(django({'/admin/login/': 200}))
    expect(await codes(httpApp, deployment({port: admin}))).toEqual(['ok ok'])
    const root = await listening(django({'/': 200}))
    expect(await one(deployment({port: root}))).toMatchObject({
      message: expect.stringContaining('answers / with 200'),
    })
  })

  test('of a redirect to https, and asks again as its proxy does', async () => {
    const asked: (string | undefined)[] = []
    const port = await listening(
      createServer((request, response) => {
        asked.push(request.headers['x-forwarded-proto'] as string | undefined)
        const forwarded = request.headers['x-forwarded-proto'] === 'https'
        if (!forwarded) response.setHeader('location', `https://prism.midship.local${request.url}`)
        response.writeHead(forwarded ? 200 : 301).end()
      }),
    )
    expect(await one(deployment({port}))).toMatchObject({
      message: expect.stringContaining('answers /accounts/login/ with 200'),
    })
    const pages = 3
    expect(asked.filter(each => each === 'https')).toHaveLength(pages)
    expect(asked).toHaveLength(2 * pages)
    const always = await listening(
      createServer((_, response) =>
        response.writeHead(301, {location: 'https://prism.midship.local/'}).end(),
      ),
    )
    expect(await one(deployment({port: always}))).toMatchObject({
      status: 'ok',
      message: expect.stringContaining('with 301 and redirects to https'),
    })
  })

  test('of a Unix socket', async () => {
    const path = join(tmpdir(), `prism-doctor-${process.pid}.sock`)
    await listening(django(healthy), path)
    expect(await codes(httpApp, deployment({bind: `unix:${path}`}))).toEqual(['ok ok'])
  })

  test('of an address that the unit does not state: where it listens is asked', async () => {
    const port = await listening(django(healthy))
    const host = deployment({
      unit: {ExecStart: '', Environment: 'ALLOWED_HOSTS=prism.midship.local'},
      listeners: gunicorn(`127.0.0.1:${port}`),
      files: cgroups,
    })
    expect(await one(host)).toMatchObject({
      status: 'ok',
      message: expect.stringContaining(`127.0.0.1:${port} answers`),
    })
  })

  test('of systemd listening for a unit that its socket starts', async () => {
    const port = await listening(django(healthy))
    const host = deployment({
      port,
      unit: {TriggeredBy: 'prism-django.socket'},
      listeners: `tcp LISTEN 0 2048 127.0.0.1:${port} 0.0.0.0:* users:(("systemd",pid=1,fd=40))`,
      files: {...cgroups, '/proc/1/cgroup': '0::/init.scope\n'},
    })
    expect(await codes(httpApp, host)).toEqual(['ok ok'])
  })
})

describe('a page fails', () => {
  test.each([
    [{...healthy, '/admin/login/': 500}, '/admin/login/ with 500'],
    [{...healthy, '/accounts/login/': 503}, '/accounts/login/ with 503'],
    [{'/': 500}, '/ with 500'],
  ])('%o', async (pages, said) => {
    const port = await listening(django(pages))
    expect(await one(deployment({port}))).toMatchObject({
      status: 'critical',
      code: 'server-error',
      message: `127.0.0.1:${port} answers ${said}`,
    })
  })

  test('with the cookie of a session, so that the database is needed', async () => {
    const port = await listening(
      createServer((request, response) =>
        response.writeHead(/sessionid=/.test(request.headers.cookie ?? '') ? 500 : 200).end(),
      ),
    )
    expect(await codes(httpApp, deployment({port}))).toEqual(['critical server-error'])
  })

  test('because an allowed name is refused', async () => {
    const port = await listening(django(healthy, ['elsewhere.local']))
    expect(await one(deployment({port}))).toMatchObject({
      code: 'bad-request',
      message: expect.stringContaining('answers 400 to the host name prism.midship.local'),
    })
    const underscore = deployment({port, environment: {ALLOWED_HOSTS: 'prism_django'}})
    expect(await one(underscore)).toMatchObject({
      code: 'bad-request',
      message: expect.stringContaining('underscore'),
    })
  })

  test('because ALLOWED_HOSTS is empty', async () => {
    const port = await listening(django(healthy))
    expect(await codes(httpApp, deployment({port, environment: {ALLOWED_HOSTS: ''}}))).toEqual([
      'critical no-hosts',
    ])
  })

  test('because none of them is there', async () => {
    const port = await listening(django({}))
    expect(await codes(httpApp, deployment({port}))).toEqual(['warning not-found'])
  })
})

describe('nobody answers', () => {
  test('while the service does not run', async () => {
    const unit = {
      ActiveState: 'failed',
      SubState: 'failed',
      StateChangeTimestamp: 'Mon 2026-11-23 03:12:07 UTC',
    }
    expect(await one(deployment({unit}))).toMatchObject({
      code: 'refused',
      message: '127.0.0.1:1 refuses connections; prism-django.service is failed (failed)',
      since: '2026-11-23T03:12:07.000Z',
      remedy: {risk: 'disruptive'},
    })
  })

  test('while it starts, which is no fault yet, unless it does so again and again', async () => {
    const starting = {ActiveState: 'activating', SubState: 'start-pre'}
    expect(await codes(httpApp, deployment({unit: starting}))).toEqual(['warning starting'])
    const again = {ActiveState: 'activating', SubState: 'auto-restart', NRestarts: '12'}
    expect(await codes(httpApp, deployment({unit: again}))).toEqual(['critical refused'])
  })

  test('although it runs', async () => {
    expect(await codes(httpApp, deployment())).toEqual(['critical refused'])
    expect(await one(deployment({bind: 'unix:/nonexistent/prism.sock'}))).toMatchObject({
      code: 'refused',
      message: expect.stringContaining('there is no socket /nonexistent/prism.sock'),
    })
  })

  test('where it was asked to, and it listens there by now', async () => {
    const host = deployment({listeners: gunicorn('127.0.0.1:1'), files: cgroups})
    expect(await one(host)).toMatchObject({status: 'warning', code: 'starting'})
  })

  test('where it was asked to, and it listens elsewhere', async () => {
    const host = deployment({listeners: gunicorn('0.0.0.0:8080'), files: cgroups})
    expect(await one(host)).toMatchObject({
      code: 'other-address',
      message:
        'prism-django.service listens on 0.0.0.0:8080, but was told to listen on 127.0.0.1:1',
    })
  })

  test('within the limit', async () => {
    const port = await listening(createTcpServer())
    expect(await one(deployment({port, patience: 400}))).toMatchObject({
      code: 'timeout',
      remedy: {risk: 'disruptive'},
    })
  })

  test('with a head that promises more than comes', async () => {
    const port = await listening(
      createTcpServer(socket =>
        socket.on('error', () => undefined).end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab'),
      ),
    )
    expect(await codes(httpApp, deployment({port}))).toEqual(['critical empty-reply'])
  })

  test('anything', async () => {
    const port = await listening(
      createTcpServer(socket => socket.on('error', () => undefined).end()),
    )
    expect(await codes(httpApp, deployment({port}))).toEqual(['critical empty-reply'])
    const ssh = await listening(
      createTcpServer(socket => socket.on('error', () => undefined).end('SSH-2.0-OpenSSH\r\n')),
    )
    expect(await codes(httpApp, deployment({port: ssh}))).toEqual(['critical not-http'])
  })
})

describe('somebody else answers', () => {
  test('as root sees by its control group', async () => {
    const port = await listening(django(healthy))
    const listeners = `tcp LISTEN 0 5 127.0.0.1:${port} 0.0.0.0:* users:(("python3",pid=155,fd=3))`
    expect(await one(deployment({port, listeners, files: cgroups}))).toMatchObject({
      status: 'critical',
      code: 'foreign-listener',
      message: `python3 (pid 155 of other.service) listens on 127.0.0.1:${port}, and is not part of prism-django.service`,
    })
  })

  test('as everybody sees while the unit does not run', async () => {
    const port = await listening(django(healthy))
    const unit = {ActiveState: 'failed', SubState: 'failed', ControlGroup: ''}
    const listeners = `tcp LISTEN 0 5 127.0.0.1:${port} 0.0.0.0:*`
    expect(await codes(httpApp, deployment({port, unit, listeners, uid: 1000}))).toEqual([
      'critical foreign-listener',
    ])
  })
})
