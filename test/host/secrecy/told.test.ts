import {describe, expect, test} from 'vitest'
import {createSecrets} from '../../../src/host/redactor.ts'
import {secretsIn} from '../../../src/host/secrecy/told.ts'

/** What programs, settings, configurations and servers say, and the secret that it tells. */
const telling: readonly (readonly [string, string])[] = [
  ["{'ENGINE': 'x', 'PASSWORD': 'CANARYJ02x', 'USER': 'u'}", 'CANARYJ02x'],
  ['{"password": "CANARYJ06x", "api_key": "CANARYJ07x"}', 'CANARYJ07x'],
  ['RuntimeError: password: CANARYJ05x', 'CANARYJ05x'],
  ['password: letmein', 'letmein'],
  ["RuntimeError: password = 'CANARYJ10x'", 'CANARYJ10x'],
  ['PASSWORD = "lighthouse9"', 'lighthouse9'],
  ['Authorization: Bearer CANARYJ04x', 'CANARYJ04x'],
  ["{'Authorization': 'Bearer abc.def-123'}", 'abc.def-123'],
  ['authorization=Token 9944b09199c62bcf', '9944b09199c62bcf'],
  ['Authorization: Basic cHJpc206Y2FuYXJ5', 'cHJpc206Y2FuYXJ5'],
  ['HTTP_AUTHORIZATION: 9944b09199c62bcf', '9944b09199c62bcf'],
  ['curl -H "Authorization: Bearer xyzXYZ12345"', 'xyzXYZ12345'],
  ['Cookie: sessionid=abcd1234efgh5678; csrftoken=QWER9999asdf', 'QWER9999asdf'],
  ['Cookie: sessionid=abcd1234efgh5678; csrftoken=QWER9999asdf', 'abcd1234efgh5678'],
  [
    'Set-Cookie: prism_session=canary9Session1; expires=Wed, 25 Nov 2026; Path=/',
    'canary9Session1',
  ],
  ["'HTTP_COOKIE': 'sessionid=abcd1234efgh5678'", 'abcd1234efgh5678'],
  ['postgres://prism:CANARYJ/J11x@db/prism', 'CANARYJ/J11x'],
  ['postgres://prism:CANARYJ/J11x@db/prism', 'J11x'],
  ['could not connect as prism:hunter2hunter@db.example', 'hunter2hunter'],
  ['amqp prism:s3cretpass@localhost:5672', 's3cretpass'],
  ['prism:s3cretpass@db/prism', 's3cretpass'],
  ['DB_PWD=hunter2a', 'hunter2a'],
  ['GITHUB_PAT=abcDEF123', 'abcDEF123'],
  ['JWT=abcDEF123', 'abcDEF123'],
  ['--env SECRET_KEY=ab9)cdef&ghij(k app', 'ab9)cdef&ghij(k'],
  ["SECRET_KEY = '(k8&abc*9$lmn-oq%7rs='", '(k8&abc*9$lmn-oq%7rs='],
  ["SECRET_KEY = '$8(k&abc*9$lmn-oq%7rs'", '$8(k&abc*9$lmn-oq%7rs'],
  ['AUTH=abcDEF123', 'abcDEF123'],
  ['STRIPE_WEBHOOK=abcDEF123', 'abcDEF123'],
  [
    'SENTRY_DSN=https://0123456789abcdef0123456789abcdef@o1.ingest.sentry.io/2',
    '0123456789abcdef0123456789abcdef',
  ],
  ['GUNICORN_KEYFILE_PASSWORD=abcDEF123', 'abcDEF123'],
  ['uvicorn --ssl-keyfile-password canaryKey1 app', 'canaryKey1'],
  ['gunicorn\0--token\0canaryTok1', 'canaryTok1'],
  ['DETAIL:  Key (api_token)=(canaryTok1) already exists.', 'canaryTok1'],
  ["STATEMENT:  ALTER ROLE prism WITH PASSWORD 'canaryPw1'", 'canaryPw1'],
  ['{\\"password\\": \\"canaryPw1\\"}', 'canaryPw1'],
  ['os.environ["SECRET_KEY"] = "canaryPw1"', 'canaryPw1'],
  ['AKIAZ7QGHB2M5TRKJ3WX is', 'AKIAZ7QGHB2M5TRKJ3WX'],
  ['add_header X-Api-Key "canaryHead1";', 'canaryHead1'],
  ['set $api_token canaryHead1;', 'canaryHead1'],
  ['set $secret "canaryHead1";', 'canaryHead1'],
  ['proxy_set_header X-Prism-Gate canary9Head1;', 'canary9Head1'],
  ['fastcgi_param DB_PASSWORD canaryHead1;', 'canaryHead1'],
  ['uwsgi_param SECRET_KEY canaryHead1;', 'canaryHead1'],
  ['SetEnv DB_PASSWORD canaryHead1', 'canaryHead1'],
  ['RequestHeader set X-Auth-Token "canaryHead1"', 'canaryHead1'],
  ['header_up X-Api-Key canaryHead1', 'canaryHead1'],
  ['{"set":{"X-Api-Key":["canaryHead1"]}}', 'canaryHead1'],
  ['Environment=FOO=canary9Plain\nX=1', 'canary9Plain'],
  ['SetCredential=db:canary9Plain', 'canary9Plain'],
  [
    '-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA1234\nabcd1234abcd1234abcd\n-----END RSA PRIVATE KEY-----',
    'abcd1234abcd1234abcd',
  ],
  ['password=abc123&x=1', 'abc123'],
  ['?token=abc123XYZ&x=1', 'abc123XYZ'],
  ['apiKey: "abc123"', 'abc123'],
  ['clientSecret: abc123', 'abc123'],
  ['  password: "x y z"', 'x y z'],
  ['env --unset=X POSTGRES_PASSWORD=canaryPw1 psql', 'canaryPw1'],
  [
    'hunter2 pbkdf2_sha256$600000$abcdefghijkl$QWERTYuiopasdfghjklzxcvbnm1234567890ABCD=',
    'pbkdf2_sha256$600000$abcdefghijkl$QWERTYuiopasdfghjklzxcvbnm1234567890ABCD=',
  ],
]

