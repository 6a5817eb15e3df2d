import {execFileSync} from 'node:child_process'
import {mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {Hanging} from '../../../src/host/host.ts'
import {type Eyes, openEyes} from '../../../src/host/local/eyes.ts'
import {endTime, startTime} from '../../../src/host/time-left.ts'

let base = ''
let eyes: Eyes

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'prism-doctor-'))
  eyes = openEyes()
})

afterEach(() => {
  eyes.close()
  for (const pid of lookers()) process.kill(pid, 'SIGKILL')
  rmSync(base, {recursive: true, force: true})
})

/** The children of this process that look. */
function lookers(): readonly number[] {
  return readdirSync('/proc').flatMap(name => {
    if (!/^\d+$/.test(name)) return []
    try {
      const [, parent] = /^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${name}/status`, 'utf8')) ?? []
      const argv = readFileSync(`/proc/${name}/cmdline`, 'utf8')
      return Number(parent) === process.pid && argv.includes('eyes-child') ? [Number(name)] : []
    } catch {
      return []
    }
  })
}

describe('eyes', () => {
  test('see what is there, and what is not', async () => {
    writeFileSync(join(base, 'file'), 'text')
    symlinkSync('nowhere', join(base, 'link'))
    expect(await eyes.readFile(join(base, 'file'))).toEqual({
      kind: 'file',
      text: 'text',
      utf8: true,
    })
    expect(await eyes.readFile(join(base, 'file'), {limit: 2})).toEqual({
      kind: 'too-large',
      size: 4,
    })
    expect(await eyes.stat(join(base, 'link'))).toMatchObject({type: 'symlink', link: 'nowhere'})
    expect(await eyes.stat(join(base, 'nowhere'))).toBeNull()
    expect(await eyes.list(base)).toEqual(['file', 'link'])
    expect(await eyes.list(join(base, 'nowhere'))).toBeNull()
    await expect(eyes.list(join(base, 'link'))).resolves.toBeNull()
  })

  test('resolve names as everybody does', async () => {
    const addresses = (await eyes.resolve('localhost')).map(({address}) => address)
    expect(addresses).toContain(
      execFileSync('getent', ['ahostsv4', 'localhost'], {encoding: 'utf8'}).split(/\s/)[0],
    )
    await expect(eyes.resolve('no-such-host.invalid')).rejects.toMatchObject({
      code: /^(?:ENOTFOUND|EAI_AGAIN)$/,
    })
  })

  test('a closed one opens again when it is asked', async () => {
    expect(await eyes.stat(base)).toMatchObject({type: 'directory'})
    eyes.close()
    expect(await eyes.stat(base)).toMatchObject({type: 'directory'})
  })
})

test('one who looks and is killed, as where memory runs out, is replaced', async () => {
  await eyes.stat(base)
  const first = lookers()
  for (const pid of first) process.kill(pid, 'SIGKILL')
  // Who asked before that was known is told that it cannot be looked.
  const seen = (): Promise<unknown> => eyes.stat(base).catch(error => error)
  await expect.poll(seen, {timeout: 30_000}).toMatchObject({type: 'directory'})
  expect(lookers()).not.toEqual(first)
})

describe('what hangs', () => {
  /** A child that is stopped is one that a file system holds. */
  const stop = async (): Promise<void> => {
    await eyes.stat(base)
    for (const pid of lookers()) process.kill(pid, 'SIGSTOP')
  }

  test('is named, and everything else is still answered', async () => {
    await stop()
    const hanging = eyes.stat(join(base, 'dead'))
    const below = eyes.stat(join(base, 'dead/below'))
    const beside = eyes.stat(base)
    expect(await beside).toMatchObject({type: 'directory'})
    await expect(hanging).rejects.toThrow(Hanging)
    await expect(hanging).rejects.toMatchObject({
      place: join(base, 'dead'),
      message: `${join(base, 'dead')} did not answer within 5 s`,
    })
    await expect(below).rejects.toThrow(Hanging)
    // It is not asked again.
    await expect(eyes.readFile(join(base, 'dead/other'))).rejects.toThrow(Hanging)
    eyes.close()
    await expect.poll(lookers, {timeout: 30_000}).toEqual([])
  })

  test('is taken for dead only after long enough, however short the run is', async () => {
    await stop()
    startTime(100)
    await expect(eyes.stat(join(base, 'dead')).finally(endTime)).rejects.toMatchObject({
      message: `${join(base, 'dead')} did not answer within 2.5 s`,
    })
  })

  test('may answer after all', async () => {
    await stop()
    const slow = eyes.stat(join(base, 'slow'))
    const below = eyes.list(base)
    await expect.poll(() => lookers().length, {timeout: 30_000}).toBe(2)
    for (const pid of lookers()) process.kill(pid, 'SIGCONT')
    expect(await slow).toBeNull()
    expect(await below).toEqual([])
  })
})
