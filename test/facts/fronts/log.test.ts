import {expect, test} from 'vitest'
import {apacheEvent} from '../../../src/facts/fronts/log/apache-events.ts'
import {caddyEvent} from '../../../src/facts/fronts/log/caddy-events.ts'
import {shownPath} from '../../../src/facts/fronts/log/concerns.ts'
import {blocksFor, decidedBy, sizeOf} from '../../../src/facts/fronts/log/decides.ts'
import {stampIn} from '../../../src/facts/fronts/log/front-log.ts'
import {clockOf} from '../../../src/facts/fronts/log/local-time.ts'
import {nginxEvent} from '../../../src/facts/fronts/log/nginx-events.ts'
import {parseNginx} from '../../../src/facts/fronts/nginx-syntax.ts'

const visitor =
  'client: 10.0.0.9, server: prism.example, request: "POST /upload/?t=1 HTTP/1.1", upstream: "http://127.0.0.1:8000/upload/?t=1", host: "prism.example", referrer: "http://prism.example/form/"'

function nginx(level: string, said: string) {
  return nginxEvent({at: 7, text: `[${level}] 168#168: *5 ${said}, ${visitor}`, site: null})
}

// As nginx 1.22 and 1.26 wrote them on the hosts of test/midship and test/hosts, or their source.
test.each([
  ['error', 'client intended to send too large body: 2000000 bytes', 'body-too-large'],
  ['error', 'client intended to send too large chunked body: 8192+1048577 bytes', 'body-too-large'],
  [
    'error',
    'upstream sent too big header while reading response header from upstream',
    'header-too-big',
  ],
  [
    'error',
    'upstream timed out (110: Connection timed out) while reading response header from upstream',
    'upstream-timeout',
  ],
  [
    'error',
    'upstream prematurely closed connection while reading response header from upstream',
    'upstream-closed',
  ],
  [
    'error',
    'recv() failed (104: Connection reset by peer) while reading response header from upstream',
    'upstream-closed',
  ],
  [
    'error',
    'connect() to unix:/run/app.sock failed (11: Resource temporarily unavailable) while connecting to upstream',
    'backlog-full',
  ],
  ['error', 'no live upstreams while connecting to upstream', 'no-live-upstreams'],
  [
    'error',
    'SSL_do_handshake() failed (SSL: error:0A00010B:SSL routines::wrong version number) while SSL handshaking to upstream',
    'upstream-tls',
  ],
  [
    'error',
    'upstream SSL certificate verify error: (18:self-signed certificate) while SSL handshaking to upstream',
    'upstream-tls',
  ],
  ['error', 'open() "/srv/static/a.css" failed (13: Permission denied)', 'denied'],
  [
    'crit',
    'open() "/var/cache/nginx/client_body/0000000001" failed (13: Permission denied)',
    'denied',
  ],
  [
    'crit',
    'pwrite() "/var/cache/nginx/client_body/0000000001" failed (28: No space left on device)',
    'no-space',
  ],
  ['alert', '768 worker_connections are not enough while connecting to upstream', 'connections'],
  ['alert', 'socket() failed (24: Too many open files) while connecting to upstream', 'open-files'],
  ['crit', 'open() "/srv/a" failed (24: Too many open files)', 'open-files'],
  [
    'error',
    'rewrite or internal redirection cycle while internally redirecting to "/index.html"',
    'cycle',
  ],
])('nginx: [%s] %s', (level, said, kind) => {
  expect(nginx(level, said)).toMatchObject({
    at: 7,
    kind,
    server: 'prism.example',
    path: '/upload/',
    upstream: 'http://127.0.0.1:8000/upload/?t=1',
    referrer: 'http://prism.example/form/',
  })
})

test.each([
  ['error', 'open() "/srv/static/.env" failed (2: No such file or directory)'],
  ['error', 'directory index of "/srv/static/" is forbidden'],
  ['error', 'access forbidden by rule'],
  ['info', 'client closed connection while waiting for request'],
  ['error', 'connect() failed (111: Connection refused) while connecting to upstream'],
  ['error', 'upstream timed out (110: Connection timed out) while proxying upgraded connection'],
  // An event stream.
  ['error', 'upstream timed out (110: Connection timed out) while reading upstream'],
  ['warn', 'a client request body is buffered to a temporary file /var/lib/nginx/body/1'],
  ['error', 'writev() failed (104: Connection reset by peer) while sending request to upstream'],
  ['error', 'limiting requests, excess: 5.200 by zone "login"'],
  // What a visitor asked for holds the words of another line.
  [
    'error',
    'open() "/srv/static/768 worker_connections are not enough" failed (2: No such file or directory)',
  ],
])('nginx says it of scanners and clients: [%s] %s', (level, said) => {
  expect(nginx(level, said)).toBeNull()
})

