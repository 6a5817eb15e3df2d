import type {ActiveSocket} from '../activity.ts'

/** A socket as ss(8) prints it. */
export interface SocketLine extends Omit<ActiveSocket, 'holders' | 'peers'> {
  /** Of a Unix socket: the inode of the other end, 0 for none. */
  readonly peerInode: number
  /** Of a Unix socket that listens: the other ends of connections that nobody has accepted. */
  readonly connecting: readonly number[]
  /** Who holds it, as ss says: the names are theirs, and the lines not to be believed unseen. */
  readonly claims: readonly {readonly pid: number; readonly descriptor: number}[]
}

/**
 * What `ss -Hatuxnpei` prints. A process chooses the path of a Unix socket and its own name: what
 * two lines say of one socket is believed of neither.
 */
export function parseSockets(text: string): ReadonlyMap<number, SocketLine> {
  const found = new Map<number, SocketLine>()
  const twice = new Set<number>()
  // What -i adds stands in lines of its own, which begin with a tab.
  for (const line of text.replace(/\n[\t ]+/g, ' ').split('\n')) {
    const socket = parseSocket(line)
    if (!socket || socket.inode === 0) continue
    if (found.has(socket.inode)) twice.add(socket.inode)
    found.set(socket.inode, socket)
  }
  for (const inode of twice) found.delete(inode)
  return found
}

const unix = /^u_\w+ +(\S+) +(\d+) +(\d+) +(.+?) (\d+) +(\S+) (\d+)(?= |$)/
const internet = /^(tcp|udp) +(\S+) +(\d+) +(\d+) +(\S+:\S+) +(\S+:\S+)(?= |$)/

function parseSocket(line: string): SocketLine | null {
  const claims = [...line.matchAll(/,pid=(\d+),fd=(\d+)\)/g)].map(([, pid, descriptor]) => ({
    pid: Number(pid),
    descriptor: Number(descriptor),
  }))
  const [, state = '', received, unsent, local = '', inode, remote = '', peer] =
    unix.exec(line) ?? []
  if (inode !== undefined)
    return {
      kind: 'unix',
      inode: Number(inode),
      state,
      local,
      remote,
      received: Number(received),
      unsent: Number(unsent),
      silentFor: null,
      peerInode: Number(peer),
      connecting: (/ peers:((?: \d+)+)/.exec(line)?.[1] ?? '')
        .split(' ')
        .filter(Boolean)
        .map(Number),
      claims,
    }
  const match = internet.exec(line)
  if (!match) return null
  const number = / ino:(\d+) /.exec(line)?.[1]
  const silent = / lastrcv:(\d+)/.exec(line)?.[1]
  return {
    kind: match[1] === 'udp' ? 'udp' : 'tcp',
    inode: Number(number ?? 0),
    state: match[2] ?? '',
    local: plain(match[5] ?? ''),
    remote: plain(match[6] ?? ''),
    received: Number(match[3]),
    unsent: Number(match[4]),
    silentFor: silent === undefined ? null : Number(silent),
    peerInode: 0,
    connecting: [],
    claims,
  }
}

/** `[::ffff:127.0.0.1]:8000` is an IPv4 address, and `127.0.0.53%lo:53` one of an interface. */
function plain(address: string): string {
  return address.replace(/^\[::ffff:([\d.]+)\]/, '$1').replace(/%[^:\]]*/, '')
}

/** The other end of a connection, where that is a socket of this machine. */
export function otherEnd(
  socket: SocketLine,
  all: ReadonlyMap<number, SocketLine>,
): SocketLine | null {
  if (socket.kind === 'unix') {
    // Nobody has accepted it yet: who listens there knows it.
    const awaited = [...all.values()].find(({connecting}) => connecting.includes(socket.inode))
    return all.get(socket.peerInode) ?? awaited ?? null
  }
  if (socket.state === 'LISTEN' || socket.remote.endsWith(':*')) return null
  const ends = [...all.values()].filter(({kind}) => kind === socket.kind)
  return (
    ends.find(({local, remote}) => local === socket.remote && remote === socket.local) ??
    // Nobody has accepted it yet, or it has no connection of its own: who listens there.
    ends.find(({local, state}) => /^(?:LISTEN|UNCONN)$/.test(state) && leadsTo(socket, local)) ??
    null
  )
}

/** Whether a connection of this machine to an address ends where another is bound. */
function leadsTo({remote}: SocketLine, bound: string): boolean {
  if (bound === remote) return true
  const isOwn = /^(?:127\.|\[::1\])/.test(remote)
  const [host, port] = [/^(.*):/.exec(bound)?.[1] ?? '', /:(\d+)$/.exec(bound)?.[1]]
  return isOwn && /^(?:\*|0\.0\.0\.0|\[::\])$/.test(host) && port === /:(\d+)$/.exec(remote)?.[1]
}
