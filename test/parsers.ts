import {readFileSync} from 'node:fs'
import {parseConfig} from '../src/cli/config.ts'
import {askDjango} from '../src/facts/django/ask.ts'
import {refusedByTmpfiles} from '../src/facts/files/tmpfiles.ts'
import {findFronts} from '../src/facts/fronts/find.ts'
import {findJournal} from '../src/facts/journal/journal.ts'
import {reasonFromJournal} from '../src/facts/journal/reason.ts'
import {refusedHosts} from '../src/facts/journal/refused-hosts.ts'
import {installFailure} from '../src/facts/journal/sops-journal.ts'
import {statements} from '../src/facts/journal/statements.ts'
import {lastReason} from '../src/facts/postgres/server-log.ts'
import {readPostgresUrl} from '../src/facts/postgres/url.ts'
import {findServer} from '../src/facts/program/server.ts'
import {launchesOf} from '../src/facts/program/shell/launches.ts'
import {hashIn, unhashedName} from '../src/facts/static/hashed-name.ts'
import {parseManifest} from '../src/facts/static/manifest.ts'
import {circleOfImports} from '../src/facts/static/style-sheets.ts'
import {parseBind} from '../src/facts/target/bind.ts'
import {findTarget} from '../src/facts/target/find.ts'
import {parseListeners} from '../src/facts/unit/listeners.ts'
import {sandboxPaths, writeBarrier} from '../src/facts/unit/sandbox-paths.ts'
import {changeOnDisk, writtenSetting} from '../src/facts/unit/unit-file.ts'
import {parseEnvironmentFile, parseProcessEnvironment} from '../src/host/environment-file.ts'
import type {Host} from '../src/host/host.ts'
import {readJournal} from '../src/host/local/journal.ts'
import {parseLine} from '../src/host/local/journal-lines.ts'
import {parseMountinfo} from '../src/host/mountinfo.ts'
import {formatRecording, parseRecording} from '../src/host/recording-file.ts'
import {createSecrets} from '../src/host/redactor.ts'
import {
  declaredEnvironment,
  environmentFiles,
  execCommands,
  parseShow,
  parseTimeSpan,
  splitWords,
  timestampOf,
  type Unit,
  unitOf,
} from '../src/host/unit.ts'
import {debian} from '../src/platform/debian.ts'
import {findPlatform} from '../src/platform/find.ts'
import {visible} from '../src/report/escape.ts'
import {literalHost} from './literal.ts'

/** What reads a text that the machine, or somebody else than us, wrote. */
export interface Parser {
  /** Answers with what was read, of which only plain values are compared. */
  readonly read: (text: string) => unknown
  /** Texts as they really come. */
  readonly samples: readonly string[]
}

const file = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8')

/** A machine on which every file and every program says this. */
function hostSaying(text: string, more: Partial<Host> = {}): Host {
  const stat = {
    type: 'file',
    mode: 0o644,
    uid: 0,
    gid: 0,
    nlink: 1,
    size: 1,
    mtime: 0,
    dev: 1,
  } as const
  return literalHost({
    units: async names => names.map(propertiesOf),
    readFile: async () => ({kind: 'file', text, utf8: true}),
    stat: async () => stat,
    list: async () => ['a.conf', text.slice(0, 20)],
    exec: async () => ({exitCode: 0, stdout: text, stderr: text}),
    asUnit: async () => ({exitCode: 0, stdout: text, stderr: ''}),
    journal: async () => entriesOf(text),
    ...more,
  })
}

function propertiesOf(name: string): Readonly<Record<string, string>> {
  const words: Readonly<Record<string, string>> = {
    'nginx.service': '/usr/sbin/nginx -c /etc/nginx/nginx.conf',
    'apache2.service': '/usr/sbin/apachectl start',
    'caddy.service': '/usr/bin/caddy run --config /etc/caddy/Caddyfile',
  }
  const command = words[name]
  return command === undefined
    ? {Id: name, LoadState: 'not-found'}
    : {Id: name, LoadState: 'loaded', ActiveState: 'active', ExecStart: execStart(command)}
}

