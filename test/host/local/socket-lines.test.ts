import {expect, test} from 'vitest'
import {otherEnd, parseSockets} from '../../../src/host/local/socket-lines.ts'

/** As iproute2 6.15 prints it, with its blanks. */
const text = `u_str LISTEN 2      1       /run/tt/x.sock 34699878 * 0        users:(("python3",pid=129,fd=3))   <-> ino:142 dev:0/68 peers: 34699879 34699880
u_str ESTAB  0      0                    * 34699880 * 0        users:(("python3",pid=129,fd=5))      <->
u_str ESTAB  0      0                    * 501 * 502   users:(("gunicorn",pid=77,fd=9))   <->
u_str ESTAB  7      0      /run/redis.sock 502 * 501   users:(("redis-server",pid=60,fd=8))   <->
tcp   LISTEN 2      2048   127.0.0.1:8000    0.0.0.0:*     users:(("gunicorn",pid=81,fd=5),("gunicorn",pid=76,fd=5)) uid:5100 ino:34688025 sk:25ff8 cgroup:/system.slice/prism-django.service <->
\t bbr cwnd:10 unacked:2
tcp   ESTAB  0      0      127.0.0.1:36122 127.0.0.1:8000  users:(("python3",pid=137,fd=3))    ino:34699997 sk:25ffd cgroup: <->
\t ts sack bbr lastsnd:1988 lastrcv:1988 lastack:1988
tcp   ESTAB  0      0      127.0.0.1:8000  127.0.0.1:36122 users:(("gunicorn",pid=77,fd=9))   uid:5100 ino:34700001 sk:27001 cgroup:/system.slice/prism-django.service <->
\t ts sack bbr lastsnd:2012 lastrcv:2012 lastack:1988
tcp   ESTAB  0      0      127.0.0.1:8000  127.0.0.1:36154   uid:5100 ino:0 sk:27002 cgroup:/x <->
\t ts sack lastrcv:1
udp   ESTAB  0      0      [::ffff:127.0.0.1]:5001  127.0.0.53%lo:53 users:(("gunicorn",pid=77,fd=10)) uid:5100 ino:900 sk:1 cgroup:/x <->
udp   UNCONN 0      0      127.0.0.53%lo:53 0.0.0.0:* users:(("systemd-resolve",pid=40,fd=12)) ino:901 sk:2 cgroup:/x <->
`

const all = parseSockets(text)
const endOf = (inode: number): number | undefined => {
  const one = all.get(inode)
  return one && otherEnd(one, all)?.inode
}

test('what ss prints of each socket that somebody has', () => {
  expect([...all.keys()]).toEqual([
    34699878, 34699880, 501, 502, 34688025, 34699997, 34700001, 900, 901,
  ])
  expect(all.get(34700001)).toEqual({
    kind: 'tcp',
    inode: 34700001,
    state: 'ESTAB',
    local: '127.0.0.1:8000',
    remote: '127.0.0.1:36122',
    received: 0,
    unsent: 0,
    silentFor: 2012,
    peerInode: 0,
    connecting: [],
    claims: [{pid: 77, descriptor: 9}],
  })
  expect(all.get(34688025)).toMatchObject({state: 'LISTEN', received: 2, unsent: 2048})
  expect(all.get(900)).toMatchObject({
    kind: 'udp',
    local: '127.0.0.1:5001',
    remote: '127.0.0.53:53',
  })
  expect(all.get(502)).toMatchObject({kind: 'unix', local: '/run/redis.sock', received: 7})
})

test('the other end of a connection, accepted or not', () => {
  expect(endOf(34700001)).toBe(34699997)
  expect(endOf(501)).toBe(502)
  expect(endOf(34699880)).toBe(34699878)
  expect(endOf(900)).toBe(901)
  expect(endOf(34688025)).toBeUndefined()
})

test('a connection that nobody has accepted leads to who listens', () => {
  const alone = parseSockets(
    text.replace(/^tcp +ESTAB .*127\.0\.0\.1:8000 +127\.0\.0\.1:36122.*$/m, ''),
  )
  const one = alone.get(34699997)
  expect(one && otherEnd(one, alone)?.inode).toBe(34688025)
})

test('a path that imitates a line is believed no more than that line', () => {
  const path = 'x 1 * 0\nu_str ESTAB 0 0 * 501 * 34699878 users:(("x",pid=9,fd=1)) <->\nu_str'
  const hostile = parseSockets(`${text}u_str LISTEN 0 1 /tmp/${path} 777 * 0 <->\n`)
  expect(hostile.has(501)).toBe(false)
  expect(hostile.has(34700001)).toBe(true)
})
