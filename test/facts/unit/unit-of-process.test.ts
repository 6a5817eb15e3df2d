import {expect, test} from 'vitest'
import {unitOfProcess} from '../../../src/facts/unit/unit-of-process.ts'
import {literalHost} from '../../literal.ts'

test.each([
  ['0::/system.slice/other.service\n', 'other.service'],
  ['0::/system.slice/system-x.slice/x@1.service/workers\n', 'x@1.service'],
  ['0::/system.slice/docker-3f2a.scope\n', 'docker-3f2a.scope'],
  ['0::/user.slice/user-1000.slice/user@1000.service/app.slice/x.service\n', 'user@1000.service'],
  ['0::/user.slice/user-1000.slice/session-3.scope\n', 'session-3.scope'],
  ['9:name=systemd:/\n1:cpu:/\n0::/system.slice/other.service\n', 'other.service'],
  ['9:name=systemd:/system.slice/other.service\n0::/\n', 'other.service'],
  ['0::/\n', null],
])('of %j it is %s', async (text, expected) => {
  const host = literalHost({readFile: async () => ({kind: 'file', text, utf8: true})})
  expect(await unitOfProcess(host, 9)).toBe(expected)
})
