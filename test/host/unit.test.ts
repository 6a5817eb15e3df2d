import {expect, test} from 'vitest'
import {parseShow, unitOf} from '../../src/host/unit.ts'

test('what systemctl prints once per entry is a list, and what it does not print is empty', () => {
  const printed = `Id=a.service
EnvironmentFiles=/run/a (ignore_errors=no)
EnvironmentFiles=/run/b (ignore_errors=yes)
Environment=A=1 B="x = y"

Id=b.socket
Listen=/run/b (Stream)
`
  const [first = {}, second = {}, ...others] = parseShow(printed)
  expect(others).toEqual([])
  const [a, b] = [unitOf('a.service', first), unitOf('b.socket', second)]
  expect(a.all('EnvironmentFiles')).toEqual([
    '/run/a (ignore_errors=no)',
    '/run/b (ignore_errors=yes)',
  ])
  expect([a.get('Environment'), b.get('Environment')]).toEqual(['A=1 B="x = y"', ''])
  expect(b.all('Listen')).toEqual(['/run/b (Stream)'])
  expect([a.name, b.get('constructor'), b.all('ExecStart')]).toEqual(['a.service', '', []])
})
