import type {Recording} from '../src/host/recording.ts'
import {canary, names} from './canaries.ts'
import {journal, journalStart, type Line, service, systemd, unitName} from './journal.ts'
import {type Edits, edited, fixture, recorded} from './machine.ts'

/** The value of each variable, in the order of the names. */
const values = names.map((_, index) => canary(index))

/** What no environment has: each is told once, by what stands around it. */
let told = names.length
const once = (): string => {
  told += 1
  return canary(told)
}

const of = (place: number): readonly (readonly [string, string])[] =>
  names.flatMap((name, index) =>
    index % 4 === place ? [[name, values[index] ?? ''] as const] : [],
  )

/** In what ways programs print what they know. */
const forms: readonly ((value: string) => string)[] = [
  value => `is ${value}`,
  value => `split ${value.slice(0, 12)}\n   ${value.slice(12)}`,
  value => `folded ${value.slice(0, 9)}\n${value.slice(9, 18)}\n      ${value.slice(18)}`,
  value => `Basic ${Buffer.from(`prism:${value}`).toString('base64')}`,
  value => `cookie ${Buffer.from(`ab${value}yz`).toString('base64url')}`,
  value => `hex ${Buffer.from(value).toString('hex')}`,
  value => `HEX ${Buffer.from(value).toString('hex').toUpperCase()}`,
  value => `${'x'.repeat(290 - 24)} ${value}`,
  value => `${'y '.repeat(245)}${value} z`,
  value => `cut ${value.slice(0, 17)}...`,
  value => `repr ValueError('${value.slice(0, 12)}\\n   ${value.slice(12)}')`,
  value => `url q=${[...value].map(each => `%${each.charCodeAt(0).toString(16)}`).join('')}`,
]

/** Lines as attackers had them written, and secrets that nothing else tells. */
const shapes: readonly string[] = [
  `could not use "postgres://prism:${once()}@db/prism"`,
  `bad database {'ENGINE': 'x', 'PASSWORD': '${once()}', 'USER': 'u'}`,
  `header Authorization: Bearer ${once()}`,
  `headers {'Authorization': 'Token ${once()}', 'Cookie': 'sessionid=${once()}; theme=dark'}`,
  `password: ${once()}`,
  `{"password": "${once()}", "api_key": "${once()}", "n": {"clientSecret":"${once()}"}}`,
  `host=db user=x password=${once()} dbname=y`,
  `password = '${once()}'`,
  `postgres://prism:${once()}/${once()}@db/prism`,
  `cannot reach prism:${once()}@db.example`,
  `Set-Cookie: prism_session=${once()}; HttpOnly; Path=/`,
  `ran uvicorn --ssl-keyfile-password ${once()} prism.asgi`,
  `DETAIL:  Key (api_token)=(${once()}) already exists.`,
  `ALTER ROLE prism WITH PASSWORD '${once()}'`,
  `GET /hook?token=${once()}&x=1 failed`,
  `wrapped password: ${once()}`,
]

const traceback = (text: string): readonly Line[] => [
  service('Traceback (most recent call last):'),
  service('  File "/srv/prism/lighthouse/views.py", line 7, in index'),
  ...text.split('\n').map(line => service(line)),
  // What follows is no part of it.
  service('INFO goes on'),
]

/** A start that fails, and a service that tells everything that it knows. */
const lines: readonly Line[] = [
  systemd('Starting Prism...'),
  ...values.flatMap((value, index) =>
    traceback(`RuntimeError: ${forms[index % forms.length]?.(value) ?? value}`),
  ),
  ...shapes.flatMap(text => traceback(`RuntimeError: ${text}`)),
]

const assigned = (pairs: readonly (readonly [string, string])[], separator = '\n'): string =>
  pairs.map(([name, value]) => `${name}=${value}${separator}`).join('')

const file = (text: string) => ({kind: 'file', text, utf8: true}) as const

/** What a front gives the application and its visitors, under names that only it knows. */
const front = `
  proxy_set_header X-Prism-Gate ${once()};
  proxy_set_header Authorization "Basic ${Buffer.from(`prism:${once()}`).toString('base64')}";
  add_header X-Api-Key "${once()}";
  set $upstream_token ${once()};
  fastcgi_param DB_PASSWORD ${once()};
  uwsgi_param LIGHTHOUSE ${once()};
  if ($http_x_gate != "${once()}") { return 403; }
  if ($cookie_staff = ${once()}) { set $staff 1; }
  secure_link_md5 "$secure_link_expires$uri ${once()}";
  rewrite ^/old/(.*)$ /new/$1?sig=${once()} break;
  location /hook/${once()}/ { return 204; }
`

