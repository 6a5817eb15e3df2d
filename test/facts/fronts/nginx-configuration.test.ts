import {expect, test} from 'vitest'
import {type Directive, parseNginx} from '../../../src/facts/fronts/nginx-syntax.ts'

type Bare = Pick<Directive, 'name' | 'args'> & {readonly block: readonly Bare[] | null}

function withoutPlaces(directives: readonly Directive[]): readonly Bare[] {
  return directives.map(({name, args, block}) => ({
    name,
    args,
    block: block && withoutPlaces(block),
  }))
}

function parsed(text: string): readonly Bare[] {
  return withoutPlaces(parseNginx(text))
}

test('words, quotes, comments and blocks', () => {
  const text = `# a { comment; }
user www-data;
http {
  log_format main '$remote_addr "$request" {x};'; # '
  map $http_upgrade $connection_upgrade { default upgrade; '' close; }
  server { server_name a.example "b;c"; location ~ ^/x\\.(a|b)$ { return 200 "a#b"; } }
}`
  expect(parsed(text)).toEqual([
    {name: 'user', args: ['www-data'], block: null},
    {
      name: 'http',
      args: [],
      block: [
        {name: 'log_format', args: ['main', '$remote_addr "$request" {x};'], block: null},
        {
          name: 'map',
          args: ['$http_upgrade', '$connection_upgrade'],
          block: [
            {name: 'default', args: ['upgrade'], block: null},
            {name: '', args: ['close'], block: null},
          ],
        },
        {
          name: 'server',
          args: [],
          block: [
            {name: 'server_name', args: ['a.example', 'b;c'], block: null},
            {
              name: 'location',
              args: ['~', '^/x\\.(a|b)$'],
              block: [{name: 'return', args: ['200', 'a#b'], block: null}],
            },
          ],
        },
      ],
    },
  ])
})

test('a file that is cut off says what it said so far', () => {
  const listen = {name: 'listen', args: ['80'], block: null}
  expect(parsed('a b; http { server { listen 80;')).toEqual([
    {name: 'a', args: ['b'], block: null},
    {name: 'http', args: [], block: [{name: 'server', args: [], block: [listen]}]},
  ])
  expect(parsed('} a; "')).toEqual([{name: 'a', args: [], block: null}])
})

test('each directive knows its file and its line', () => {
  const text =
    '# one\nhttp {\n  server {\n    listen\n      80;\n    location / { proxy_pass http://a; }\n  }\n}\n'
  const flat = (all: readonly Directive[]): readonly string[] =>
    all.flatMap(({name, file, line, block}) => [`${name} ${file}:${line}`, ...flat(block ?? [])])
  expect(flat(parseNginx(text, '/n.conf'))).toEqual([
    'http /n.conf:2',
    'server /n.conf:3',
    'listen /n.conf:4',
    'location /n.conf:6',
    'proxy_pass /n.conf:6',
  ])
})
