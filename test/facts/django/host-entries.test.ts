import {expect, test} from 'vitest'
import {meantHost} from '../../../src/facts/django/host-entries.ts'

test.each([
  ['https://prism.example:8000/', 'prism.example'],
  ["['prism.example'", 'prism.example'],
  ['"localhost"]', 'localhost'],
  ["'", ''],
])('%s is meant as "%s"', (entry, name) => {
  expect(meantHost(entry)?.name).toBe(name)
})

test.each(['prism.example', '.prism.example', '*', '127.0.0.1', '[::1]', '::1'])(
  '%s is meant as it is written',
  entry => {
    expect(meantHost(entry)).toBeNull()
  },
)
