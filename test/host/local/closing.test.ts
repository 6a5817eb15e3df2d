import {spawnSync} from 'node:child_process'
import {expect, test} from 'vitest'

const program = `
import {createServer} from 'node:net'
import {localHost} from './src/host/local/index.ts'
import {createSecrets} from './src/host/redactor.ts'
const host = localHost(createSecrets())
const mute = createServer(() => undefined).unref().listen(0, '127.0.0.1', () => {
  const {port} = mute.address()
  const asked = [
    ...Array.from({length: 20}, (_, index) => host.exec(['sleep', String(20 + index)], {question: 'sleep'})),
    host.request({address: {host: '127.0.0.1', port}, path: '/'}),
    host.query({host: '127.0.0.1', port, user: 'a', database: 'b', password: null, as: null}, {question: 'anything', sql: 'SELECT 1'}),
  ]
  for (const answer of asked) answer.catch(() => undefined)
  setTimeout(() => {
    host.close()
    process.stdout.write(String(Date.now()))
  }, 300)
})
`

test('what is still being asked when the answer is given does not keep the process waiting', () => {
  const {status, stdout, stderr} = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', program],
    {
      encoding: 'utf8',
      timeout: 60_000,
    },
  )
  expect({status, stderr}).toEqual({status: 0, stderr: ''})
  expect(Date.now() - Number(stdout)).toBeLessThan(4000)
})