/** What is told in other ways than by a name and its value side by side. */
const apart: readonly (readonly [string, string])[] = [
  ['Password=hunter22', 'hunter22'],
  ['Password: hunter22', 'hunter22'],
  ['Passphrase: hunter22', 'hunter22'],
  ['PasswdFile=x Passwd=hunter22', 'hunter22'],
  ['Server=x;User Id=y;Password=hunter22;', 'hunter22'],
  ['DBPASS=hunter22', 'hunter22'],
  ['PGPASS=hunter22', 'hunter22'],
  ['Uid=prism;Pwd=hunter22', 'hunter22'],
  ["{'pwd': 'hunter22'}", 'hunter22'],
  // Environments
  ['gunicorn --env FOO=q7Zx9Kd2 app', 'q7Zx9Kd2'],
  ['gunicorn\0-e\0FOO=q7Zx9Kd2\0app', 'q7Zx9Kd2'],
  ['gunicorn --raw-env=FOO=q7Zx9Kd2 app', 'q7Zx9Kd2'],
  ['systemd-run -E FOO=q7Zx9Kd2 app', 'q7Zx9Kd2'],
  ['ExecStart=/usr/bin/env FOO=q7Zx9Kd2 /bin/app', 'q7Zx9Kd2'],
  ['ExecStart=/usr/bin/env -i "A=b" FOO=q7Zx9Kd2 app', 'q7Zx9Kd2'],
  ['ExecStart=/usr/bin/env "FOO=q7Zx 9Kd2" app', 'q7Zx 9Kd2'],
  ['[uwsgi]\nenv = FOO=q7Zx9Kd2', 'q7Zx9Kd2'],
  ["export FOO='q7Zx9Kd2'", 'q7Zx9Kd2'],
  ['export FOO=q7Zx9Kd2 BAR="r8Zx9Kd2"', 'r8Zx9Kd2'],
  [String.raw`--set 'FOO' 'q7Zx9Kd2' \ `, 'q7Zx9Kd2'],
  ['--set-default FOO "q7Zx9Kd2"', 'q7Zx9Kd2'],
  // The second of two
  ["SECRET_KEY = os.environ.get('SECRET_KEY', 'q7Zx9Kd2Lm')", 'q7Zx9Kd2Lm'],
  ['os.getenv("DB_PASSWORD", "q7Zx9Kd2Lm")', 'q7Zx9Kd2Lm'],
  ['config("API_KEY", default="q7Zx9Kd2Lm")', 'q7Zx9Kd2Lm'],
  ["os.environ.get(\n    'SECRET_KEY',\n    'q7Zx9Kd2Lm',\n)", 'q7Zx9Kd2Lm'],
  ["env('SECRET_KEY', default='django-insecure-9x')", 'django-insecure-9x'],
  ["('password', 'q7Zx9Kd2Lm')", 'q7Zx9Kd2Lm'],
  ['["psql", "--password", "q7Zx9Kd2Lm"]', 'q7Zx9Kd2Lm'],
  ['- name: DB_PASSWORD\n  value: q7Zx9Kd2', 'q7Zx9Kd2'],
  ['{"name": "DB_PASSWORD", "value": "q7Zx9Kd2"}', 'q7Zx9Kd2'],
  ['<add key="password" value="q7Zx9Kd2"/>', 'q7Zx9Kd2'],
  ['SECRET_KEY = (\n    "q7Zx9Kd2Lm"\n)', 'q7Zx9Kd2Lm'],
  ['SECRET_KEY_FALLBACKS = [\n    "q7Zx9Kd2Lm",\n]', 'q7Zx9Kd2Lm'],
  ['if ($http_x_origin_verify != "q7Zx9Kd2Lm") {', 'q7Zx9Kd2Lm'],
]

