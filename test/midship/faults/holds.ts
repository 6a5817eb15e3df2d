import {type Fault, fault} from '../../container/fault.ts'

/** Lets every request run this Python before it is answered. */
const each = (python: string): string => `
  edit_package bash -c 'cat >> prism/wsgi.py' <<'EOF'

answer = application


def application(environ, start_response):
${python
  .trim()
  .split('\n')
  .map(line => `    ${line}`)
  .join('\n')}
    return answer(environ, start_response)
EOF
  edit_unit 's/GUNICORN_TIMEOUT=60/GUNICORN_TIMEOUT=600/'
  restart_app
`

/** Python that runs beside the application as a unit of its own. */
const beside = (unit: string, python: string, ready: string): string => `
  cat > /run/${unit}.py <<'EOF'
${python.trim()}
EOF
  systemd-run --quiet --unit=${unit} /usr/bin/python3 -u /run/${unit}.py
  until_true 10 ${ready}
`

const onSocket = `
  edit_unit 's,GUNICORN_BIND=.*,GUNICORN_BIND=unix:/run/prism-django/gunicorn.sock,'
  add_to_unit RuntimeDirectory=prism-django
  restart_app
  edit_nginx 's,http://127.0.0.1:8000,http://unix:/run/prism-django/gunicorn.sock,'`

const site = 'http://prism.midship.local/accounts/login/'

const holds = (
  name: string,
  title: string,
  inject: string,
  message: RegExp,
  broken = 'is ActiveState active && answers 000',
): Fault =>
  fault(name, title, {
    inject,
    broken,
    expect: {exit: 2, rootCauses: ['http/app'], message},
  })

