import {execFile} from 'node:child_process'
import {existsSync, mkdirSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {promisify} from 'node:util'
import {expect, test} from 'vitest'
import {scratch} from './machines.ts'

const directory = scratch()
const deadMount = fileURLToPath(new URL('./dead-mount.py', import.meta.url))
const program = fileURLToPath(new URL('../../bin/run.js', import.meta.url))

/** What the program says while nothing answers below a directory. */
async function refusal(mount: string, args: readonly string[]): Promise<string> {
  const command = [deadMount, mount, process.execPath, program, ...args]
  const {code, stderr} = await promisify(execFile)('unshare', [
    '--mount',
    'python3',
    ...command,
  ]).catch(error => error)
  expect([code, stderr.split('\n').length]).toEqual([3, 2])
  return stderr
}

const isPossible = process.geteuid?.() === 0 && existsSync('/dev/fuse')

test.runIf(isPossible).each([
  ['--config', 'diagnose'],
  ['--output', 'diagnose'],
  ['--replay', 'diagnose'],
  ['--record', 'diagnose'],
  ['--output', 'record'],
])('%s of %s on a file system whose server is gone is told', async (flag, command) => {
  const mount = join(directory, `${command}${flag}`)
  mkdirSync(mount)
  const said = await refusal(mount, [command, flag, join(mount, 'file')])
  expect(said).toContain(`the file system at ${mount} (fuse.sshfs) does not answer within 2 s`)
})

test.runIf(isPossible).each(['diagnose', 'record'])(
  '%s waits no longer for it than half of a short run',
  async command => {
    const mount = join(directory, `${command}-in-time`)
    mkdirSync(mount)
    const said = await refusal(mount, [command, '--timeout', '1', '--output', join(mount, 'file')])
    expect(said).toContain('does not answer within 0.5 s')
  },
)