const [nginx = ''] = Object.keys(fixture('healthy').answers.readFile ?? {}).filter(path =>
  path.endsWith('-nginx.conf'),
)

/** The texts of a recorded machine, with what it says under the keys of that. */
function edits(name: string): Edits {
  const {answers} = fixture(name)
  const unit = recorded(name, 'unit', unitName) as Readonly<Record<string, string>>
  const keysOf = (kind: 'readFile' | 'request' | 'query', pattern: RegExp): readonly string[] =>
    Object.keys(answers[kind] ?? {}).filter(key => pattern.test(key))
  const all = <T>(keys: readonly string[], answer: () => T): Readonly<Record<string, T>> =>
    Object.fromEntries(keys.map(key => [key, answer()]))
  const processes = keysOf('readFile', /^\/proc\/\d+\/environ$/)
  // What only the process has, nobody knows where none runs.
  const stated = processes.length > 0 ? of(0) : [...of(0), ...of(3)]
  return {
    show: {
      [unitName]: {
        Environment: `${unit.Environment} ${of(1)
          .map(([each, value]) => `"${each}=${value}"`)
          .join(' ')}`,
        ExecMainStartTimestamp: 'Mon 2026-11-23 08:28:00 UTC',
        InvocationID: '8a42',
      },
      'redis.service': {Environment: `REDIS_MASTER=${once()}`},
    },
    readFile: {
      '/run/secrets/prism-env': file(`POSTGRES_USER=prism\n${assigned(stated)}${once()}\n`),
      '/var/lib/prism-django/.env': file(assigned(of(2))),
      '/etc/systemd/system/prism-django.service': file(
        `[Service]\nEnvironment=GATE=${once()}\nSetCredential=db:${once()}\n`,
      ),
      ...all(processes, () =>
        file(assigned([['INVOCATION_ID', '8a42'], ...stated, ...of(1), ...of(3)], '\0')),
      ),
      ...(answers.readFile?.[nginx] && {
        [nginx]: file(
          (recorded(name, 'readFile', nginx) as {text: string}).text.replace(
            'location / {',
            `location / {${front}`,
          ),
        ),
      }),
    },
    journal: {
      [unitName]: journal(lines),
      'sops-install-secrets.service and stage-2-init': [
        {
          at: journalStart,
          text: `sops-install-secrets: failed to read: {"password": "${once()}"} ${values[0]}`,
          uid: 0,
          invocation: '1',
        },
      ],
    },
    request: all(keysOf('request', /:8000\/accounts/), () => ({
      kind: 'response',
      status: 500,
      headers: {'set-cookie': `prism_session=${once()}; Path=/`, server: `gunicorn ${values[0]}`},
      body: `<pre>password: ${once()} and ${values[1]}</pre>`,
      size: 1,
      md5: '0',
    })),
    query: all(keysOf('query', /with password: (?:health|privileges)/), () => ({
      kind: 'error',
      sqlstate: '42501',
      severity: 'ERROR',
      message: `permission denied for "${values[4]}"`,
      detail: `Key (api_token)=(${once()}) already exists.`,
      hint: null,
    })),
    django: said => ({
      ...said,
      files: ['/var/lib/prism-django/.env'],
      failures: [
        {
          stage: 'static',
          chain: [
            {
              type: 'ImproperlyConfigured',
              message: `cannot use ${values[8]?.slice(0, 12)}\n  ${values[8]?.slice(12)}\npassword: ${once()}`,
              place: {file: '/srv/prism/settings.py', line: 3},
              own: true,
              template: null,
              name: null,
              errno: null,
              filename: null,
            },
          ],
        },
      ],
      secrets: {
        SECRET_KEY: values[0] ?? '',
        'MAILGUN.password': once(),
        'DATABASES.default.PASSWORD': values[names.indexOf('POSTGRES_PASSWORD')] ?? '',
        ...Object.fromEntries(of(2).map(([each, value]) => [`environment.${each}`, value])),
      },
      caches: {default: {backend: 'redis', location: `redis://:${once()}@localhost:6379/0`}},
    }),
  }
}

/** A machine of a fixture on which everybody tells every secret there is. */
export function canaryMachine(name: string): Recording {
  const recordedAt = new Date(journalStart + 600_000).toISOString()
  return {...edited(name, edits(name)), recordedAt}
}

/** All that were put anywhere so far. */
export function canaries(): readonly string[] {
  return Array.from({length: told + 1}, (_, number) => canary(number))
}
