import {expect, test} from 'vitest'
import {parseNginx} from '../../../src/facts/fronts/nginx-syntax.ts'
import {nginxTypes} from '../../../src/facts/fronts/types-place.ts'
import {cameAs, judgeType} from '../../../src/facts/static/media-types.ts'

test.each([
  ['a.css', 'text/css; charset=utf-8', '', null],
  ['a.css', 'text/plain', '', 'refused'],
  // Without a type a browser takes a style sheet for one, unless it is told not to guess.
  ['a.css', '', '', 'unusual'],
  ['a.css', '', 'nosniff', 'refused'],
  ['a.js', 'application/x-javascript', 'nosniff', null],
  ['a.js', 'text/plain', '', 'unusual'],
  ['a.js', 'text/plain', 'nosniff', 'refused'],
  ['a.js', 'image/png', '', 'refused'],
  ['a.mjs', 'application/octet-stream', '', 'unusual'],
  ['a.mjs', 'text/javascript', '', null],
  ['a.svg', 'application/octet-stream', '', 'unusual'],
  ['a.PNG', 'text/html', '', 'unusual'],
  ['a.png', 'application/octet-stream', '', null],
  ['a.pdf', 'text/plain', '', 'unusual'],
  ['a.mp4', '', 'nosniff', null],
  // Nobody minds these.
  ['a.woff2', 'text/plain', 'nosniff', null],
  ['a.json', 'application/octet-stream', '', null],
  ['README', 'text/plain', '', null],
])('%s as "%s" with "%s" is %s', (name, type, nosniff, verdict) => {
  const headers = {'content-type': type, 'x-content-type-options': nosniff}
  expect(judgeType(name, cameAs(headers), null)).toBe(verdict)
})

test('what Django itself gives to a name is right', () => {
  const came = cameAs({'content-type': 'text/x-less'})
  expect(judgeType('a.css', came, 'text/css')).toBe('refused')
  expect(judgeType('a.css', came, 'text/x-less')).toBeNull()
})

const around = (http: string, location = '') =>
  parseNginx(
    `http {
${http}
server { server_name prism.example;
location /static/ { alias /srv/;
${location}
} } }`,
    '/n',
  )

test.each([
  [around(''), 'nginx has no list of types there, and default_type is text/plain', 1, 'all'],
  [
    around('default_type application/octet-stream;'),
    'nginx has no list of types there, and default_type is application/octet-stream',
    2,
    'all',
  ],
  [
    around('include mime.types;', 'types { }'),
    'types there lacks .css, and default_type is text/plain',
    5,
    'all',
  ],
  [
    around('types { text/html html; }'),
    'types there lacks .css, and default_type is text/plain',
    2,
    'all',
  ],
  [around('types { text/x-css css; }'), 'types has text/x-css for .css', 2, null],
  [
    around('include /etc/nginx/mime.types;'),
    'the list of types lacks .css, and default_type is text/plain',
    2,
    'ending',
  ],
  [
    around('include mime.types;', 'add_header Content-Type text/plain;'),
    'a header of its own says so',
    5,
    null,
  ],
])('why nginx sends a style sheet as another type: %#', (directives, why, line, lacks) => {
  const asked = {server: 'prism.example', path: '/static/a.css', ending: 'css'}
  expect(nginxTypes(directives, asked)).toEqual({why, at: {file: '/n', line}, lacks})
})