function execStart(command: string): string {
  return `{ path=${command.split(' ')[0]} ; argv[]=${command} ; ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }`
}

const entriesOf = (text: string) =>
  text.split('\n').map(line => ({
    at: 1,
    text: line.slice(1),
    uid: 0,
    pid: 1,
    ...(line.startsWith('s') ? {about: 'web.service'} : {unit: 'web.service'}),
    invocation: 'a',
  }))

/** The lines of a journal: `s` before what systemd says of the unit, `p` before what it says. */
async function journalOf(text: string) {
  return (await findJournal(hostSaying(text), unitSaying(''))) ?? []
}

/** A unit as `systemctl show` prints it. */
function unitSaying(text: string): Unit {
  return unitOf('web.service', {LoadState: 'loaded', UID: '33', ...parseShow(text)[0]})
}

const start = {argv: ['/srv/start.sh', 'a'], environment: new Map([['A', 'b']]), directory: '/srv'}

/** A front's configuration: the file that it starts from, and one that this includes. */
async function frontsOf(name: string, text: string): Promise<unknown> {
  let read = 0
  const host = hostSaying(text, {
    readFile: async () => {
      read += 1
      return read > 2 ? {kind: 'missing'} : {kind: 'file', text, utf8: true}
    },
    units: async names =>
      names.map(Id => (Id === name ? propertiesOf(Id) : {Id, LoadState: 'not-found'})),
    exec: async argv =>
      argv[0] === 'ss' || argv[0] === 'busctl'
        ? {exitCode: 1, stdout: '', stderr: ''}
        : {exitCode: 0, stdout: text, stderr: text},
  })
  const bind = {host: '127.0.0.1', port: 8000}
  const target = {
    hosts: ['a.example'],
    bind,
    binds: [bind],
    unit: unitSaying(''),
    platform: debian({id: 'debian', version: '12'}),
  }
  const [front] = await findFronts(host, target as never)
  return front && {...front, unit: null}
}