test.each(apart)('and in other notations: %j', (text, value) => {
  const secrets = createSecrets()
  expect(secrets.conceal(text)).not.toContain(value)
  expect(secrets.redact(`elsewhere: ${value}!`)).not.toContain(value)
})

/** What is quoted with quotes in it, the piece of it that must not stay, and how it reads. */
const quoted: readonly (readonly [string, string, string])[] = [
  [String.raw`"password": "ab\"cd7Zx9Kd2"`, 'cd7Zx', 'ab"cd7Zx9Kd2'],
  [String.raw`"password": "ab7Zx9Kd2\\", "user": "prism"`, 'ab7Zx', 'ab7Zx9Kd2\\'],
  [String.raw`{\"password\": \"ab\\\"cd7Zx9Kd2\"}`, 'cd7Zx', 'ab"cd7Zx9Kd2'],
  [String.raw`PASSWORD = 'it\'s7Zx9Kd2'`, 's7Zx', "it's7Zx9Kd2"],
  ["ALTER ROLE prism PASSWORD 'it''s7Zx9Kd2'", 's7Zx', "it's7Zx9Kd2"],
  ["SECRET_KEY = '''q7Zx9Kd2'''", 'q7Zx', 'q7Zx9Kd2'],
  // What is no escape ends where the quotes do.
  ["SHELL_PASSWORD='q7Zx9Kd2\\' next", 'q7Zx', 'q7Zx9Kd2\\'],
]

test.each(quoted)('quotes within quotes end no secret: %s', (text, piece, read) => {
  const secrets = createSecrets()
  const said = secrets.conceal(text)
  expect(said).not.toContain(piece)
  expect(secrets.redact(`elsewhere: ${read}!`)).toMatch(/^elsewhere: redacted-[0-9a-f]{8}!$/)
})

test('and what follows them stays', () => {
  const text = String.raw`{"password": "ab\\", "user": "prism9Kd2", "token": "", "b": "c7Zx9Kd2"}`
  expect(createSecrets().conceal(text)).toContain(
    '"user": "prism9Kd2", "token": "", "b": "c7Zx9Kd2"',
  )
})

test.each(telling)('a secret is recognised by what stands around it: %j', (text, value) => {
  const secrets = createSecrets()
  const said = secrets.conceal(text)
  expect(said).not.toContain(value)
  // What one text tells is hidden in all.
  expect(secrets.redact(`elsewhere: ${value}!`)).not.toContain(value)
})

