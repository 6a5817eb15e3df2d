import {describe, expect, test} from 'vitest'
import {silenceOf} from '../../../src/facts/hold/waits.ts'
import {accepted, activity, listener, process, socket, thread} from '../../activity.ts'

/** What the only worker is said to wait for, by kind. */
function kinds(...waits: Parameters<typeof activity>): readonly string[] {
  return silenceOf(activity(...waits), null).held.map(({wait}) => wait.kind)
}

describe('workers', () => {
  const master = process(76, {parent: 1, threads: [thread(76, 'pselect6', [3])]})
  const workers = [77, 81].map(pid =>
    process(pid, {parent: 76, threads: [thread(pid, 'recvfrom', [9])]}),
  )

  test('are those who listen and have not started another one that listens', () => {
    const all = activity([master, ...workers], [listener('127.0.0.1:8000', [76, 77, 81])])
    const silence = silenceOf(all, 76)
    expect(silence.workers.map(({pid}) => pid)).toEqual([77, 81])
    expect(silence.master?.pid).toBe(76)
  })

  test('are none where a server that leaves all to them is alone', () => {
    const all = activity([master], [listener('127.0.0.1:8000', [76])])
    expect(silenceOf(all, 76)).toMatchObject({workers: [], master: {pid: 76}})
    expect(silenceOf(all, null)).toMatchObject({workers: [{pid: 76}], master: null})
    // What an earlier start has left is no main process.
    expect(silenceOf(all, 99)).toMatchObject({workers: [{pid: 76}], master: null})
  })

  test('have a queue in front of them', () => {
    const all = activity([master], [{...listener('/run/x.sock', [76]), received: 2, unsent: 1}])
    expect(silenceOf(all, 76).queue).toEqual({waiting: 2, most: 1})
  })
})

describe('a worker waits', () => {
  const at = listener('127.0.0.1:8000', [77])
  const worker = (...[call, on, more]: [string | null, number[]?, object?]) =>
    process(77, {threads: [thread(77, call, on, more)]})

  test('for its client, whose connection came in where it listens', () => {
    const all = activity([worker('recvfrom', [12])], [at, accepted(12, '127.0.0.1:8000')])
    expect(silenceOf(all, null).held[0]?.wait).toMatchObject({kind: 'client', takes: false})
    const sends = activity([worker('sendto', [12])], [at, accepted(12, '127.0.0.1:8000')])
    expect(silenceOf(sends, null).held[0]?.wait).toMatchObject({kind: 'client', takes: true})
  })

  test('for a server that it asks, also in poll(2) and while it connects', () => {
    const smtp = socket(12, '10.0.0.2:40312', '10.0.0.5:25')
    for (const call of ['recvfrom', 'read', 'poll', 'ppoll', 'pselect6', 'connect'])
      expect(kinds([worker(call, [12])], [at, smtp])).toEqual(['server'])
    const names = {...socket(12, '10.0.0.2:40312', '10.0.0.5:53'), kind: 'udp' as const}
    expect(kinds([worker('poll', [12])], [at, names])).toEqual(['server'])
  })

  test('for nothing, where it waits for connections as well', () => {
    const other = socket(12, '10.0.0.2:40312', '10.0.0.5:25')
    expect(kinds([worker('pselect6', [1, 12])], [{...at, inode: 1}, other])).toEqual([])
    expect(kinds([worker('accept4', [1])], [{...at, inode: 1}])).toEqual([])
    expect(kinds([worker('epoll_wait', [3])], [at])).toEqual([])
    expect(kinds([worker('futex')], [at])).toEqual([])
  })

  test('for a reader of a pipe', () => {
    const pipe = {number: 1, target: 'pipe:[5]', readers: [{pid: 9, name: 'tee'}]}
    expect(kinds([worker('write', [], {on: [pipe]})], [at])).toEqual(['output'])
    const fifo = {...pipe, target: '/run/prism.log'}
    expect(kinds([worker('write', [], {on: [fifo]})], [at])).toEqual(['output'])
  })

  test('for a file: its lock, or its file system', () => {
    const on = [{number: 9, target: '/srv/x.lock'}]
    expect(kinds([worker('flock', [], {on})], [at])).toEqual(['file-lock'])
    expect(kinds([worker('newfstatat', [], {path: '/mnt/nas/x'})], [at])).toEqual(['storage'])
    expect(kinds([worker('read', [], {on, state: 'D'})], [at])).toEqual(['storage'])
  })

  test('for a program that it has started', () => {
    const child = process(99, {parent: 77, name: 'convert'})
    for (const call of ['wait4', 'waitid'])
      expect(kinds([worker(call), child], [at])).toEqual(['program'])
    const pipe = [{number: 7, target: 'pipe:[8]'}]
    expect(kinds([worker('read', [], {on: pipe}), child], [at])).toEqual(['program'])
    expect(kinds([worker('wait4')], [at])).toEqual([])
  })

  test('for its own code', () => {
    expect(kinds([worker(null, [], {state: 'R', load: 0.97})], [at])).toEqual(['compute'])
    expect(kinds([worker(null, [], {state: 'R', load: 0.2})], [at])).toEqual(['compute'])
    expect(kinds([worker('clock_nanosleep')], [at])).toEqual(['sleep'])
    expect(kinds([worker(null, [], {state: 'S', load: 0.04})], [at])).toEqual([])
  })

  test('until it may go on', () => {
    expect(kinds([worker('recvfrom', [12], {state: 'T'})], [at])).toEqual(['stopped'])
    const all = {...activity([worker('pselect6', [3])], [at]), frozen: true}
    expect(silenceOf(all, null).held.map(({wait}) => wait.kind)).toEqual(['frozen'])
  })
})

test('of many threads one that sleeps in the background does not count', () => {
  const at = listener('*:8000', [77])
  const idle = [thread(77, 'epoll_wait', [3]), thread(78, 'clock_nanosleep'), thread(79, 'futex')]
  expect(kinds([process(77, {threads: idle})], [at])).toEqual([])
  const one = [...idle, thread(80, 'recvfrom', [12])]
  const all = activity([process(77, {threads: one})], [at, accepted(12, '10.0.0.2:8000')])
  expect(silenceOf(all, null).held.map(({thread: {id}}) => id)).toEqual([80])
})
