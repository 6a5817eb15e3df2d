import {type ChildProcess, spawn} from 'node:child_process'
import {geteuid, pid as ownPid} from 'node:process'
import {setTimeout as pause} from 'node:timers/promises'
import {afterEach, describe, expect, test} from 'vitest'
import type {ActiveThread} from '../../../src/host/activity.ts'
import {compared, lookAt, socketsOf} from '../../../src/host/local/look-at-processes.ts'
import {groupIn, parseStat} from '../../../src/host/local/proc.ts'

const children: ChildProcess[] = []

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

/** The main thread of a program that has come to where it waits. */
async function seen(
  program: string,
  args: readonly string[],
  isThere: (thread: ActiveThread) => boolean,
): Promise<ActiveThread | undefined> {
  const child = spawn(program, args, {stdio: ['pipe', 'pipe', 'ignore']})
  children.push(child)
  child.stdout.pause()
  const {pid = 0} = child
  let thread: ActiveThread | undefined
  for (let tries = 0; tries < 40; tries++) {
    const before = lookAt([pid])
    await pause(100)
    thread = compared(before, lookAt([pid]), 0.1)[0]?.threads[0]
    if (thread && isThere(thread)) return thread
  }
  return thread
}

const python = (code: string): readonly [string, readonly string[]] => ['python3', ['-c', code]]

describe.skipIf(geteuid?.() !== 0)('as root', () => {
  test('a program that sleeps', async () => {
    const thread = await seen('sleep', ['60'], ({call}) => call === 'clock_nanosleep')
    expect(thread).toMatchObject({state: 'S', call: 'clock_nanosleep', on: [], load: 0})
  })

  test('a program that reads what nobody writes', async () => {
    const thread = await seen('cat', [], ({call}) => call === 'read')
    expect(thread).toMatchObject({call: 'read', on: [{number: 0}]})
  })

  test('a program that writes what nobody reads, and who should', async () => {
    const thread = await seen(
      ...python('import os\nr, w = os.pipe()\nos.write(w, b"x" * 99999)'),
      ({call}) => call === 'write',
    )
    expect(thread).toMatchObject({call: 'write', on: [{target: expect.stringMatching(/^pipe:/)}]})
    const {pid = 0} = children.at(-1) ?? {}
    expect(thread?.on[0]?.readers).toEqual([{pid, name: expect.stringMatching(/^python3/)}])
  })

  test('a program that computes', async () => {
    const thread = await seen(
      ...python('while True: pass'),
      ({state, load}) => state === 'R' && load > 0,
    )
    expect(thread?.load).toBeGreaterThan(0)
    expect(thread?.call).toBeNull()
  })

  test.each([
    ['poll', 'p = select.poll(); p.register(a, 1); p.poll()', /^p?poll$/],
    ['select', 'select.select([a], [], [])', /^p?select6?$/],
    ['recv', 'a.recv(1)', /^recvfrom$/],
  ])('what is waited for in %s is read from the process', async (_, code, name) => {
    const thread = await seen(
      ...python(`import select, socket\na, b = socket.socketpair()\n${code}`),
      ({call}) => name.test(call ?? ''),
    )
    expect(thread?.call).toMatch(name)
    expect(thread?.on).toEqual([
      {number: expect.any(Number), target: expect.stringMatching(/^socket:\[\d+\]$/)},
    ])
    const {pid = 0} = children.at(-1) ?? {}
    const inode = Number(/\d+/.exec(thread?.on[0]?.target ?? '')?.[0])
    expect(socketsOf([pid]).get(inode)).toEqual([pid])
  })
})

test('a process that has ended meanwhile is not told', () => {
  const gone = 2 ** 22 + 1
  expect(compared(lookAt([gone]), lookAt([gone]), 0.1)).toEqual([])
  expect(compared(lookAt([]), lookAt([ownPid]), 0.1)[0]?.pid).toBe(ownPid)
})

test('a name that imitates the rest of a line of stat', () => {
  const rest = ' S 76 77 77 0 -1 4194560 9 0 0 0 12 34 0 0 20 0 1 0 5000 1 2'
  const expected = {state: 'S', parent: 76, ticks: 46, started: 5000}
  expect(parseStat(`77 (gunicorn)${rest}`)).toEqual(expected)
  expect(parseStat(`77 (x) R 1 2)${rest}`)).toEqual(expected)
  expect(parseStat('')).toBeNull()
})

test('the control group, in whichever hierarchy systemd keeps it', () => {
  expect(groupIn('0::/system.slice/x.service\n')).toBe('/system.slice/x.service')
  expect(groupIn('9:name=systemd:/\n0::/system.slice/x.service\n')).toBe('/system.slice/x.service')
  expect(groupIn('1:name=systemd:/system.slice/x.service\n0::/\n')).toBe('/system.slice/x.service')
  expect(groupIn('')).toBeNull()
})
