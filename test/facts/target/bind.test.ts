import {expect, test} from 'vitest'
import {parseBind, shownBind, writtenBind} from '../../../src/facts/target/bind.ts'

test('an address is written as it is read', () => {
  for (const text of ['127.0.0.1:8000', '[::1]:8000', 'localhost:80', 'unix:/run/prism.sock', 'unix:@prism']) {
    const bind = parseBind(text)
    expect(bind && writtenBind(bind)).toBe(text)
    expect(bind && shownBind(bind)).toBe(text.replace(/^unix:/, ''))
  }
})