test('what a visitor wrote takes no time, whatever it looks like', () => {
  const unit = '", subrequest: "a", upstream: "b", host: "c", referrer: "d'
  const text = `[error] 1#1: *5 x, client: a, server: b, request: "${unit.repeat(250)}`
  const began = performance.now()
  expect(nginxEvent({at: 1, text, site: null})).toBeNull()
  expect(performance.now() - began).toBeLessThan(500)
})

test('a request may hold quotes and commas', () => {
  const text =
    '[error] 1#1: *5 no live upstreams while connecting to upstream, client: a, server: b, request: "GET /x", y: "z HTTP/1.1", host: "b"'
  expect(nginxEvent({at: 1, text, site: null})).toMatchObject({
    server: 'b',
    host: 'b',
    path: '/x",',
  })
})

test('what nginx refuses of its configuration, and a worker that died', () => {
  const refused = 'unknown directive "frobnicate" in /etc/nginx/conf.d/extra.conf:1'
  expect(nginxEvent({at: 1, text: `[emerg] 9#9: ${refused}`, site: null})).toMatchObject({
    kind: 'refused',
    words: refused,
    server: null,
  })
  const died = '[alert] 9#9: worker process 10 exited on signal 9'
  expect(nginxEvent({at: 1, text: died, site: null})).toMatchObject({
    kind: 'worker-killed',
    words: '9',
  })
})

// As Apache 2.4.71 wrote them.
test.each([
  [
    '[proxy_http:error] [pid 241:tid 249] (70007)The timeout specified has expired: [client 127.0.0.1:37074] AH01102: error reading status line from remote server 127.0.0.1:8200, referer: http://ledger.example/x',
    {kind: 'upstream-timeout', upstream: '127.0.0.1:8200', referrer: 'http://ledger.example/x'},
  ],
  [
    '[proxy_http:error] [pid 241:tid 251] (20014)Internal error (specific information not available): [client 127.0.0.1:37156] AH01102: error reading status line from remote server 127.0.0.1:8200',
    {kind: 'upstream-closed', upstream: '127.0.0.1:8200', referrer: null},
  ],
  [
    '[core:error] [pid 163:tid 195] (13)Permission denied: [client 127.0.0.1:39398] AH00132: file permissions deny server access: /var/www/ledger/collected/css/ledger.css',
    {kind: 'denied', file: '/var/www/ledger/collected/css/ledger.css'},
  ],
  [
    "[core:error] [pid 163:tid 195] (13)Permission denied: [client 127.0.0.1:3] AH00035: access to /static/a.css denied (filesystem path '/srv/static/a.css') because search permissions are missing on a component of the path",
    {kind: 'denied', file: '/srv/static/a.css'},
  ],
  [
    '[mpm_event:error] [pid 1:tid 1] AH00484: server reached MaxRequestWorkers setting, consider raising the MaxRequestWorkers setting',
    {kind: 'connections'},
  ],
])('apache: %s', (text, event) => {
  expect(apacheEvent({at: 1, text, site: null})).toMatchObject(event)
})

test.each([
  '[proxy:error] [pid 241:tid 249] [client 127.0.0.1:37074] AH00898: Error reading from remote server returned by /slow',
  '[proxy:error] [pid 162:tid 167] (104)Connection reset by peer: [client 127.0.0.1:39352] AH01084: pass request body failed to 127.0.0.1:8200 (127.0.0.1)',
  '[autoindex:error] [pid 1:tid 2] [client 127.0.0.1:1] AH01276: Cannot serve directory /srv/: No matching DirectoryIndex (index.html) found',
  '[mpm_event:notice] [pid 68:tid 68] AH00489: Apache/2.4.71 (Debian) configured -- resuming normal operations',
])('apache says it of no trouble, or twice: %s', text => {
  expect(apacheEvent({at: 1, text, site: null})).toBeNull()
})

