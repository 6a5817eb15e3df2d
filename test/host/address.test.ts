import {expect, test} from 'vitest'
import {hostPort, isLoopback} from '../../src/host/address.ts'

test('an address of the sixth version stands in brackets', () => {
  expect(hostPort({host: '127.0.0.1', port: 8000})).toBe('127.0.0.1:8000')
  expect(hostPort({host: '::1', port: '8000'})).toBe('[::1]:8000')
})

test('what begins like the name of every machine is another one', () => {
  expect(['localhost', '127.0.1.1', '::1'].every(isLoopback)).toBe(true)
  expect(['localhost.example.org', '10.127.0.1', '::10', '0.0.0.0'].some(isLoopback)).toBe(false)
})
