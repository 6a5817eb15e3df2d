import {spawn} from 'node:child_process'
import {mkdtempSync, readdirSync, readFileSync, rmSync, statSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, test} from 'vitest'
import {findLock, takeLock} from '../../../src/host/local/lock.ts'

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

test('a lock that is only looked for is neither made nor written to', () => {
  expect(findLock(join(directory, 'none'))).toBeNull()
  expect(findLock(directory)).toBeNull()
  expect(readdirSync(directory)).toEqual([])
  takeLock(directory)()
  const file = join(directory, 'lock')
  const {mtimeMs, ctimeMs} = statSync(file)
  const lock = findLock(directory)
  expect(() => takeLock(directory)).toThrow('another --fix or undo is at work (pid unknown)')
  lock?.release()
  expect(statSync(file)).toMatchObject({mtimeMs, ctimeMs, size: 0})
  const signed = findLock(directory)
  signed?.sign()
  expect(readFileSync(file, 'utf8')).toBe(`${process.pid}\n`)
  expect(() => findLock(directory)).toThrow(`pid ${process.pid}`)
  signed?.release()
})