test('caddy: what it could not get from the application', () => {
  const line = (msg: string, level = 'error') =>
    JSON.stringify({
      level,
      ts: 1795749611.88,
      logger: 'http.log.error',
      msg,
      request: {host: 'beacon.example', uri: '/slow?x=1', headers: {Cookie: ['REDACTED']}},
      status: 504,
    })
  const event = (text: string) => caddyEvent({at: 1, text, site: null})
  expect(event(line('net/http: timeout awaiting response headers'))).toMatchObject({
    kind: 'upstream-timeout',
    server: 'beacon.example',
    path: '/slow',
  })
  expect(event(line('EOF'))).toMatchObject({kind: 'upstream-closed'})
  expect(event(line('dial tcp 127.0.0.1:8100: connect: connection refused'))).toBeNull()
  expect(event(line('EOF', 'info'))).toBeNull()
  expect(event('{"level":"error"')).toBeNull()
})

test('the time that nginx and Apache write before a line, in the zone of the machine', () => {
  expect(stampIn('2026/11/25 00:28:30 [error] 1#1: x')).toEqual({
    time: [2026, 11, 25, 0, 28, 30],
    text: '[error] 1#1: x',
  })
  expect(stampIn('[Fri Nov 27 03:19:41.426967 2026] [proxy_http:error] [pid 1] x')).toEqual({
    time: [2026, 11, 27, 3, 19, 41],
    text: '[proxy_http:error] [pid 1] x',
  })
  expect(stampIn('Traceback (most recent call last):')).toBeNull()
  const berlin = clockOf('Europe/Berlin')
  expect(berlin?.([2026, 11, 25, 0, 28, 30])).toBe(Date.parse('2026-11-24T23:28:30Z'))
  expect(berlin?.([2026, 7, 1, 12, 0, 0])).toBe(Date.parse('2026-07-01T10:00:00Z'))
  expect(clockOf('Moon/Tranquility')).toBeNull()
})

const configuration = parseNginx(
  `http {
  client_max_body_size 5m;
  server {
    server_name prism.example;
    location / { proxy_read_timeout 30s; }
    location /upload/ { client_max_body_size 20m;
      location ~ \\.zip$ { client_max_body_size 0; } }
    location = /upload/one { proxy_read_timeout 1s; }
    location ^~ /plain/ { }
    location ~* \\.JPG$ { proxy_read_timeout 2s; }
  }
}`,
  '/etc/nginx/nginx.conf',
)

test.each([
  ['/', 'client_max_body_size', '5m', 2],
  ['/upload/x', 'client_max_body_size', '20m', 6],
  ['/upload/x.zip', 'client_max_body_size', '0', 7],
  ['/upload/one', 'client_max_body_size', '5m', 2],
  ['/upload/one', 'proxy_read_timeout', '1s', 8],
  ['/plain/a.jpg', 'proxy_read_timeout', null, 9],
  ['/a.jpg', 'proxy_read_timeout', '2s', 10],
  ['/a', 'proxy_read_timeout', '30s', 5],
])('nginx decides for %s: %s is %s', (path, directive, value, line) => {
  const decided = decidedBy(blocksFor(configuration, 'prism.example', path), directive)
  expect(decided).toEqual({value, at: {file: '/etc/nginx/nginx.conf', line}})
})

test('sizes as nginx takes them', () => {
  expect(['10m', '8K', '17', '1g', '1x'].map(sizeOf)).toEqual([
    10_485_760,
    8192,
    17,
    1_073_741_824,
    null,
  ])
})

test('a path is shown without what may be a key', () => {
  expect(shownPath('/upload/')).toBe('/upload/')
  expect(shownPath('/reset/MQ/c5p0ab-0123456789abcdef0123456789abcdef/')).toBe('/reset/MQ/…/')
  expect(shownPath('/order/12345/')).toBe('/order/12345/')
  expect(shownPath('/\u001b[31m')).toBe('a page')
})

test('a block for https and ACME alone decides nothing for the application', () => {
  const both = parseNginx(
    `http {
  server { server_name a.example; location /.well-known/acme-challenge/ { root /var/www; } }
  server { server_name a.example; client_max_body_size 50m; location / { proxy_pass http://x; } }
}`,
    '/etc/nginx/nginx.conf',
  )
  expect(decidedBy(blocksFor(both, 'a.example', '/'), 'client_max_body_size').value).toBe('50m')
})
