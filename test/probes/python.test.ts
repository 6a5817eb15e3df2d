import {describe, expect, test} from 'vitest'
import {
  assignments,
  elements,
  entryOf,
  evaluate,
  literal,
  type PythonValue,
  splitTop,
  statements,
} from '../../src/probes/python.ts'

/** Evaluates in a project whose settings lie at /srv/app/prism/settings.py. */
function value(expression: string): PythonValue {
  return evaluate(expression, name => {
    if (name === 'BASE_DIR') return {kind: 'text', text: '/srv/app'}
    if (name === '__file__') return {kind: 'text', text: '/srv/app/prism/settings.py'}
    return {kind: 'unknown'}
  })
}

const text = (path: string): PythonValue => ({kind: 'text', text: path})

test('a statement ends where no bracket and no string is open', () => {
  const source = `A = [  # not ] the end
    'one',
]
B = """two
lines""" ; C = 'x'
D = 1 + \\
    2
`
  expect(statements(source)).toHaveLength(3)
})

test('an assignment inside a block is conditional', () => {
  const source = "STATIC_ROOT = 'a'\nif DEBUG:\n    STATIC_ROOT = 'b'\nSTORAGES['staticfiles'] = {}\nAPPS += ['x']\n"
  expect(assignments(source).map(({name, conditional}) => [name, conditional])).toEqual([
    ['STATIC_ROOT', false],
    ['STATIC_ROOT', true],
    ['STORAGES', false],
    ['APPS', false],
  ])
  expect(assignments(source)[2]).toMatchObject({subscript: "['staticfiles']"})
  expect(assignments(source)[3]).toMatchObject({operator: '+='})
})

test('a comparison is no assignment, and neither is a keyword argument', () => {
  expect(assignments('STATIC_ROOT == 1\nsetup(STATIC_ROOT=1)\n')).toEqual([])
})

describe('paths', () => {
  test.each([
    ["'/var/lib/x'", '/var/lib/x'],
    ["BASE_DIR / 'staticfiles'", '/srv/app/staticfiles'],
    ["os.path.join(BASE_DIR, 'static', 'out')", '/srv/app/static/out'],
    ["os.path.join(BASE_DIR, '/var/lib/x')", '/var/lib/x'],
    ["str(BASE_DIR / 'staticfiles')", '/srv/app/staticfiles'],
    ["Path('/var') / 'lib'", '/var/lib'],
    ['Path(__file__).resolve().parent.parent', '/srv/app'],
    ['Path(__file__).resolve().parents[1]', '/srv/app'],
    ['os.path.dirname(os.path.dirname(os.path.abspath(__file__)))', '/srv/app'],
    ['None', ''],
  ])('%s', (expression, path) => {
    expect(value(expression)).toEqual(text(path))
  })
})

describe('the environment', () => {
  const read = (name: string, fallback: PythonValue | null): PythonValue => ({kind: 'environment', name, fallback})
  test.each([
    ["config('STATIC_ROOT')", read('STATIC_ROOT', null)],
    ["config('STATIC_ROOT', default=BASE_DIR / 'staticfiles')", read('STATIC_ROOT', text('/srv/app/staticfiles'))],
    ["config('STATIC_ROOT', cast=Path)", read('STATIC_ROOT', null)],
    ["os.environ['STATIC_ROOT']", read('STATIC_ROOT', null)],
    ["os.environ.get('STATIC_ROOT', '/x')", read('STATIC_ROOT', text('/x'))],
    ["os.environ.get('STATIC_ROOT')", read('STATIC_ROOT', text(''))],
    ["os.getenv('STATIC') or BASE_DIR / 'static'", read('STATIC', text('/srv/app/static'))],
    ["Path(env('STATIC_ROOT'))", read('STATIC_ROOT', null)],
    ["env.str('STATIC_ROOT', '/y')", read('STATIC_ROOT', text('/y'))],
  ])('%s', (expression, expected) => {
    expect(value(expression)).toEqual(expected)
  })
})

test.each(["root() / 'x'", "'/a' if DEBUG else '/b'", "f'{BASE_DIR}/static'", "Path(config('STATE')) / 'static'", ''])(
  'what needs Python to run is not guessed: %s',
  expression => {
    expect(value(expression)).toEqual({kind: 'unknown'})
  },
)

test('dictionaries and lists are read as far as they are literals', () => {
  const storages = "{'default': {}, 'staticfiles': {'BACKEND': 'a.b', 'OPTIONS': {'x': 1}}}"
  expect(literal(entryOf(entryOf(storages, 'staticfiles') ?? '', 'BACKEND') ?? '')).toBe('a.b')
  expect(entryOf(storages, 'other')).toBeUndefined()
  expect(entryOf("{**base, 'x': 1}", 'staticfiles')).toBeNull()
  expect(entryOf('make()', 'staticfiles')).toBeNull()
  expect(elements("[BASE_DIR / 'static', ('img', '/srv/img'),]")).toEqual([
    "BASE_DIR / 'static'",
    "('img', '/srv/img')",
  ])
  expect(elements('[1] + [2]')).toBeNull()
  expect(splitTop("a(1, 2), 'b, c'", ',')).toEqual(['a(1, 2)', "'b, c'"])
})
