import {spawn} from 'node:child_process'
import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, test} from 'vitest'
import {takeLock} from '../../../src/host/local/lock.ts'

const source = new URL('../../../src/host/local/lock.ts', import.meta.url).href
let directory = ''

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'prism-doctor-'))
})

afterEach(() => rmSync(directory, {recursive: true, force: true}))

test('one at a time: the second is told whom it waits for', () => {
  const release = takeLock(directory)
  expect(() => takeLock(directory)).toThrow(`another --fix or undo is at work (pid ${process.pid})`)
  release()
  takeLock(directory)()
})

test('the lock of a process that was killed is free', async () => {
  const script = `const {takeLock} = await import(${JSON.stringify(source)}); takeLock(${JSON.stringify(directory)}); console.log('held'); setInterval(() => {}, 1000)`
  const holder = spawn(process.execPath, ['--input-type=module', '-e', script])
  await new Promise(resolve => holder.stdout.once('data', resolve))
  expect(() => takeLock(directory)).toThrow(`pid ${holder.pid}`)
  const gone = new Promise(resolve => holder.once('exit', resolve))
  holder.kill('SIGKILL')
  await gone
  takeLock(directory)()
})
