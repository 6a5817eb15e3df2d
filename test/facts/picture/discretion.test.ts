import {describe, expect, test} from 'vitest'
import {parseApache} from '../../../src/facts/fronts/apache-syntax.ts'
import {parseNginx} from '../../../src/facts/fronts/nginx-syntax.ts'
import {saidIn} from '../../../src/facts/picture/blocks.ts'
import {
  holdsKey,
  isDiscreetCommand,
  isTellingJson,
  mayKeep,
  pairsSecret,
  withoutKeys,
} from '../../../src/facts/picture/discretion.ts'
import {factOf} from '../../../src/facts/picture/facts.ts'
import {isDiscreetRow, isDiscreetSetting} from '../../../src/facts/picture/postgres-discretion.ts'

const key = 'rEf9bvs7TsU3dSv7HAd6'

test.each([
  key,
  `https://hooks.example/services/T0/B0/${key}`,
  '3f2a9c1b2d3e4f5a6b7c8d9e0f1a2b3c',
  `{"k": "${key}"}`,
  'b8Kq2+Zr4/Lm9TxW1vYc5Nh7',
])('%s holds what nobody has thought of', text => {
  expect(holdsKey(text)).toBe(true)
})

test.each([
  '/home/x/.cache/pypoetry/virtualenvs/myproject-9TtSrW0h-py3.11/bin/gunicorn',
  '/srv/app/releases/3f2a9c1b2d3e4f5a6b7c8d9e0f1a2b3c4d5e6f7a/bin/start',
  'auth_user_groups_user_id_group_id_94350c0c_uniq',
  'lighthouse_reading_beacon_id_11ead3c2_fk_lighthouse_beacon_id',
  'XForwardedProtoHeaderName',
  'django.contrib.staticfiles.storage.ManifestStaticFilesStorage',
  '20230311+dfsg1-1+deb12u1',
  '2026-11-27T07:50:20.117Z',
  'ECDHE-ECDSA-AES128-GCM-SHA256 TLS_AES_256_GCM_SHA384',
  '6.18.44-fc-v657',
  'image/vnd.microsoft.icon application/x-javascript',
])('%s holds none', text => {
  expect(holdsKey(text)).toBe(false)
})

test('a fact with a key in it tells only that it has changed, and its name has none', () => {
  const one = factOf(`front/nginx/location /hook/${key}/`, 'nginx.conf', `return ${key}`)
  expect(one.name).toMatch(/^front\/nginx\/location \/hook\/…\w{4}\/$/)
  expect(one).toMatchObject({secret: true, value: expect.stringMatching(/^[0-9a-f]{32}$/)})
  expect(factOf('a', 'b', `return ${key}2`).value).not.toBe(one.value)
  const plain = withoutKeys(`a ${key} b ${key}`)
  expect(plain).toMatch(/^a (…\w{4}) b \1$/)
  // Two of them stay two.
  expect(withoutKeys(`a ${key.slice(1)} b ${key.slice(1)}`)).not.toBe(plain)
})

test.each([
  ['POSTGRES_PASSWORD', 'postgres', false],
  ['REDIS_PASSWORD', 'true', false],
  ['GATE', 'lantern', false],
  ['GATE', '', true],
  ['DJANGO_ENV', 'production', true],
  ['LOG_LEVEL', 'INFO', true],
  ['BACKEND', 'http://127.0.0.1:8000', true],
  ['POSTGRES_USER', 'lantern', true],
])('the value of %s=%s may be kept: %s', (name, value, is) => {
  expect(mayKeep(name, value)).toBe(is)
})

test.each([
  ['archive_command', 'cp %p /srv', true],
  ['primary_conninfo', 'host=db', true],
  ['app.jwt_secret', 'on', true],
  ['app.gate', 'lantern', true],
  ['app.workers', '4', false],
  ['work_mem', '64kB', false],
  ['password_encryption', 'scram-sha-256', false],
  ['auto_explain.log_format', 'json', false],
])('the setting %s of PostgreSQL, %s, is only compared: %s', (name, value, is) => {
  expect(isDiscreetSetting(name, value)).toBe(is)
})

test.each([
  ['role/other/rolconfig', '["app.gate=lantern", "statement_timeout=5s"]', true],
  ['role/other/rolconfig', '["statement_timeout=5s"]', false],
  ['role/other/password', '12345', true],
  ['role/other/rolconnlimit', '5', false],
  ['database/setting/all/prism/app.pw', 'lantern', true],
  ['postgresql/running/app.pw', 'lantern', true],
])('the row %s %s is only compared: %s', (name, value, is) => {
  expect(isDiscreetRow(name, value)).toBe(is)
})

describe('commands', () => {
  test.each([
    '/bin/sh -c GATE=lantern exec app',
    '/bin/sh -c exec env GATE="lantern" app',
    '/usr/bin/redis-cli -a lantern ping',
    '/usr/bin/mysqldump -planternfish db',
    '/usr/bin/mysqldump -p lantern db',
    '/usr/bin/curl -u joe:lantern http://localhost',
    '/usr/bin/flower --basic-auth=joe:lantern',
  ])('%s may hold a password', text => {
    expect(isDiscreetCommand(text)).toBe(true)
  })

  test.each([
    '/usr/bin/gunicorn -b 127.0.0.1:8000 -w 2 -t 60 -u www-data prism.wsgi',
    '/usr/bin/daphne -p 8000 -u /run/daphne.sock prism.asgi:application',
    '/usr/bin/app -path /srv/app -port 8000 -addr :80 -user prism',
    '/usr/sbin/nginx -c /etc/nginx/nginx.conf; /bin/kill -HUP $MAINPID',
    '/bin/sh -c DJANGO_SETTINGS_MODULE=prism.settings PATH=/usr/bin:$PATH LEVEL=debug exec app',
    '/usr/bin/celery -A prism worker --user 1000:1000',
  ])('%s holds none', text => {
    expect(isDiscreetCommand(text)).toBe(false)
  })
})