/** Who holds a server up that is silent, and sockets that nobody reaches. */
export const held: readonly Fault[] = [
  holds(
    'clients-hold-workers',
    'Clients connect and send nothing (gunicorn #1801, #2797)',
    `edit_unit 's/GUNICORN_TIMEOUT=60/GUNICORN_TIMEOUT=600/'; restart_app
    ${beside(
      'idlers',
      `
import socket, time
kept = [socket.create_connection(('127.0.0.1', 8000)) for _ in range(4)]
time.sleep(600)`,
      'answers 000',
    )}`,
    /both workers of gunicorn wait for clients that have not sent a whole request: 2 connections of python3 \(pid \d+ of idlers\.service\)/,
  ),
  holds(
    'clients-hold-threads',
    'Clients send half a request, and every thread waits for the rest',
    `edit_unit 's/GUNICORN_TIMEOUT=60/GUNICORN_TIMEOUT=600/'
    add_to_unit 'Environment="GUNICORN_CMD_ARGS=--threads=2 --workers=1"'; restart_app
    ${beside(
      'idlers',
      `
import socket, time
kept = [socket.create_connection(('127.0.0.1', 8000)) for _ in range(5)]
for each in kept:
    each.sendall(b'GET / HTTP/1.1\\r\\nHost: lo')
time.sleep(600)`,
      'answers 000',
    )}`,
    /gunicorn.* waits? for clients that have not sent a whole request: .*python3 \(pid \d+ of idlers\.service\)/,
  ),
  holds(
    'mail-server-silent',
    'A mail server accepts connections and never greets',
    `${beside(
      'fake-mail',
      `
import socket, time
server = socket.create_server(('127.0.0.1', 25))
kept = []
while True:
    kept.append(server.accept())`,
      "eval 'ss -Hltn | grep -q :25'",
    )}
    ${each(`
import smtplib
smtplib.SMTP('127.0.0.1', 25)`)}`,
    /both workers of gunicorn wait for an answer from 127\.0\.0\.1:25, a port of SMTP \(python3 \(pid \d+ of fake-mail\.service\)\)/,
  ),
  holds(
    'server-takes-no-connection',
    'A server that the pages ask takes no connection any more: its queue is full',
    `${beside(
      'fake-api',
      `
import socket, time
server = socket.socket()
server.bind(('127.0.0.1', 8443))
server.listen(0)
kept = []
for _ in range(3):
    each = socket.socket()
    each.setblocking(False)
    each.connect_ex(('127.0.0.1', 8443))
    kept.append(each)
time.sleep(600)`,
      "eval 'ss -Hltn | grep -q :8443'",
    )}
    ${each(`
import socket
socket.create_connection(('127.0.0.1', 8443))`)}`,
    /both workers of gunicorn try to connect to 127\.0\.0\.1:8443/,
  ),
  holds(
    'name-server-silent',
    'The name server does not answer',
    `printf 'nameserver 127.0.0.9\\noptions timeout:30 attempts:5\\n' > /etc/resolv.conf
    ${beside(
      'fake-names',
      `
import socket, time
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(('127.0.0.9', 53))
time.sleep(600)`,
      "eval 'ss -Hlun | grep -q 127.0.0.9:53'",
    )}
    ${each(`
import socket
socket.getaddrinfo('mail.example', 25)`)}`,
    /wait for an answer from 127\.0\.0\.9:53, a port of DNS/,
  ),
  holds(
    'redis-silent',
    'A Redis on a socket hangs',
    `add_redis
    systemctl start redis-prism.service
    chmod 0777 /run/redis-prism/redis.sock; chmod 0755 /run/redis-prism
    ${each(`
import socket
redis = socket.socket(socket.AF_UNIX)
redis.connect('/run/redis-prism/redis.sock')
redis.recv(10)`)}
    systemctl kill --signal=STOP redis-prism.service`,
    /both workers of gunicorn wait for an answer from \/run\/redis-prism\/redis\.sock \(redis-server \(pid \d+ of redis-prism\.service\)\)/,
  ),
  holds(
    'page-waits-for-statement',
    'Every page waits for a statement that takes minutes',
    each(`
from django.db import connection
connection.cursor().execute('select pg_sleep(600)')`),
    /both workers of gunicorn wait for a statement on which PostgreSQL has been for \d+ s \(pid \d+, Timeout: PgSleep\)/,
  ),
  holds(
    'page-waits-for-advisory-lock',
    'Every page waits for an advisory lock that a forgotten session holds',
    `setpriv --reuid=postgres --regid=postgres --init-groups psql -Xq prism -c "select pg_advisory_lock(7), pg_sleep(120)" >/dev/null 2>&1 &
    ${each(`
from django.db import connection
connection.cursor().execute('select pg_advisory_lock(7)')`)}`,
    /both workers of gunicorn wait for a lock of PostgreSQL that a session of role "postgres" holds/,
  ),
  holds(
    'output-not-read',
    'The output goes into a FIFO whose reader stands still',
    `mkfifo /run/prism.log
    ${beside(
      'log-reader',
      `
import os, time
log = os.open('/run/prism.log', os.O_RDWR)
time.sleep(600)`,
      "eval 'ls -l /proc/[0-9]*/fd 2>/dev/null | grep -q /run/prism.log'",
    )}
    add_to_unit StandardOutput=file:/run/prism.log
    ${each(`
import sys
sys.stdout.write('x' * 200000)
sys.stdout.flush()`)}`,
    /wait to write to its standard output, a pipe that is full: python3 \(pid \d+ of log-reader\.service\) does not read it/,
  ),
  holds(
    'file-locked',
    'Another program holds the lock on a file',
    `${beside(
      'backup',
      `
import fcntl, time
lock = open('/var/lib/prism-django/media.lock', 'w')
fcntl.flock(lock, fcntl.LOCK_EX)
time.sleep(600)`,
      "eval 'grep -q FLOCK /proc/locks'",
    )}
    chown prism:prism /var/lib/prism-django/media.lock
    ${each(`
import fcntl
fcntl.flock(open('/var/lib/prism-django/media.lock', 'w'), fcntl.LOCK_EX)`)}`,
    /both workers of gunicorn wait for a lock on \/var\/lib\/prism-django\/media\.lock, which python3 \(pid \d+ of backup\.service\) holds/,
  ),
  holds(
    'page-computes',
    'A loop in the code has no end',
    each(`
while True:
    pass`),
    /both workers of gunicorn compute without a pause/,
  ),
  holds(
    'page-sleeps',
    'The code sleeps',
    each(`
import time
time.sleep(600)`),
    /both workers of gunicorn sleep in the application's own code/,
  ),
  holds(
    'page-waits-for-program',
    'The code waits for a program that does not end',
    each(`
import subprocess
subprocess.run(['/usr/bin/sleep', '600'])`),
    /both workers of gunicorn wait for sleep \(pid \d+\)/,
  ),
  holds(
    'service-frozen',
    'The service was frozen',
    'systemctl freeze prism-django.service',
    /frozen: so is the control group of prism-django\.service/,
    'answers 000',
  ),
  holds(
    'no-workers',
    'gunicorn is told to start no worker',
    "edit_unit 's/GUNICORN_WORKERS=2/GUNICORN_WORKERS=0/'; restart_app",
    /gunicorn \(pid \d+\) has no worker: GUNICORN_WORKERS is 0/,
  ),
  holds(
    'runtime-directory-shared',
    'A second unit has the same RuntimeDirectory= and ended (systemd #5394)',
    `${onSocket}
    printf '[Service]\\nType=oneshot\\nRuntimeDirectory=prism-django\\nExecStart=/bin/true\\n' > /etc/systemd/system/prism-clean.service
    systemctl daemon-reload; systemctl start prism-clean.service`,
    /gunicorn \(pid \d+\) of prism-django\.service listens on \/run\/prism-django\/gunicorn\.sock, but the file of that socket was deleted; \/run\/prism-django is RuntimeDirectory= of prism-clean\.service as well/,
    `answers 502 ${site} && is ActiveState active`,
  ),
  holds(
    'socket-file-deleted',
    "A job has deleted the socket's file",
    `${onSocket}; rm /run/prism-django/gunicorn.sock`,
    /listens on \/run\/prism-django\/gunicorn\.sock, but the file of that socket was deleted$/,
    `answers 502 ${site} && is ActiveState active`,
  ),
  holds(
    'socket-file-replaced',
    'Another program has bound the path of the socket since, and answers',
    `${onSocket}; rm /run/prism-django/gunicorn.sock
    ${beside(
      'other-site',
      `
import http.server, os, socketserver
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == '/accounts/login/' else 404)
        self.send_header('Content-Type', 'text/html'); self.end_headers(); self.wfile.write(b'other')
    def address_string(self):
        return 'x'
server = socketserver.UnixStreamServer('/run/prism-django/gunicorn.sock', Answer)
os.chmod('/run/prism-django/gunicorn.sock', 0o777)
server.serve_forever()`,
      'test -S /run/prism-django/gunicorn.sock',
    )}`,
    /but another socket lies there now, at which python3 \(pid \d+ of other-site\.service\) listens/,
    `answers 200 ${site} && is ActiveState active`,
  ),
  holds(
    'socket-file-dead',
    'Another program has bound the path of the socket, and has ended',
    `${onSocket}; rm /run/prism-django/gunicorn.sock
    python3 -c "import socket; socket.socket(socket.AF_UNIX).bind('/run/prism-django/gunicorn.sock')"
    chmod 0777 /run/prism-django/gunicorn.sock`,
    /but another socket lies there now, at which nobody listens/,
    `answers 502 ${site} && is ActiveState active`,
  ),
  holds(
    'socket-in-own-tmp',
    'The socket lies in /tmp, which is the own one of the unit (PrivateTmp=)',
    `edit_unit 's,GUNICORN_BIND=.*,GUNICORN_BIND=unix:/tmp/gunicorn.sock,'
    restart_app
    edit_nginx 's,http://127.0.0.1:8000,http://unix:/tmp/gunicorn.sock,'`,
    /listens on \/tmp\/gunicorn\.sock in a directory that only that unit sees/,
    `answers 502 ${site} && is ActiveState active`,
  ),
]