/** What sounds like it and is none: what people read to find out what is wrong. */
const ordinary: readonly string[] = [
  '["auth", "0002_alter_permission_name_max_length"]',
  'password authentication failed for user "prism"',
  'set SECRET_KEY=<value> or SECRET_KEY=$KEY',
  'proxy_set_header X-Auth-Token $token;',
  'https://prism.example:8000/@x',
  'PrivateUsers=self keeps it to itself: self; RequirePassword=true is true',
  'LoadCredential=secret-key:/etc/prism/key in the unit; /etc/prism/key is missing',
  'password= in a docs line',
  'the option password=',
  'SyntaxError: invalid token: (line 3)',
  'token: unexpected end of input',
  'Unexpected token: endblock at line 3',
  'PrivateTmp=yes',
  'PrivateTmp: disconnected',
  'Authorization: none',
  'Authorization required',
  'authorization failed: invalid_grant',
  'at 12:30@host the',
  'git@github.com:x/y.git',
  'user@host',
  'ssh prism@db.example',
  'mailto:bob@example.com',
  'email:alice@example.com',
  `registry.example/prism:1.2.3@sha256:${'ab12'.repeat(16)}`,
  `node:20-alpine@sha256:${'ab12'.repeat(16)}`,
  'foo:bar@baz.service failed',
  'gunicorn:prism@1.service',
  "KeyError: 'SECRET_KEY'",
  'ImproperlyConfigured: The SECRET_KEY setting must not be empty.',
  'django.core.exceptions.ImproperlyConfigured: Set the POSTGRES_PASSWORD environment variable',
  'FATAL:  password authentication failed for user "prism"',
  'fe_sendauth: no password supplied',
  'SCRAM authentication requires libpq version 10',
  'password: must be set',
  'passwords: the two do not match',
  'Enter password:',
  'Password: ',
  'secret key: missing',
  'key: value is not valid',
  'Key (id)=(3) already exists.',
  'session: expired',
  'cookie "csrftoken" has been rejected',
  'CSRF token: missing',
  'CSRF Failed: CSRF token missing or incorrect.',
  'SESSION_COOKIE_SECURE=True',
  'SESSION_COOKIE_AGE=1209600',
  'PASSWORD_RESET_TIMEOUT=259200',
  'AUTH_USER_MODEL=accounts.User',
  'AUTHENTICATION_BACKENDS=django.contrib.auth.backends.ModelBackend',
  'TOKENIZERS_PARALLELISM=false',
  'the unit has PassEnvironment=SECRET_KEY',
  'CREDENTIALS_DIRECTORY=/run/credentials/prism.service',
  'set it with --password-file /etc/x',
  'psql --no-password -d prism',
  'ExecStart=/bin/gunicorn --bind 127.0.0.1:8000',
  'http://localhost:8000/path:with@sign',
  'connection to server at "localhost" (127.0.0.1), port 5432 failed: FATAL:  database "prism" does not exist',
  'File "/srv/app/token.py", line 7, in key',
  'django.contrib.auth.password_validation.CommonPasswordValidator',
  'auth_user: column "password" does not exist',
  'PGPASSFILE=/srv/.pgpass',
  'journalctl -u prism@8000.service',
  'inet6 fe80::1:2@eth0',
  'Nov 26 12:30:11 midship prism[12]: hello',
  `sha256:${'ab12'.repeat(16)}`,
  'Basic authentication is required',
  'Bearer tokens are short-lived',
  'Set-Cookie: is missing',
  'api_key: Field required',
  'auth: peer',
  'hostssl all all 0.0.0.0/0 scram-sha-256',
  'MemoryDenyWriteExecute=yes KeyringMode=private',
  'prism-manage createsuperuser --no-input',
  'secrets/keys explains it',
  'run openssl rand -base64 50',
  'SECRET_KEY in /run/secrets/prism-env',
  "python3 -c 'import secrets; print(secrets.token_urlsafe(50))'",
  'ssh-ed25519 key: /etc/ssh/key',
  'sops.secrets."prism-env".owner = "prism";',
  'proxy_pass http://unix:/run/prism.sock:/;',
  'set $upstream http://127.0.0.1:8000;',
  'add_header X-Frame-Options "SAMEORIGIN";',
  'add_header Content-Security-Policy "default-src \'self\'";',
  'proxy_set_header Host $host;',
  'proxy_set_header X-Forwarded-Proto https;',
  'fastcgi_param GATEWAY_INTERFACE CGI/1.1;',
  'ALTER ROLE prism PASSWORD NULL',
  'unexpected token "<" in JSON',
  'token=<token>',
  'ValueError: Invalid format string (key=%s)',
  'sort(key=len)',
  'dict(key=value)',
  'max(items, key=lambda x: x[1])',
  'primary_key=True',
  `SECRET_KEY = "$\{DJANGO_SECRET_KEY_2024}"`,
  'SECRET_KEY=$DJANGO_SECRET_KEY_2024',
  'token=<the token of your account 12345>',
  'foreign key: prism_id',
  'unique_together=("auth", "token")',
]