test('settings that only the project knows are told where they are places, numbers and modes', () => {
  const open = ['"prod"', '7', 'null', '["127.0.0.1", "/srv/x"]', '{"level": "INFO", "n": 5}']
  const closed = [
    '"lantern"',
    '["mysqldump", "-planterns"]',
    '{"joe": "lantern"}',
    '"cut off at 40',
  ]
  expect(open.map(isTellingJson)).toEqual(open.map(() => true))
  expect(closed.map(isTellingJson)).toEqual(closed.map(() => false))
  expect(pairsSecret('{"OPTIONS": [["password", "lantern"]]}')).toBe(true)
  expect(pairsSecret('["django.contrib.auth", "django.contrib.sites"]')).toBe(false)
})

test('whatever a project writes is read in no time', () => {
  const texts = [`\n${' '.repeat(50_000)}Dear`, `${'/'.repeat(50_000)}>`, `${'$a'.repeat(20_000)}!`]
  const started = performance.now()
  for (const text of texts) {
    expect(isTellingJson(JSON.stringify(text))).toBe(false)
    expect(mayKeep('RULER', text)).toBe(false)
    isDiscreetCommand(`x=${text} -p ${text}`)
  }
  expect(performance.now() - started).toBeLessThan(2000)
})

describe('fronts', () => {
  const secretsOf = (all: ReturnType<typeof saidIn>): readonly string[] =>
    all.flatMap(({name, isSecret}) => (isSecret ? [name] : []))

  test('nginx: what it gives the application and asks of visitors', () => {
    const said = saidIn(
      parseNginx(`env GATE=lantern; env TZ;
      map $http_x_gate $okay { lantern 1; }
      map $http_host:$http_x_key $let { a:lantern 1; }
      map $http_upgrade $connection_upgrade { default upgrade; '' close; }
      server {
        set $gate lantern; set $root /srv/app; set $maintenance 0;
        server_tokens off; proxy_pass http://away; proxy_read_timeout 5s;
        proxy_set_header Host $host; proxy_set_header X-Forwarded-Proto https;
        proxy_set_header X-Origin lantern; proxy_set_header X-Token $http_x_token;
        uwsgi_param HTTPS on; uwsgi_param LIGHT lantern;
        add_header X-Frame-Options DENY; add_header X-Api-Key lantern;
        secure_link_secret lantern; ssl_certificate_key /etc/ssl/x.key;
        if ($http_x_gate != "lantern") { return 403; }
        if ($http_x_gate ~ "^(?:old)?lantern$") { return 403; }
        fastcgi_param SERVER_GATE lantern;
        if ($host = other.example) { return 404; }
      }`),
    )
    expect(secretsOf(said)).toEqual([
      'env GATE',
      'map $http_x_gate $okay/entries',
      'map $http_host:$http_x_key $let/entries',
      'server/set $gate',
      'server/proxy_set_header X-Origin',
      'server/uwsgi_param LIGHT',
      'server/add_header X-Api-Key',
      'server/secure_link_secret',
      'server/fastcgi_param SERVER_GATE',
    ])
    const open = said.filter(({isSecret}) => !isSecret)
    expect(JSON.stringify(open)).not.toContain('lantern')
    expect(open.map(({name}) => name)).toContain('server/if $http_x_gate …')
    expect(open.map(({name}) => name)).toContain('server/if ($host = other.example)')
    expect(open.find(({name}) => name === 'server/proxy_set_header')?.value).toBe(
      'Host $host; X-Forwarded-Proto https; X-Token $http_x_token',
    )
  })

  test('Apache: the same', () => {
    const said = saidIn(
      parseApache(`ServerTokens Minimal
      Define GATE lantern
      SetEnv GATE lantern
      SetEnv TZ UTC
      SetEnvIf X-Gate ^lantern$ let_in
      SetEnvIf Remote_Addr ^192 near
      RequestHeader set X-Forwarded-Proto https
      RequestHeader set X-Origin lantern
      Header always set X-Frame-Options DENY
      AuthLDAPBindPassword lantern
      RewriteCond %{HTTP:X-Gate} =lantern
      RewriteCond %{HTTP:Host}:%{HTTP:X-Gate} ^a:lantern$
      RewriteCond expr "%{HTTP:X-Gate} == 'lantern'"
      RewriteCond %{HTTPS} off
      <If "%{HTTP:X-Gate} == 'lantern'">
      </If>
      <Location /x>
        Require expr "%{HTTP:X-Gate} == 'lantern'"
      </Location>`),
    )
    expect(secretsOf(said)).toEqual([
      'define GATE',
      'setenv GATE',
      'setenvif X-Gate',
      'requestheader X-Origin',
      'authldapbindpassword',
      'rewritecond %{HTTP:X-Gate}',
      'rewritecond %{HTTP:Host}:%{HTTP:X-Gate}',
      'rewritecond expr',
      'location /x/require expr',
    ])
    const open = said.filter(({isSecret}) => !isSecret)
    expect(JSON.stringify(open)).not.toContain('lantern')
    expect(open.map(({name}) => name)).toContain('if %{HTTP:X-Gate} …')
  })
})
