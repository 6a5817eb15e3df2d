import {hostPort} from '../../../host/address.ts'
import type {Bind} from '../../target/bind.ts'
import {assignment, readOptions} from '../options.ts'
import type {Start} from '../shell/start.ts'
import {bindOf, bindsOf} from './addresses.ts'
import {entryOf} from './entry.ts'
import {silent, type Told} from './told.ts'

const flags = new Set(['-h', '--help', '--proxy-headers', '--no-server-name'])

export function daphne({argv, directory}: Start): Told {
  const options = readOptions(argv.slice(1), flags)
  const [host, port] = [options.last('-b', '--bind'), options.last('-p', '--port')]
  const [socketPath, fd] = [options.last('-u', '--unix-socket'), options.last('--fd')]
  const endpoints = options.all('-e', '--endpoint')
  const isSaid =
    [host, port, socketPath, fd].some(value => value !== undefined) || endpoints.length > 0
  const tcp = host !== undefined || port !== undefined || !isSaid
  const read = endpoints.map(endpoint => endpointBind(endpoint, directory))
  const plain = bindsOf(
    [
      ...(tcp ? [hostPort({host: host ?? '127.0.0.1', port: port ?? '8000'})] : []),
      ...(socketPath === undefined ? [] : [`unix:${socketPath}`]),
    ],
    directory,
  )
  const inherited = [
    ...(fd === undefined ? [] : [Number(fd)]),
    ...read.flatMap(bind => (typeof bind === 'number' ? [bind] : [])),
  ]
  const ends = read.filter(bind => typeof bind !== 'number')
  const isWhole =
    plain !== null && !ends.includes(null) && inherited.every(number => Number.isInteger(number))
  return {
    ...silent,
    entry: entryOf(options, null),
    binds: isWhole ? [...plain, ...ends.filter(bind => bind !== null)] : null,
    bindsFrom: isSaid ? 'arguments' : "daphne's default",
    inherited: inherited.length > 0 ? inherited : null,
  }
}

/**
 * `tcp:port=8000:interface=127.0.0.1`, `tcp:8000`, `unix:/run/x.sock:mode=660`,
 * `systemd:domain=INET:index=0`: Twisted's server strings (endpoints.serverFromString). A number is
 * a descriptor that is inherited, null is not understood.
 */
function endpointBind(text: string, directory: string): Bind | number | null {
  const [kind = '', ...pieces] = text.split(/(?<!\\):/).map(piece => piece.replace(/\\(.)/g, '$1'))
  const named = new Map(pieces.flatMap(assignment))
  const first = pieces.find(piece => !/^[A-Za-z]\w*=/.test(piece))
  if (kind === 'unix') return bindOf(`unix:${named.get('address') ?? first ?? ''}`, directory)
  if (kind === 'systemd') return 3 + Number(named.get('index') ?? Number.NaN)
  if (kind !== 'tcp' && kind !== 'tcp6' && kind !== 'ssl') return null
  const port = named.get('port') ?? first ?? ''
  return bindOf(
    hostPort({host: named.get('interface') || (kind === 'tcp6' ? '::' : '0.0.0.0'), port}),
    directory,
  )
}
