import {createHash} from 'node:crypto'
import type {LookupAddress} from 'node:dns'
import type {IncomingMessage, RequestOptions} from 'node:http'
import {networkInterfaces} from 'node:os'
import {CannotLook, type HttpAnswer, type HttpRequest} from '../host.ts'
import {inSeconds, provingSilence, within} from '../time-left.ts'
import {telling} from './attempts.ts'
import {closing} from './closing.ts'
import {addressesOf, lookupIn, type Resolve} from './resolve.ts'

const maxBody = 64 * 1024 * 1024

/** Milliseconds for the body once the head has come. */
const bodyTimeout = 15_000

export async function request(question: HttpRequest, resolve: Resolve): Promise<HttpAnswer> {
  const {timeout = 8000, limit = 64 * 1024, most = maxBody, tls} = question
  const forBody = Math.min(bodyTimeout, question.timeout ?? bodyTimeout)
  const options = await optionsOf(question, resolve).catch((error: NodeJS.ErrnoException) => error)
  if (options instanceof CannotLook) throw options
  if (options instanceof Error) return unreachable(options)
  const http = tls === undefined ? await import('node:http') : await import('node:https')
  return new Promise(settle => {
    const asked = http.request(options, response => {
      expect(within(forBody, provingSilence), 'the answer did not end')
      collect(response, limit, most)
        .then(settle, fail)
        .finally(() => asked.destroy())
    })
    let timer: NodeJS.Timeout | undefined
    let late: NodeJS.ErrnoException | null = null
    const expect = (milliseconds: number, failure: string): void => {
      clearTimeout(timer)
      timer = setTimeout(() => {
        late = Object.assign(new Error(`${failure} within ${inSeconds(milliseconds)}`), {
          code: 'ETIMEDOUT',
        })
        asked.destroy(late)
      }, milliseconds)
    }
    // A body that is cut off by us fails with "aborted": what we did it for is the answer.
    const fail = (error: NodeJS.ErrnoException): void => settle(unreachable(late ?? error))
    expect(within(timeout, provingSilence), 'no answer')
    asked.on('error', fail)
    asked.on('close', () => clearTimeout(timer))
    asked.end()
  })
}

async function optionsOf(
  {address, path, headers = {}, tls}: HttpRequest,
  resolve: Resolve,
): Promise<RequestOptions> {
  const destination =
    'socketPath' in address
      ? // An abstract socket's name begins with a zero byte (unix(7)), which ss and systemd write as "@".
        {socketPath: address.socketPath.replace(/^@/, '\0')}
      : {
          host: address.host,
          port: address.port,
          lookup: lookupIn(await ownAddresses(address.host, resolve)),
        }
  const uwsgi = address.protocol === 'uwsgi' ? await import('./uwsgi.ts') : null
  const all = {connection: 'close', 'user-agent': 'prism-doctor', ...headers}
  return {
    ...destination,
    // Whether the certificate is right is not what is asked; the address is one of this machine.
    ...(tls !== undefined && {servername: tls, rejectUnauthorized: false}),
    path,
    method: 'GET',
    headers: all,
    // An agent of its own would make its own connection.
    ...(uwsgi
      ? {createConnection: () => uwsgi.uwsgiConnection({destination, path, headers: all})}
      : {agent: false as const}),
    signal: closing,
  }
}

async function collect(
  response: IncomingMessage,
  limit: number,
  most: number,
): Promise<HttpAnswer> {
  const hash = createHash('md5')
  const kept: Buffer[] = []
  let size = 0
  let keeping = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    hash.update(chunk)
    size += chunk.length
    if (keeping < limit) kept.push(chunk.subarray(0, limit - keeping))
    keeping += chunk.length
    if (size > most) break
  }
  const headers = Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  )
  return {
    kind: 'response',
    status: response.statusCode ?? 0,
    headers,
    body: Buffer.concat(kept).toString('utf8'),
    size,
    md5: hash.digest('hex').slice(0, 12),
  }
}

function unreachable(error: NodeJS.ErrnoException | AggregateError): HttpAnswer {
  // A refused "localhost" is an AggregateError with an empty message: what happened is in `errors`.
  const inner = error instanceof AggregateError ? telling(error) : error
  return {kind: 'unreachable', code: inner.code ?? 'EUNKNOWN', message: inner.message}
}

/** Addresses that mean any of this machine. */
const wildcards: Readonly<Record<string, string>> = {'0.0.0.0': '127.0.0.1', '::': '::1'}

/**
 * HTTP goes only to this machine: what the service's environment names may be anything.
 * @throws CannotLook for what is no address of it; an errno for "localhost" that cannot be resolved.
 */
async function ownAddresses(name: string, resolve: Resolve): Promise<readonly LookupAddress[]> {
  const host = wildcards[name] ?? name
  if (host === 'localhost') return resolve(host)
  const own = Object.values(networkInterfaces()).flatMap(list =>
    (list ?? []).map(({address}) => address),
  )
  const addresses = await addressesOf(host, resolve).catch(({code}: NodeJS.ErrnoException) => {
    if (code !== 'EAI_AGAIN') return []
    throw new CannotLook(`${host} cannot be resolved, so it is not asked over HTTP`)
  })
  const found = addresses.filter(
    ({address}) => /^127\.|^::1$/.test(address) || own.includes(address),
  )
  if (found.length > 0) return found
  throw new CannotLook(`${host} is not an address of this machine; it is not asked over HTTP`)
}
