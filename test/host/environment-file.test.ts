import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {parseEnvironmentFile, parseProcessEnvironment} from '../../src/host/environment-file.ts'

const read = (text: string): Record<string, string> =>
  Object.fromEntries(parseEnvironmentFile(text).variables)
const problems = (text: string): readonly string[] =>
  parseEnvironmentFile(text).problems.map(({line, kind, name}) => `${line} ${kind} ${name}`)

describe('as systemd 252 was seen to read it', () => {
  test.each([
    ['A=x y', 'x y'],
    ['A=  x y  ', 'x y'],
    ['A="a b"', 'a b'],
    [`A='a $b'`, 'a $b'],
    ['A=pa$$word$HOME', 'pa$$word$HOME'],
    ['A=abc #def', 'abc #def'],
    ['A=abc ;def', 'abc ;def'],
    ['A=a\\b\\nc', 'abnc'],
    ['A="a\\b\\n\\"c"', 'a\\b\\n"c'],
    ['A="\\$x \\`y\\` \\\\"', '$x `y` \\'],
    [`A='a\\b'`, 'a\\b'],
    [`A="a"b'c'`, `ab'c'`],
    ['A="a" "b"', 'ab'],
    ['A="two\nlines"', 'two\nlines'],
    ['A=one\\\ntwo', 'onetwo'],
    ['A="one\\\ntwo"', 'onetwo'],
    ['A=', ''],
    ['A=""', ''],
    ['A=x=y', 'x=y'],
    ['  A = x', 'x'],
    ['A=x\r', 'x'],
    ['A=hé', 'hé'],
  ])('%j', (line, value) => {
    expect(read(`${line}\n`)).toEqual({A: value})
    expect(problems(`${line}\n`)).toEqual([])
  })

  test('CRLF is harmless', () => {
    expect(read('A=1\r\nB=2\r\n')).toEqual({A: '1', B: '2'})
    expect(parseEnvironmentFile('A=1\r\nB=2\r\n').assignments.map(({line}) => line)).toEqual([1, 2])
  })

  test('the last of a doubled name wins', () => {
    expect(read('A=1\nA=2\n')).toEqual({A: '2'})
  })

  test('comments and blank lines', () => {
    expect(read('# A=1\n; B=2\n\n   \n  # C=3\nD=4')).toEqual({D: '4'})
    expect(problems('# it\'s "open\nD=4')).toEqual([])
  })

  test('what it ignores, and where', () => {
    expect(problems('export A=1\n')).toEqual(['1 export A'])
    expect(problems('X=1\nBAD-NAME=1\n1BAD=2\n')).toEqual([
      '2 bad-name BAD-NAME',
      '3 bad-name 1BAD',
    ])
    expect(problems('\uFEFFA=1\nB=2\n')).toEqual(['1 byte-order-mark A'])
    expect(read('export A=1\nBAD-NAME=1\n1BAD=2\n\uFEFFC=1\nD=1\n')).toEqual({D: '1'})
  })

  test('a line without "=" is ignored, and not shown: it may be nothing but a secret', () => {
    expect(problems('A=1\nhunter22\nB=2\n')).toEqual(['2 no-equals-sign '])
    expect(problems('hunter22')).toEqual(['1 no-equals-sign '])
  })

  test('a quote that is never closed swallows what follows', () => {
    const text = 'X=1\nA="abc\nNEXT=2\nLAST=3\n'
    expect(read(text)).toEqual({X: '1', A: 'abc\nNEXT=2\nLAST=3\n'})
    expect(problems(text)).toEqual(['2 unterminated-quote A'])
  })
})

describe('whatever is in the file', () => {
  const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,8}$/)
  const text = fc.string({unit: 'grapheme', maxLength: 20}).filter(value => !value.includes('\0'))

  test('a value in double quotes is read back', () => {
    fc.assert(
      fc.property(name, text, (key, value) => {
        const quoted = value.replace(/["\\`$]/g, '\\$&')
        expect(read(`${key}="${quoted}"\n`)).toEqual({[key]: value})
      }),
    )
  })

  test('a value in single quotes is read back, unless it holds one', () => {
    fc.assert(
      fc.property(name, text, (key, value) => {
        fc.pre(!value.includes("'"))
        expect(read(`${key}='${value}'\n`)).toEqual({[key]: value})
      }),
    )
  })

  test('it is read without an exception, and every line number is one of the file', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom('A', '=', '"', "'", '\\', '\n', '\r', ' ', '#', '$', '\uFEFF'),
          maxLength: 40,
        }),
        any => {
          const {assignments, problems: found} = parseEnvironmentFile(any)
          const lines = any.split('\n').length
          for (const {line} of [...assignments, ...found])
            expect(line >= 1 && line <= lines).toBe(true)
        },
      ),
      {numRuns: 2000},
    )
  })

  test('whole files one after the other are read as both', () => {
    const line = fc
      .tuple(name, text)
      .map(([key, value]) => `${key}="${value.replace(/["\\`$]/g, '\\$&')}"\n`)
    fc.assert(
      fc.property(fc.array(line, {maxLength: 4}), fc.array(line, {maxLength: 4}), (one, two) => {
        expect(read([...one, ...two].join(''))).toEqual({
          ...read(one.join('')),
          ...read(two.join('')),
        })
      }),
    )
  })
})

test('/proc/<pid>/environ: the first of a doubled name wins, values may hold anything but NUL', () => {
  const environment = parseProcessEnvironment('A=1\0B=x=y\nz\0A=2\0=odd\0nothing\0')
  expect(Object.fromEntries(environment)).toEqual({A: '1', B: 'x=y\nz'})
})
