import {execFile} from 'node:child_process'
import {mkdirSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {promisify} from 'node:util'
import {describe, expect, test} from 'vitest'
import {hasFuse} from '../host/local/closed-mount.ts'
import {scratch} from './machines.ts'

const directory = scratch()
const deadMount = fileURLToPath(new URL('./dead-mount.py', import.meta.url))
const program = fileURLToPath(new URL('../../bin/run.js', import.meta.url))

/** The program, while nothing answers below a directory. */
async function ended(
  mount: string,
  args: readonly string[],
): Promise<{readonly code: number; readonly stderr: string}> {
  const command = [deadMount, mount, process.execPath, program, ...args]
  return promisify(execFile)('unshare', ['--mount', 'python3', ...command]).catch(error => error)
}

describe.runIf(hasFuse).concurrent('a file system whose server is gone', () => {
  test.each([
    ['--config', 'diagnose'],
    ['--output', 'diagnose'],
    ['--replay', 'diagnose'],
    ['--record', 'diagnose'],
    ['--output', 'record'],
  ])('is told of as %s of %s', async (flag, command) => {
    const mount = join(directory, `${command}${flag}`)
    mkdirSync(mount)
    const {code, stderr} = await ended(mount, [command, flag, join(mount, 'file')])
    expect([code, stderr.split('\n').length]).toEqual([3, 2])
    expect(stderr).toContain(`the file system at ${mount} (fuse.sshfs) does not answer within 2 s`)
  })

  test.each(['diagnose', 'record'])(
    'keeps %s no longer than half of a short run',
    async command => {
      const mount = join(directory, `${command}-in-time`)
      mkdirSync(mount)
      const {stderr} = await ended(mount, [
        command,
        '--timeout',
        '1',
        '--output',
        join(mount, 'file'),
      ])
      expect(stderr).toContain('does not answer within 0.5 s')
    },
  )
})