/** Every parser of what comes from outside, by what it reads. */
export const parsers: Readonly<Record<string, Parser>> = {
  nginx: {
    read: text => frontsOf('nginx.service', text),
    samples: [
      file('facts/fronts/nginx-T.stdout'),
      '# configuration file /etc/nginx/nginx.conf:\nhttp { include *.conf; upstream a { server unix:/x fail_timeout=0; } server { listen [::]:443 ssl; server_name ~^(a|b)$ "x y"; location ~ ^/s { proxy_pass http://a/; proxy_set_header Host $host; } } }',
    ],
  },
  apache: {
    read: text => frontsOf('apache2.service', text),
    samples: [
      file('facts/fronts/apache-dump.stdout'),
      file('facts/fronts/apache-harbour.conf'),
      file('facts/fronts/apache-cluster.conf'),
    ],
  },
  caddy: {
    read: text => frontsOf('caddy.service', text),
    samples: [file('facts/fronts/caddy-adapt.json'), file('facts/fronts/Caddyfile')],
  },
  'systemctl show': {
    read: text => {
      const unit = unitSaying(text)
      return [
        parseShow(text),
        splitWords(text),
        execCommands(unit, 'ExecStart'),
        environmentFiles(unit),
        [...declaredEnvironment(unit)],
        timestampOf(unit, 'InactiveEnterTimestamp'),
        parseTimeSpan(text),
        sandboxPaths(unit),
        writeBarrier(unit, '/var/lib/web'),
      ]
    },
    samples: [
      `Id=web.service\nExecStart=${execStart('/usr/bin/x --a "b c"')}\nEnvironment=A=b "C=d e" $'F=g\\nh'\nEnvironmentFiles=/etc/x (ignore_errors=yes)\nInactiveEnterTimestamp=Thu 2026-11-26 08:00:00.123456 UTC\nReadWritePaths=-/srv +/x\nProtectSystem=strict\nBindPaths=/a:/b:rbind\n\nId=b.service\n`,
      '1min 30s 500ms',
    ],
  },
  'ExecStart=': {
    read: text =>
      findServer(
        hostSaying('#!/usr/bin/python3\n'),
        unitSaying(`ExecStart=${execStart(text)}`),
        new Map(),
      ),
    samples: [
      '/usr/bin/env -S A=b /srv/venv/bin/gunicorn --bind unix:/run/x.sock -c python:conf config.wsgi:application',
      '/bin/sh -c "cd /srv && exec uvicorn --host 0.0.0.0 --port $PORT a.asgi:app"',
      '/usr/bin/uwsgi --ini /etc/x.ini:web --http-socket :8080 --set-ph a=b',
      '/srv/venv/bin/python -m daphne -e tcp:port=8000:interface=127.0.0.1 a.asgi:application',
    ],
  },
  'start script': {
    read: text => launchesOf(text, start, {read: async () => text, typeOf: async () => 'file'}),
    samples: [
      `#!/bin/bash -e\nexport A="\${B:-c}" PATH="/x/bin:$PATH"\nif [ -f /etc/x ] && test "$A" = b; then . /etc/x; fi\ncase "$1" in a|b*) set -- "$@" c;; esac\nf() { local x=$1; echo "\${x%%/*}"; }\nfor i in 1 2; do f "$i"; done\ncd /srv || exit 1\nexec -a "$0" gunicorn --bind ":\${PORT/80/90}" a:b "$@" >/dev/null 2>&1\n`,
      "cat <<EOF | tr a b\n$A\nEOF\na=$(basename `pwd`) b=$((1+2)) c=$'x\\n' exec env -u A gunicorn 'a b'\n",
    ],
  },
  'wrapped program': {
    read: text =>
      findServer(hostSaying(text), unitSaying(`ExecStart=${execStart('/srv/bin/web')}`), new Map()),
    samples: [
      '#!/bin/sh\nexec gunicorn a:b\n',
      '#!/usr/bin/env -S python3 -E\nimport sys\nfrom gunicorn.app.wsgiapp import run\n',
      '\x7fELF # makeCWrapper \'/nix/store/x/bin/gunicorn\' --prefix PATH : /x --set A b --add-flags "-b :80"\n',
    ],
  },
  'uwsgi ini': {
    read: text =>
      findServer(
        hostSaying(text),
        unitSaying(`ExecStart=${execStart('/usr/bin/uwsgi --ini /etc/x.ini')}`),
        new Map(),
      ),
    samples: [
      '[uwsgi]\nset-placeholder = a=b\nmodule = %(a).wsgi:application\nhttp-socket = :80%d\nhome = $(HOME)/venv\nchdir = %d/..\nenv = A=b\nfor = 1 2\nsocket = /run/%(_).sock\nendfor =\nif-env = A\nini = %p\nendif =\n',
    ],
  },
  'environment file': {
    read: text => [parseEnvironmentFile(text), parseProcessEnvironment(text)],
    samples: ['A=b\n# c\nexport D="e\nf" \nG=\'h\'\\\ni\n=x\n\ufeffJ=k', 'A=b\0C=d\0'],
  },
  'unit file': {
    read: async text => {
      const unit = unitSaying('FragmentPath=/etc/systemd/system/web.service\nUser=web')
      return [
        await changeOnDisk(hostSaying(text), unit),
        await writtenSetting(hostSaying(text), unit, 'EnvironmentFile'),
      ]
    },
    samples: [
      '[Unit]\nAfter=x\n[Service]\nUser=web\nExecStart=@-/bin/x a \\\n  b\nEnvironment="A=b c" D=e\nEnvironmentFile=-/etc/x\nExecStart=\n',
    ],
  },
  journalctl: {
    read: text => readJournal({exitCode: 0, stdout: text, stderr: ''}, false),
    samples: [
      '{"MESSAGE":"x","_UID":"0","_PID":"1","__REALTIME_TIMESTAMP":"1700000000000000","UNIT":"web.service"}\n{"MESSAGE":[104,105,27],"_SYSTEMD_UNIT":"web.service","__REALTIME_TIMESTAMP":"1"}\n{"MESSAGE":null}\n',
    ],
  },
  journal: {
    read: async text => {
      const lines = await journalOf(text)
      return [
        lines,
        statements(lines),
        reasonFromJournal(unitSaying('ExecMainStatus=1'), lines),
        refusedHosts(lines),
        lastReason(lines.map(line => line.text)),
      ]
    },
    samples: [
      "pTraceback (most recent call last):\np  File \"/srv/app/wsgi.py\", line 1, in <module>\np    x\npModuleNotFoundError: No module named 'x'\nsweb.service: Main process exited, code=exited, status=1/FAILURE\nsweb.service: Failed with result 'exit-code'.\n",
      "p[2026-11-23 08:28:04 +0000] [205] [ERROR] Connection in use: ('127.0.0.1', 8000)\npInvalid HTTP_HOST header: 'x:1'. You may need to add 'x' to ALLOWED_HOSTS.\nsweb.service: Scheduled restart job, restart counter is at 5.\n",
      'p2026-11-26 08:00:00.000 UTC [1] FATAL:  could not load pg_hba.conf\npDETAIL:  x\npdjango.db.utils.OperationalError: connection to server at "localhost" (::1), port 5432 failed: FATAL:  password authentication failed for user "a"\n',
    ],
  },
  'sops-nix': {
    read: text =>
      installFailure(
        hostSaying(text, {
          journal: async () =>
            text
              .split('\n')
              .map(line => ({at: 1, text: line, uid: 0, unit: 'sops-install-secrets.service'})),
        }),
      ),
    samples: [
      "sops-install-secrets: failed to decrypt '/x': Error getting data key\ncannot read keyfile '/y'",
      "secret a in b is not valid: the key 'c' cannot be found",
    ],
  },
  tmpfiles: {
    read: text =>
      refusedByTmpfiles(
        hostSaying(text, {
          journal: async () => text.split('\n').map(line => ({at: 1, text: line})),
        }),
        '/var/lib/x/y',
      ),
    samples: [
      'Detected unsafe path transition /var/lib (owned by root) \u2192 /var/lib/x (owned by web) during canonicalization',
    ],
  },
  'PostgreSQL URL': {
    read: text => readPostgresUrl(text, new Map([['PGUSER', text]]), 'web'),
    samples: ['postgres://a:b%40c@[::1]:5432/d?host=/run/x&sslmode=require', 'postgresql://a@/b'],
  },
  'environment of a target': {
    read: async text => {
      const host = hostSaying('', {
        units: async names =>
          names.map(Id => ({Id, LoadState: 'loaded', Environment: text, User: 'web'})),
        readFile: async () => ({kind: 'missing'}),
        stat: async () => null,
        list: async () => null,
        asUnit: async () => ({exitCode: 1, stdout: '', stderr: ''}),
      })
      const target = await findTarget(host, {unit: 'web.service'})
      return {...target, unit: null, platform: null}
    },
    samples: [
      'DATABASE_URL=postgres://a:b@c/d REDIS_URL=redis://:x@localhost:6379/0 ALLOWED_HOSTS=a,b DJANGO_SETTINGS_MODULE=a.b "DB_PASSWORD=x y" PGPORT=99999999',
    ],
  },
  'address of a server': {
    read: text => parseBind(text),
    samples: ['127.0.0.1:8000', 'unix:/run/x.sock', '[::1]:80'],
  },
  manifest: {
    read: text => [parseManifest(text), hashIn(text), unhashedName(text)],
    samples: [
      '{"version": "1.1", "paths": {"a.css": "a.0123456789ab.css"}, "hash": "x"}',
      'js/app.min.0123456789ab.js',
    ],
  },
  'style sheet': {
    read: text => {
      const sheets = ['a.css', 'b.css'].map(name => ({name, path: `/x/${name}`}))
      return circleOfImports(hostSaying(text), sheets as never)
    },
    samples: ['@import "b.css"; a { background: url( \'a.css\' ) } @import url(x.css?y#z)'],
  },
  "Django's answer": {
    read: text =>
      askDjango(
        hostSaying(text),
        unitSaying(''),
        {interpreter: '/usr/bin/python3', environment: new Map(), argv: []} as never,
        {depth: 'settings'},
      ),
    samples: [JSON.stringify(djangoAnswer())],
  },
  mountinfo: {
    read: text => parseMountinfo(text),
    samples: ['408 363 0:103 /root /point\\040x rw,nosuid shared:1 - overlay source rw\n'],
  },
  ss: {
    read: text => parseListeners(text),
    samples: [
      'tcp LISTEN 0 5 127.0.0.1:8000 0.0.0.0:* users:(("python3",pid=155,fd=3))\nu_str LISTEN 0 5 /run/x.sock 1 * 0\ntcp LISTEN 0 5 [::1]%lo:53 [::]:*',
    ],
  },
  'os-release': {
    read: async text => {
      const {id, version} = await findPlatform(hostSaying(text), {})
      return {id, version}
    },
    samples: ['ID=debian\nVERSION_ID="12"\nID_LIKE=\'a b\'\n# c\n'],
  },
  'run journal': {
    read: text => text.split('\n').flatMap(parseLine),
    samples: [
      '{"run":"20261123T080000Z-4f1c","host":"a"}\n{"step":1,"path":"/x","ino":1,"was":[0,0,493],"to":null}\n{"step":1,"ready":1}\n',
    ],
  },
  recording: {
    read: text => {
      const recording = parseRecording(text, 'machine.json', () => bareRecording)
      return formatRecording(recording)
    },
    samples: [
      '{"recording":2,"tool":"x","host":"x","unit":"x.service","uid":0,"recordedAt":"2026-11-23T08:00:00Z","answers":{"readFile":{"/etc/x":{"answer":{"kind":"file","text":["a","b"],"utf8":true}}},"exec":{"ss":{"cannotLook":"x","privilege":true}},"walk":{"/x":{"answer":{"entries":{"a":"file 644 0 0"}}}},"journal":{"x":{"answer":[{"unit":"x","lines":["1 x"]}]}}}}',
      '{"recording":2,"extends":"other.json","without":{"exec":{"ss":true}},"answers":{}}',
    ],
  },
  configuration: {
    read: text => parseConfig(text, '/etc/prism-doctor/config.toml'),
    samples: [
      'unit = "a.service"\ntimeout = 5\nskip = ["app"]\n[target]\nhosts = ["a"]\nbind = "127.0.0.1:80"\n[[waiver]]\ncheck = "app/x"\nreason = "y"\nuntil = 2026-12-31\n',
    ],
  },
  redactor: {
    read: text => {
      const secrets = createSecrets()
      secrets.add(text.slice(0, 30))
      // The placeholders are random.
      return visible(secrets.conceal(text)).replace(/redacted-[0-9a-f]{8}/g, '…').length
    },
    samples: [
      'DB_PASSWORD=canary postgres://a:canary@b/c proxy_set_header Authorization "Bearer x"; API_KEY=\'y z\'',
    ],
  },
}

const bareRecording =
  '{"recording":2,"tool":"x","host":"x","unit":"x.service","uid":0,"recordedAt":"2026-11-23T08:00:00Z","answers":{"exec":{"ss":{"cannotLook":"x"}}}}'

function djangoAnswer(): unknown {
  const recording = JSON.parse(file('../fixtures/healthy.json'))
  return recording.answers.asUnit['prism-django.service: ask Django: settings'].answer.document
}
