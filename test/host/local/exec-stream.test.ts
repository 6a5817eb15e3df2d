import {closeSync, mkdtempSync, openSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {execStream} from '../../../src/host/local/exec-stream.ts'

const options = {timeout: 60_000, share: 1}
const shell = (line: string): readonly string[] => ['sh', '-c', line]

test('hands on what a program prints, however much, and says how it ended', async () => {
  let size = 0
  const line = 'head -c 100000000 /dev/zero; echo sorry >&2; exit 3'
  const end = await execStream(shell(line), options, bytes => {
    size += bytes.length
  })
  expect({size, ...end}).toEqual({size: 100_000_000, exitCode: 3, stderr: 'sorry\n'})
})

test('starts from a directory that is handed over', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'prism-doctor-'))
  writeFileSync(join(directory, 'name'), '')
  const descriptor = openSync(directory, 'r')
  let said = ''
  await execStream(['ls', '/proc/self/fd/0/.'], {...options, descriptor}, bytes => {
    said += bytes
  })
  expect(said).toBe('name\n')
  closeSync(descriptor)
  rmSync(directory, {recursive: true})
})

test.each([
  ['a program that was killed', 'printf some; kill -9 $$', 'sh was ended by SIGKILL'],
  ['one that complains without end', 'yes complaint >&2', 'sh complained of too much'],
])('%s has not come to its end', async (_, line, message) => {
  await expect(execStream(shell(line), options, () => undefined)).rejects.toMatchObject({
    name: 'CannotLook',
    message,
  })
})

test('one that takes too long has not either', async () => {
  const limited = {...options, timeout: 50}
  await expect(execStream(['sleep', '600'], limited, () => undefined)).rejects.toThrow(
    'sleep did not end within',
  )
})

test('who does not want to hear more ends it', async () => {
  const enough = new Error('enough')
  await expect(
    execStream(shell('yes'), options, () => {
      throw enough
    }),
  ).rejects.toBe(enough)
})
