import {expect, test} from 'vitest'
import {parseNginx} from '../../src/probes/nginx-syntax.ts'

test('words, quotes, comments and blocks', () => {
  const text = `# a { comment; }
user www-data;
http {
  log_format main '$remote_addr "$request" {x};'; # '
  map $http_upgrade $connection_upgrade { default upgrade; '' close; }
  server { server_name a.example "b;c"; location ~ ^/x\\.(a|b)$ { return 200 "a#b"; } }
}`
  expect(parseNginx(text)).toEqual([
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
  expect(parseNginx('a b; http { server { listen 80;')).toEqual([
    {name: 'a', args: ['b'], block: null},
    {name: 'http', args: [], block: [{name: 'server', args: [], block: [listen]}]},
  ])
  expect(parseNginx('} a; "')).toEqual([{name: 'a', args: [], block: null}])
})