const mistyped = (
  name: string,
  title: string,
  inject: string,
  message: RegExp,
  broken = '! is ActiveState active && answers 000',
): Fault =>
  fault(name, title, {
    inject,
    broken,
    expect: {exit: 2, rootCauses: ['service/active'], message},
  })

const begin = 'systemctl restart --no-block $unit'

/**
 * The server that went into the background is ended with the process that systemd started, while it
 * starts: gunicorn may then miss a SIGTERM, and systemd waits for it (TimeoutStopSec=90).
 */
const endsAtOnce = 'add_to_unit KillSignal=SIGKILL'

/** The server starts in another way than the unit says. */
export const mistypes: readonly Fault[] = [
  mistyped(
    'daemon-in-configuration',
    'gunicorn.conf.py says daemon = True, and the unit is Type=notify',
    `${endsAtOnce}; edit_package bash -c 'echo "daemon = True" >> gunicorn.conf.py'; ${begin}; until_true 40 waits_for_retry`,
    /gunicorn goes into the background \(daemon = True in .*gunicorn\.conf\.py\), and prism-django\.service has Type=notify/,
  ),
  mistyped(
    'daemon-in-arguments',
    'GUNICORN_CMD_ARGS has --daemon, and the unit is Type=simple',
    `${endsAtOnce}; add_to_unit Environment=GUNICORN_CMD_ARGS=--daemon; edit_unit s/^Type=.*/Type=simple/; ${begin}; until_true 40 waits_for_retry`,
    /gunicorn goes into the background \(--daemon\), and prism-django\.service has Type=simple/,
  ),
  mistyped(
    'daemon-without-restart',
    'The same where nothing starts it again',
    `${endsAtOnce}; add_to_unit Environment=GUNICORN_CMD_ARGS=--daemon; edit_unit 's/^Type=.*/Type=exec/; s/^Restart=.*/Restart=on-failure/'
    ${begin}; until_true 40 is ActiveState inactive`,
    /gunicorn goes into the background \(--daemon\), and prism-django\.service has Type=exec/,
  ),
  mistyped(
    'forking-in-foreground',
    'The unit is Type=forking, and gunicorn stays in the foreground',
    `edit_unit s/^Type=.*/Type=forking/; ${begin}; until_true 40 eval '! answers 000'`,
    /the start of prism-django\.service does not end, although it listens on 127\.0\.0\.1:8000: systemd waits for gunicorn to fork \(Type=forking\)/,
    'is ActiveState activating',
  ),
  mistyped(
    'forking-timed-out',
    'The same, and the start has run into its time limit',
    `edit_unit 's/^Type=.*/Type=forking\\nTimeoutStartSec=5/'; ${begin}; until_true 40 waits_for_retry`,
    /the start of prism-django\.service does not end: systemd waits for gunicorn to fork \(Type=forking\)/,
  ),
  mistyped(
    'pid-file-elsewhere',
    'PIDFile= names another file than gunicorn writes',
    `add_to_unit 'RuntimeDirectory=prism-django'
    add_to_unit 'Environment="GUNICORN_CMD_ARGS=--daemon --pid /run/prism-django/gunicorn.pid"'
    edit_unit 's,^Type=.*,Type=forking\\nPIDFile=/run/prism-django/prism.pid,'; ${begin}; until_true 40 eval '! answers 000'`,
    /systemd waits for the file \/run\/prism-django\/prism\.pid \(PIDFile=\), and gunicorn writes \/run\/prism-django\/gunicorn\.pid/,
    'is ActiveState activating',
  ),
  mistyped(
    'notification-of-child',
    'A script starts gunicorn as its child, whose word NotifyAccess= does not admit',
    `edit_wrappers '/^exec .*bin\\/gunicorn"/{s/^exec //; s/$/\\nexit $?/}'; ${begin}; until_true 40 eval '! answers 000'`,
    /a child of that says so \(pid \d+\), which NotifyAccess= does not admit/,
    'is ActiveState activating',
  ),
  fault('left-behind', 'An earlier start has left its server behind (KillMode=process)', {
    inject: `
      add_to_unit KillMode=process
      ${each('while True: pass')}
      curl -s -m 2 http://127.0.0.1:8000/ || true
      kill -KILL $(main_pid)
      until_true 90 eval 'is ExecMainStatus 1 && waits_for_retry'`,
    broken: '! is ActiveState active',
    expect: {
      exit: 2,
      rootCauses: ['service/active'],
      message: /127\.0\.0\.1:8000 is in use by gunicorn \(pid \d+\), which an earlier start/,
    },
  }),
]

