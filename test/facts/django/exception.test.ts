import {expect, test} from 'vitest'
import type {ExceptionLink} from '../../../src/facts/django/django.ts'
import {chainEvidence, isOfPackage, wordsOf} from '../../../src/facts/django/exception.ts'
import {exceptionLink} from '../../exception-link.ts'

const target = {workingDirectory: '/srv/app'}

function raised(type: string, message: string, more: Partial<ExceptionLink> = {}): ExceptionLink {
  const place = {file: '/srv/app/config/base.py', line: 3}
  return exceptionLink(type, message, {place, ...more})
}

const inLibrary = {
  place: {file: '/srv/venv/lib/python3.13/site-packages/decouple.py', line: 90},
  own: false,
}

test.each<[string, readonly ExceptionLink[], string]>([
  [
    'one, with its place below the directory of the service',
    [raised('ModuleNotFoundError', "No module named 'wick'")],
    "ModuleNotFoundError: No module named 'wick' (config/base.py:3)",
  ],
  [
    'one of a library, where no file of the application stands in the traceback',
    [raised('KeyError', 'WICK', inLibrary)],
    'KeyError: WICK (/srv/venv/lib/python3.13/site-packages/decouple.py:90)',
  ],
  [
    'one without a place',
    [raised('KeyError', 'WICK', {place: null, own: false})],
    'KeyError: WICK',
  ],
  [
    'modules that are tried one after the other: the last one, where none is there',
    [
      raised('ModuleNotFoundError', "No module named 'psycopg'", {name: 'psycopg'}),
      raised('ModuleNotFoundError', "No module named 'psycopg2'", {name: 'psycopg2'}),
      raised('ImproperlyConfigured', 'Error loading psycopg2 or psycopg module'),
    ],
    "ModuleNotFoundError: No module named 'psycopg2' (config/base.py:3); ImproperlyConfigured: Error loading psycopg2 or psycopg module",
  ],
  [
    'modules that are tried one after the other: the one that is there and fails',
    [
      raised('ModuleNotFoundError', "No module named 'psycopg'", {name: 'psycopg'}),
      raised('ImportError', 'libpq.so.9: cannot open shared object file', {
        name: 'psycopg2._psycopg',
      }),
      raised('ImproperlyConfigured', 'Error loading psycopg2 or psycopg module'),
    ],
    'ImportError: libpq.so.9: cannot open shared object file (config/base.py:3); ImproperlyConfigured: Error loading psycopg2 or psycopg module',
  ],
  [
    'an import that another one is made of by hand',
    [
      raised('ModuleNotFoundError', "No module named 'wick'", {name: 'wick'}),
      raised('ImportError', 'Could not import the lamp'),
    ],
    "ModuleNotFoundError: No module named 'wick' (config/base.py:3); ImportError: Could not import the lamp",
  ],
  ['one without words', [raised('AssertionError', '')], 'AssertionError (config/base.py:3)'],
  [
    'one of several lines',
    [raised('ValueError', 'no lamp\nat all')],
    'ValueError: no lamp (config/base.py:3)',
  ],
  [
    'a chain: what was raised first, where the application did it, and what was made of it',
    [raised('KeyError', 'WICK', inLibrary), raised('ImproperlyConfigured', 'The lamp has no wick')],
    'KeyError: WICK (config/base.py:3); ImproperlyConfigured: The lamp has no wick',
  ],
  [
    'a chain whose end only repeats its beginning',
    [
      raised('KeyError', 'WICK', inLibrary),
      raised('ImproperlyConfigured', 'Set the WICK environment variable'),
    ],
    'KeyError: WICK (config/base.py:3)',
  ],
  [
    'one in a template, whose line is the place',
    [
      raised('NoReverseMatch', 'x', {
        ...inLibrary,
        template: {file: '/srv/app/templates/a.html', line: 7},
      }),
    ],
    'NoReverseMatch: x (templates/a.html:7)',
  ],
  ['none', [], 'no exception was named'],
])('%s', (_, chain, words) => {
  expect(wordsOf(chain, target)).toBe(words)
})

test('the evidence has the first four, each with its whole place', () => {
  const chain = [1, 2, 3, 4, 5].map(count => raised('ValueError', `lamp ${count}`))
  expect(chainEvidence(chain)).toHaveLength(4)
  expect(chainEvidence(chain)[0]).toBe('ValueError: lamp 1 (/srv/app/config/base.py:3)')
  expect(chainEvidence([raised('ValueError', 'x', {place: null})])).toEqual(['ValueError: x'])
})

test.each([
  ['ModuleNotFoundError', true],
  ['SyntaxError', true],
  ['TemplateDoesNotExist', true],
  ['ImproperlyConfigured', false],
  ['PermissionError', false],
  ['OperationalError', false],
  ['MySyntaxError', false],
])('%s is a mistake of the package: %s', (type, expected) => {
  expect(isOfPackage([raised(type, 'x')])).toBe(expected)
  // What was made of it does not count.
  expect(isOfPackage([raised('KeyError', 'x'), raised(type, 'x')])).toBe(false)
})
