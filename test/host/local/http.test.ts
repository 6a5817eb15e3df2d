import {createServer as createHttpServer, type IncomingHttpHeaders} from 'node:http'
import {type AddressInfo, createServer, type Server, type Socket} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, expect, test} from 'vitest'
import {CannotLook, type HttpAnswer, type HttpRequest} from '../../../src/host/host.ts'
import {request} from '../../../src/host/local/http.ts'
import {endTime, startTime} from '../../../src/host/time-left.ts'
import {resolve} from '../../resolve.ts'

const ends: (() => void)[] = []
const ask = (question: HttpRequest): Promise<HttpAnswer> => request(question, resolve)

afterEach(() => {
  endTime()
  for (const end of ends.splice(0)) end()
})

async function listening(server: Server, path?: string): Promise<{host: string; port: number}> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => undefined)))
  await new Promise<void>(resolve =>
    path ? server.listen(path, resolve) : server.listen(0, '127.0.0.1', resolve),
  )
  ends.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return {host: '127.0.0.1', port: path ? 0 : (server.address() as AddressInfo).port}
}

test('a response with its body, its size and its digest as Django makes it', async () => {
  let seen: IncomingHttpHeaders = {}
  const address = await listening(
    createHttpServer((asked, response) => {
      seen = asked.headers
      response
        .writeHead(301, {location: 'https://elsewhere/', 'x-frame-options': 'DENY'})
        .end('hello')
    }),
  )
  const answer = await ask({
    address,
    path: '/x',
    headers: {host: 'prism.midship.local'},
    limit: 2,
  })
  expect(answer).toMatchObject({
    kind: 'response',
    status: 301,
    headers: {location: 'https://elsewhere/', 'x-frame-options': 'DENY'},
    body: 'he',
    size: 5,
    md5: '5d41402abc4b',
  })
  expect(seen).toMatchObject({
    host: 'prism.midship.local',
    'user-agent': 'prism-doctor',
    connection: 'close',
  })
})

test('a body is read as far as the question wants, and no longer than it waits', async () => {
  const address = await listening(
    createHttpServer(({url}, response) => {
      response.write('x'.repeat(300_000))
      if (url === '/endless') return
      const timer = setInterval(() => response.write('x'.repeat(300_000)), 1)
      response.on('close', () => clearInterval(timer))
    }),
  )
  const answer = await ask({address, path: '/', most: 1_000_000})
  expect(answer).toMatchObject({kind: 'response', status: 200})
  expect(answer.kind === 'response' && answer.size).toBeGreaterThan(1_000_000)
  expect(answer.kind === 'response' && answer.size).toBeLessThan(2_000_000)
  expect(await ask({address, path: '/endless', timeout: 300})).toMatchObject({
    kind: 'unreachable',
    code: 'ETIMEDOUT',
    message: 'the answer did not end within 0.3 s',
  })
})

test('a Unix socket', async () => {
  const socketPath = join(tmpdir(), `prism-doctor-http-${process.pid}.sock`)
  await listening(
    createHttpServer((_, response) => response.end('here')),
    socketPath,
  )
  expect(await ask({address: {socketPath}, path: '/'})).toMatchObject({
    status: 200,
    body: 'here',
  })
  expect(await ask({address: {socketPath: `${socketPath}.none`}, path: '/'})).toMatchObject({
    code: 'ENOENT',
  })
})

test('0.0.0.0 is this machine', async () => {
  const {port} = await listening(createHttpServer((_, response) => response.end('here')))
  expect(await ask({address: {host: '0.0.0.0', port}, path: '/'})).toMatchObject({status: 200})
})

test('nobody listens', async () => {
  const free = createServer()
  const {port} = await listening(free)
  await new Promise(resolve => free.close(resolve))
  for (const host of ['127.0.0.1', 'localhost']) {
    const answer = await ask({address: {host, port}, path: '/'})
    expect(answer).toMatchObject({
      kind: 'unreachable',
      code: 'ECONNREFUSED',
      message: expect.stringContaining('connect'),
    })
  }
})

test('a head that never comes', async () => {
  const address = await listening(createServer())
  expect(await ask({address, path: '/', timeout: 200})).toEqual({
    kind: 'unreachable',
    code: 'ETIMEDOUT',
    message: 'no answer within 0.2 s',
  })
})

test('what is silent to the end of a short run has been silent for long enough', async () => {
  const head = await listening(createServer())
  const body = await listening(
    createServer(socket => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab')),
  )
  startTime(100)
  const silences = await Promise.all([head, body].map(address => ask({address, path: '/'})))
  expect(silences).toMatchObject([
    {code: 'ETIMEDOUT', message: 'no answer within 2.5 s'},
    {code: 'ETIMEDOUT', message: 'the answer did not end within 2.5 s'},
  ])
})

test('a body that is cut short, and an answer that is none', async () => {
  const short = await listening(
    createServer(socket => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab')),
  )
  expect(await ask({address: short, path: '/'})).toMatchObject({
    kind: 'unreachable',
    code: 'ECONNRESET',
  })
  const empty = await listening(createServer(socket => socket.end()))
  expect(await ask({address: empty, path: '/'})).toMatchObject({
    kind: 'unreachable',
    code: 'ECONNRESET',
  })
  const other = await listening(createServer(socket => socket.end('+OK ready\r\n')))
  expect(await ask({address: other, path: '/'})).toMatchObject({
    code: expect.stringMatching(/^HPE_/),
  })
})

test('another machine is never asked', async () => {
  await expect(ask({address: {host: '192.0.2.1', port: 80}, path: '/'})).rejects.toThrow(CannotLook)
})

test('uwsgi: variables in a packet, and a response that ends with its connection', async () => {
  const heard: Buffer[] = []
  const address = await listening(
    createServer(socket => {
      socket.on('data', chunk => {
        heard.push(chunk)
        // As uWSGI answers: no Content-Length, no Connection.
        socket.end('HTTP/1.1 302 Found\r\nLocation: /next\r\n\r\nhello')
      })
    }),
  )
  const answer = await ask({
    address: {...address, protocol: 'uwsgi'},
    path: '/a%20b/?c=d',
    headers: {host: 'prism.midship.local', 'x-forwarded-proto': 'https'},
  })
  expect(answer).toMatchObject({
    kind: 'response',
    status: 302,
    headers: {location: '/next'},
    body: 'hello',
    size: 5,
  })
  const packet = Buffer.concat(heard)
  expect([packet[0], packet.readUInt16LE(1), packet[3]]).toEqual([0, packet.length - 4, 0])
  const words: string[] = []
  for (let at = 4; at < packet.length; at += 2 + packet.readUInt16LE(at)) {
    words.push(packet.subarray(at + 2, at + 2 + packet.readUInt16LE(at)).toString())
  }
  const variables = new Map(
    words.flatMap((word, at) => (at % 2 === 0 ? [[word, words[at + 1]] as const] : [])),
  )
  expect(Object.fromEntries(variables)).toMatchObject({
    REQUEST_METHOD: 'GET',
    REQUEST_URI: '/a%20b/?c=d',
    PATH_INFO: '/a b/',
    QUERY_STRING: 'c=d',
    HTTP_HOST: 'prism.midship.local',
    HTTP_X_FORWARDED_PROTO: 'https',
  })
  const refused = await ask({
    address: {host: '127.0.0.1', port: 1, protocol: 'uwsgi'},
    path: '/',
  })
  expect(refused).toMatchObject({kind: 'unreachable', code: 'ECONNREFUSED'})
})
