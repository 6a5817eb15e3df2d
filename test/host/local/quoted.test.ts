import {expect, test} from 'vitest'
import {readable} from '../../../src/host/hands.ts'
import {unquoted} from '../../../src/host/local/quoted.ts'

test.each([
  ['/srv/plain', '/srv/plain'],
  ['/srv/\\303\\251t\\303\\251', '/srv/été'],
  ["q\\'b", "q'b"],
  ['with\\ a\\ space', 'with a space'],
  ['back\\\\slash\\\\n', 'back\\slash\\n'],
  ['\\a\\b\\f\\n\\r\\t\\v\\033', '\u0007\b\f\n\r\t\v\u001b'],
  ['\\0331', '\u001b1'],
])('%s', (written, name) => expect(readable(unquoted(written))).toBe(name))

test('bytes that are no UTF-8 stay what they are', () => expect(unquoted('\\377x')).toBe('\xffx'))