const works =
  'answers 200 http://prism.midship.local/accounts/login/ && answers 200 http://prism.midship.local/'

const healthy = (name: string, title: string, inject: string): Fault =>
  fault(`healthy-${name}`, title, {inject, broken: works, expect: {exit: 0, rootCauses: []}})

/** What looks like one of them and is well. */
export const unheld: readonly Fault[] = [
  healthy(
    'forking',
    'gunicorn goes into the background, and the unit knows it',
    `add_to_unit 'RuntimeDirectory=prism-django'
    add_to_unit 'Environment="GUNICORN_CMD_ARGS=--daemon --pid /run/prism-django/gunicorn.pid"'
    edit_unit 's,^Type=.*,Type=forking\\nPIDFile=/run/prism-django/gunicorn.pid,'; restart_app`,
  ),
  healthy(
    'idle-client',
    'A client holds one worker, and the other answers',
    `edit_unit 's/GUNICORN_TIMEOUT=60/GUNICORN_TIMEOUT=600/'; restart_app
    ${beside(
      'idlers',
      `
import socket, time
kept = socket.create_connection(('127.0.0.1', 8000))
time.sleep(600)`,
      'answers 200',
    )}`,
  ),
  healthy(
    'runtime-directory-kept',
    'A second unit has the same RuntimeDirectory= and preserves it',
    `${onSocket}
    printf '[Service]\\nType=oneshot\\nRuntimeDirectory=prism-django\\nRuntimeDirectoryPreserve=yes\\nExecStart=/bin/true\\n' > /etc/systemd/system/prism-clean.service
    systemctl daemon-reload; systemctl start prism-clean.service`,
  ),
  healthy(
    'socket-made-anew',
    'The service was started again after the file of its socket had been replaced',
    `${onSocket}; rm /run/prism-django/gunicorn.sock; restart_app`,
  ),
  healthy(
    'slow-mail-server',
    'Pages ask a server that takes its time',
    `${beside(
      'fake-mail',
      `
import socket, time
server = socket.create_server(('127.0.0.1', 25))
while True:
    each = server.accept()[0]
    time.sleep(0.3)
    each.sendall(b'220 hello\\r\\n')
    each.close()`,
      "eval 'ss -Hltn | grep -q :25'",
    )}
    ${each(`
import socket
socket.create_connection(('127.0.0.1', 25)).recv(100)`)}`,
  ),
]
