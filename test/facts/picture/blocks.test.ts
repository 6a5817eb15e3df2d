import {expect, test} from 'vitest'
import {parseNginx} from '../../../src/facts/fronts/nginx-syntax.ts'
import {saidIn} from '../../../src/facts/picture/blocks.ts'

const told = (text: string): readonly string[] =>
  saidIn(parseNginx(text)).map(({name, value}) => `${name}: ${value}`)

test('each word of each block, a server by its names, and the second of two alike', () => {
  const server = 'server { listen 80; server_name a.example b.example; }'
  expect(
    told(`user www-data;
      http { gzip on; ${server}
        server { listen 443 ssl; server_name a.example b.example;
          location /static/ { add_header A 1; add_header B 2; } } }`),
  ).toEqual([
    'user: www-data',
    'http: there',
    'http/gzip: on',
    'http/server a.example b.example: there',
    'http/server a.example b.example/listen: 80',
    'http/server a.example b.example/server_name: a.example b.example',
    'http/server a.example b.example (2): there',
    'http/server a.example b.example (2)/listen: 443 ssl',
    'http/server a.example b.example (2)/server_name: a.example b.example',
    'http/server a.example b.example (2)/location /static/: there',
    'http/server a.example b.example (2)/location /static//add_header: A 1; B 2',
  ])
})

test('one change is one line', () => {
  const text = 'http { server { listen 80; location / { proxy_pass http://127.0.0.1:8000; } } }'
  const before = told(text)
  const after = told(text.replace(':8000', ':8001'))
  expect(after.filter(line => !before.includes(line))).toEqual([
    'http/server/location //proxy_pass: http://127.0.0.1:8001',
  ])
  expect(before.filter(line => !after.includes(line))).toHaveLength(1)
})
