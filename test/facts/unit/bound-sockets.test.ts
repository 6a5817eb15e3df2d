import {expect, test} from 'vitest'
import {findLostSocket, parseBound} from '../../../src/facts/unit/bound-sockets.ts'
import type {ExecAnswer} from '../../../src/host/host.ts'
import {CannotLook} from '../../../src/host/host.ts'
import {literalHost} from '../../literal.ts'
import {shown} from '../../shown.ts'

const path = '/run/prism/x.sock'
const line = (pid: number, file: number, at = path): string =>
  `u_str LISTEN 0      2048      ${at} 3469${pid} * 0        users:(("gunicorn",pid=${pid + 1},fd=5),("gunicorn",pid=${pid},fd=5))   <-> ino:${file} dev:0/68 peers: 34699879 34699880`

test('what ss prints of sockets and their files', () => {
  expect(parseBound(`${line(76, 142)}\nu_str LISTEN 0 4096 @tut 339729 * 0\n`)).toEqual([
    {path, file: 142, holder: {pid: 76, name: 'gunicorn'}},
  ])
  expect(parseBound('u_str LISTEN 0 4096 @tut 339729 * 0 users:(("x",pid=1,fd=7)) <->')).toEqual([
    {path: '@tut', file: null, holder: {pid: 1, name: 'x'}},
  ])
})

const unit = shown('Id=prism.service\nControlGroup=/system.slice/prism.service\n')

/** The sockets that listen, and the inodes of the files that are there. */
function lost(lines: string, files: Readonly<Record<string, number>>, at = path) {
  const host = literalHost({
    async exec([program, ...words]): Promise<ExecAnswer> {
      if (program === 'ss') return {exitCode: 0, stdout: lines, stderr: ''}
      const inode = files[words.at(-1) ?? '']
      return inode === undefined
        ? {exitCode: 1, stdout: '', stderr: 'stat: cannot statx: No such file or directory'}
        : {exitCode: 0, stdout: `${inode}\n`, stderr: ''}
    },
    async readFile(file) {
      const of = file === '/proc/76/cgroup' ? 'prism' : 'other'
      return {kind: 'file', text: `0::/system.slice/${of}.service\n`, utf8: true}
    },
  })
  return findLostSocket(host, unit, at)
}

const own = {pid: 76, name: 'gunicorn'}

test('a file that is there is not lost, nor is a socket of another unit', async () => {
  expect(await lost(line(76, 142), {[path]: 142})).toBeNull()
  expect(await lost(line(90, 142), {})).toBeNull()
  expect(await lost(`${line(76, 141)}\n${line(76, 142)}`, {[path]: 142})).toBeNull()
  expect(await lost(line(76, 142, '/var/run/prism/x.sock'), {[path]: 142})).toBeNull()
})

test('a file that is gone', async () => {
  expect(await lost(line(76, 142), {})).toEqual({kind: 'deleted', own})
  expect(await lost(line(76, 142, '/var/run/prism/x.sock'), {})).toEqual({kind: 'deleted', own})
})

test('another file in its place, with whoever listens there', async () => {
  const files = {[path]: 150, [`/proc/76/root${path}`]: 150}
  expect(await lost(line(76, 142), files)).toEqual({kind: 'replaced', own, by: null})
  expect(await lost(`${line(76, 142)}\n${line(90, 150)}`, files)).toEqual({
    kind: 'replaced',
    own,
    by: {pid: 90, name: 'gunicorn'},
  })
})

test('a file that only the unit sees', async () => {
  const files = {[`/proc/76/root${path}`]: 142}
  expect(await lost(line(76, 142), files)).toEqual({kind: 'hidden', own})
})

test('nobody can tell', async () => {
  const host = literalHost({
    exec: async () => {
      throw new CannotLook('ss is not installed')
    },
  })
  expect(await findLostSocket(host, unit, path)).toBeNull()
  const old = line(76, 142).replace(/ino:142 dev:\S+/, '')
  expect(await lost(old, {[path]: 150, [`/proc/76/root${path}`]: 150})).toBeNull()
})
