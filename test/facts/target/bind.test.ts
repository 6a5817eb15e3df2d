import {expect, it, test} from 'vitest'
import {parseBind, shownBind, writtenBind} from '../../../src/facts/target/bind.ts'

it.each([
  ['127.0.0.1:8080', {host: '127.0.0.1', port: 8080}],
  ['[::1]:8000', {host: '::1', port: 8000}],
  [':9000', {host: '0.0.0.0', port: 9000}],
  ['0.0.0.0', {host: '0.0.0.0', port: 8000}],
  ['unix:/run/prism/g.sock', {socketPath: '/run/prism/g.sock'}],
  ['not an address', null],
])('reads the bind address %s', (text, bind) => {
  expect(parseBind(text)).toEqual(bind)
})

test('an address is written as it is read', () => {
  for (const text of [
    '127.0.0.1:8000',
    '[::1]:8000',
    'localhost:80',
    'unix:/run/prism.sock',
    'unix:@prism',
  ]) {
    const bind = parseBind(text)
    expect(bind && writtenBind(bind)).toBe(text)
    expect(bind && shownBind(bind)).toBe(text.replace(/^unix:/, ''))
  }
})
