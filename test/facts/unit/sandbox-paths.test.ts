import {describe, expect, test} from 'vitest'
import {requiredPaths, writeBarrier} from '../../../src/facts/unit/sandbox-paths.ts'
import {shown} from '../../shown.ts'

const state = '/var/lib/prism-django'
const barrier = (unit: string, path = `${state}/staticfiles`): string | null =>
  writeBarrier(shown(unit), path)
const required = (unit: string): readonly string[] =>
  requiredPaths(shown(unit)).map(({path}) => path)

describe('what keeps the service from writing', () => {
  test.each([
    ['ProtectSystem=no', null],
    ['ProtectSystem=full', null],
    ['ProtectSystem=strict', 'ProtectSystem=strict'],
    [`ProtectSystem=strict\nReadWritePaths=${state}`, null],
    [`ProtectSystem=strict\nReadWritePaths=-${state}/`, null],
    ['ProtectSystem=strict\nReadWritePaths=/var/lib/prism-djang', 'ProtectSystem=strict'],
    ['ProtectSystem=strict\nStateDirectory=prism-django', null],
    ['ProtectSystem=strict\nStateDirectory=other prism-django/staticfiles', null],
    [`ProtectSystem=strict\nBindPaths=/srv/data:${state}:rbind`, null],
    [
      `ReadWritePaths=${state}\nReadOnlyPaths=${state}/staticfiles`,
      `ReadOnlyPaths=${state}/staticfiles`,
    ],
    [`ReadOnlyPaths=/var\nReadWritePaths=${state}`, null],
    [`ReadWritePaths=${state}\nReadOnlyPaths=${state}`, `ReadOnlyPaths=${state}`],
  ])('%j', (unit, expected) => expect(barrier(unit)).toBe(expected))

  test('homes, temporary directories', () => {
    expect(barrier('ProtectHome=yes', '/home/prism/static')).toBe('ProtectHome=yes')
    expect(barrier('ProtectHome=yes\nReadWritePaths=/home/prism', '/home/prism/static')).toBeNull()
    expect(barrier('ProtectSystem=strict\nPrivateTmp=yes', '/tmp/static')).toBeNull()
    expect(barrier('ProtectSystem=strict\nPrivateTmp=no', '/tmp/static')).toBe(
      'ProtectSystem=strict',
    )
  })
})

describe('paths without which systemd ends with 226/NAMESPACE', () => {
  test('an optional path may be missing', () => {
    expect(required('ReadWritePaths=/a -/b +/c -+/d +-/e')).toEqual(['/a', '/c'])
  })
  test('the source of a bind, not where it is seen', () => {
    expect(required('BindPaths=/src:/dst:rbind\nBindReadOnlyPaths=-/x')).toEqual(['/src'])
  })
  test('what systemd makes itself need not be there', () => {
    expect(
      required(
        'StateDirectory=prism\nReadWritePaths=/var/lib/prism /var/lib/prism/media /var/lib/other',
      ),
    ).toEqual(['/var/lib/other'])
    expect(required('RuntimeDirectory=prism\nReadWritePaths=/run/prism')).toEqual([])
  })
  test('below another root directory nobody can tell from here', () => {
    expect(required('RootDirectory=/srv/root\nReadWritePaths=/a')).toEqual([])
  })
})