/** Source that a traceback quotes, paths, words, and names in a row. */
const source: readonly string[] = [
  '    SECRET_KEY = os.environ["SECRET_KEY"]',
  "    password=settings_dict['PASSWORD'],",
  '    password = os.environ.get("POSTGRES_PASSWORD")',
  '    SECRET_KEY = str(os.environ["SECRET_KEY"])',
  '    SECRET_KEY = get_secret("prism_secret2")',
  '    SECRET_KEY = local.SECRET_KEY',
  '    return Client(api_key=api_key)',
  '    token = request.META.get("CSRF_COOKIE")',
  'the unit has PassEnvironment=SECRET_KEY and PassCredentials=yes',
  'CredentialsDirectory=/run/credentials/x',
  'LoadCredential=secret_key:/run/secrets.d/3/secret_key',
  'secret_key: /run/secrets.d/3/secret_key is missing',
  'ssl_certificate_key=/etc/letsencrypt/live/prism2.example/privkey1.pem',
  'Compass=north1 bypass=yes2 impasse=1x',
  'Password: must be set',
  'PWD=/srv/prism2x OLDPWD=/srv/prism3x',
  'pwd: command not found',
  'gunicorn --env DJANGO_SETTINGS_MODULE=prism.settings app',
  'env LANG=C DEBUG=1 WORKERS=4 STAGE=production app',
  'export STATE=/var/lib/prism2/state',
  'export LIBS=/nix/store/0abc-x1/lib:/nix/store/1abc-y2/lib',
  'export FOO=$BAR FOO2="$HOME/x1"',
  'export FOO=<value of 1 word>',
  "sed -e 's/a1=b2/c3/' -e x",
  "node -e a=require('x')",
  'grep -e id=12345678 -e level=error1 log',
  "export NIX_LDFLAGS='-L/nix/store/0abc-x1/lib'",
  'assertEqual(response["password"], "Bearer2Auth")',
  'TypeError: ("token", "sha256rounds")',
  'environ=prism1x; some-env FOO=a1b2c3d4',
  'makeWrapper x y --set NAME prism --set DIR /var/lib/x1',
  "fields = ('password1', 'password2')",
  'SELECT "auth_user"."password", "customer2"."last_login" FROM "auth_user"',
  'unique_together = [("token", "customer_2")]',
  "raise ValidationError('password', 'At least 8 characters')",
  "register('auth_token', 'ObtainAuthToken')",
  "env('DATABASE_DSN', default='sqlite:///db.sqlite3')",
  "KeyError: ('SECRET_KEY', 'AWS_S3_BUCKET')",
  'name: DB_PASSWORD\nvalueFrom: prism2secret',
  'raise ValueError("invalid token (is it old?)")',
  'if ($http_host != "prism2.example") {',
  'if ($http_upgrade = "websocket13x") {',
  `{"password": "", "user": "prism", "next": "a1b2c3d4e5"}`,
  String.raw`{\"password\":\"\",\"next\":\"a1b2c3d4e5\"}`,
]

test.each(source)('nor what is written beside one: %s', text => {
  expect(createSecrets().conceal(text)).toBe(text)
})

test.each(ordinary)('what only sounds like one stays as it is: %s', text => {
  expect(createSecrets().conceal(text)).toBe(text)
})

describe('a text of any length is read once, whatever it repeats', () => {
  // What is read again from each place takes days.
  test.each([
    'a',
    'a.',
    'a://b:',
    'key=',
    "password='",
    'password: ',
    'TOKEN_A=abc123def ',
    '-----BEGIN RSA PRIVATE KEY-----\n',
    'Cookie: a=b; ',
    'authorization: ',
    'a:bbbb',
    'eyJhbGciOiJIUzI1NiJ9.',
    '$2y$10$',
    'https://hooks.slack.com/services/',
    'proxy_set_header A b ',
    'Environment=A=b\n',
    '\\n',
    '"password": {',
    'password="',
    'password="\\\\"',
    'password=""',
    '("password", ',
    'password=(  ',
    'password    ',
    'env ',
    'env -i ',
    'export A=b1c2 ',
    '-e A="',
    '--set A ',
    '$http_x ',
  ])('%j', unit => {
    const secrets = createSecrets()
    secrets.add('k3yAbcdefghij-Klmnopqrst')
    const text = unit.repeat(3_000_000 / unit.length)
    expect(secrets.conceal(text).length).toBeGreaterThan(0)
  })

  test('and no value is taken once more for each name in it', () => {
    const text = 'password='.repeat(100_000)
    expect([...secretsIn(text)].length).toBeLessThan(1000)
    const mixed = 'password=$1passwordx='.repeat(50_000)
    expect([...secretsIn(mixed)].length).toBeLessThan(1000)
  })

  test('as are 100,000 assignments', () => {
    const secrets = createSecrets()
    const names = Array.from({length: 100_000}, (_, index) => `A${index}_TOKEN=v${index}alue`)
    expect(secrets.conceal(names.join('\n'))).not.toMatch(/v\d+alue/)
  })
})
