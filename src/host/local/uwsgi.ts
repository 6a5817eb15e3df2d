import {connect, type LookupFunction} from 'node:net'
import {unescape as unquote} from 'node:querystring'
import {Duplex} from 'node:stream'

/** One request as uWSGI takes it from nginx's uwsgi_pass. */
export interface UwsgiRequest {
  readonly destination:
    | {readonly host: string; readonly port: number; readonly lookup: LookupFunction}
    | {readonly socketPath: string}
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
}

/**
 * A connection for http.request that says the request as a uwsgi packet. What comes back is the
 * text of an HTTP response, so that the rest is HTTP's own.
 * https://uwsgi-docs.readthedocs.io/en/latest/Protocol.html
 */
export function uwsgiConnection({destination, path, headers}: UwsgiRequest): Duplex {
  const socket =
    'socketPath' in destination ? connect({path: destination.socketPath}) : connect(destination)
  let isSaid = false
  const connection = new Duplex({
    read: () => void socket.resume(),
    write(_chunk, _encoding, done) {
      if (isSaid) done()
      else socket.write(packetOf(variablesOf(path, headers)), done)
      isSaid = true
    },
    destroy(error, done) {
      socket.destroy()
      done(error)
    },
  })
  socket.on('data', chunk => {
    if (!connection.push(chunk)) socket.pause()
  })
  socket.on('end', () => connection.push(null))
  socket.on('error', error => connection.destroy(error))
  return connection
}

/** As nginx's uwsgi_params has them. */
function variablesOf(
  path: string,
  headers: Readonly<Record<string, string>>,
): ReadonlyMap<string, string> {
  const [before = '', query = ''] = path.split(/\?(.*)/s)
  const own = Object.entries(headers).map(
    ([name, value]) => [`HTTP_${name.toUpperCase().replaceAll('-', '_')}`, value] as const,
  )
  return new Map([
    ['QUERY_STRING', query],
    ['REQUEST_METHOD', 'GET'],
    ['CONTENT_TYPE', ''],
    ['CONTENT_LENGTH', ''],
    ['REQUEST_URI', path],
    ['PATH_INFO', unquote(before)],
    ['SERVER_PROTOCOL', 'HTTP/1.1'],
    ['REQUEST_SCHEME', 'http'],
    ['REMOTE_ADDR', '127.0.0.1'],
    ['REMOTE_PORT', '0'],
    ['SERVER_PORT', '80'],
    ['SERVER_NAME', headers.host ?? ''],
    ...own,
  ])
}

/**
 * Four bytes of head, modifiers 0 (a WSGI request) around the size; then each name and value with
 * its size before it.
 */
function packetOf(variables: ReadonlyMap<string, string>): Buffer {
  const body = Buffer.concat(
    [...variables].flat().flatMap(word => [sizeOf(Buffer.byteLength(word)), Buffer.from(word)]),
  )
  return Buffer.concat([Buffer.of(0), sizeOf(body.length), Buffer.of(0), body])
}

function sizeOf(length: number): Buffer {
  const size = Buffer.alloc(2)
  size.writeUInt16LE(length)
  return size
}
