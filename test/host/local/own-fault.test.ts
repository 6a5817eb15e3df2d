import {expect, test} from 'vitest'
import {CannotLook} from '../../../src/host/host.ts'
import {notOurFault} from '../../../src/host/local/own-fault.ts'

test.each(['EMFILE', 'ENFILE', 'ENOMEM', 'ENOBUFS'])(
  'a connection that this process could not open is no news: %s',
  code => {
    const answer = {kind: 'unreachable', code, message: `connect ${code}`} as const
    expect(() => notOurFault(answer)).toThrow(CannotLook)
    expect(() => notOurFault(answer)).toThrow(code)
  },
)

test('what another says, or does not say, is handed on', () => {
  for (const answer of [
    {kind: 'unreachable', code: 'ECONNREFUSED', message: ''},
    {kind: 'unreachable', code: 'EADDRNOTAVAIL', message: ''},
    {kind: 'rows', rows: []},
  ] as const)
    expect(notOurFault(answer)).toBe(answer)
})
