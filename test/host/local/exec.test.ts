import {readFileSync} from 'node:fs'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, test} from 'vitest'
import {CannotLook} from '../../../src/host/host.ts'
import {exec} from '../../../src/host/local/exec.ts'

let base = ''

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'prism-doctor-'))
})

afterEach(() => rm(base, {recursive: true, force: true}))

/** Whether the process whose number stands in a file is there, and is no zombie. */
function lives(name: string): boolean {
  try {
    const pid = Number(readFileSync(join(base, name), 'utf8'))
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

test('a program that ends is answered, however it ends', async () => {
  expect(await exec(['sh', '-c', 'echo out; echo err >&2; exit 7'])).toEqual({
    exitCode: 7,
    stdout: 'out\n',
    stderr: 'err\n',
  })
  expect(await exec(['sh', '-c', 'kill -9 $$'])).toMatchObject({exitCode: null})
})

test('what takes too long is ended with all that it started, whatever they ignore', async () => {
  const script = `trap '' TERM; cd ${base}; (trap '' TERM; sleep 1000 & echo $! > child; wait) & echo $$ > self; wait`
  await expect(exec(['sh', '-c', script], {timeout: 1000})).rejects.toEqual(
    new CannotLook('sh did not end within 1 s'),
  )
  await expect.poll(() => lives('self') || lives('child'), {timeout: 30_000}).toBe(false)
})

test('one that ends when it is told to has taken too long as well', async () => {
  await expect(exec(['sleep', '1000'], {timeout: 100})).rejects.toThrow('did not end within 0.1 s')
})

test('one that has ended and left its output to another is waited for no longer', async () => {
  const script = `cd ${base}; setsid sleep 1000 & echo $! > left`
  await expect(exec(['sh', '-c', script], {timeout: 500})).rejects.toThrow('did not end within')
  process.kill(Number(readFileSync(join(base, 'left'), 'utf8')), 'SIGKILL')
})
