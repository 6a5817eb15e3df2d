import {beacon, type Deployment, graphite, tutorial} from './deployments.ts'
import {type Case, caseOf, critical} from './faults.ts'

/** Every page asks a server that takes the connection and says nothing. */
const serverSilent = (deployment: Deployment, ...words: readonly string[]): Case =>
  caseOf(deployment, 'server-silent', 'A server that every page asks does not answer', {
    inject: `
      cat > /run/fake-api.py <<'EOF'
import socket
server = socket.create_server(('127.0.0.1', 2525))
kept = []
while True:
    kept.append(server.accept())
EOF
      systemd-run --quiet --unit=fake-api /usr/bin/python3 /run/fake-api.py
      until_true 10 eval 'ss -Hltn | grep -q :2525'
      cat > $directory/hang.py <<'EOF'
import socket


class Hang:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        socket.create_connection(('127.0.0.1', 2525)).recv(1)
        return self.get_response(request)
EOF
      echo "MIDDLEWARE = ['hang.Hang', *MIDDLEWARE]" >> $settings
      systemctl restart $unit
      until_true 30 answers 000`,
    broken: 'is ActiveState active && answers 000',
    expect: critical('http/app', ...words, 'an answer from 127.0.0.1:2525', 'of fake-api.service'),
  })

/** Who holds up servers of other kinds than midship's. */
export const heldCases: readonly Case[] = [
  serverSilent(beacon, 'uvicorn (pid '),
  serverSilent(tutorial, 'workers of gunicorn'),
  caseOf(graphite, 'daemonized', 'uwsgi goes into the background under Type=exec', {
    inject: `
      edit /etc/graphite/uwsgi.ini 's,^master = true,&\\ndaemonize = /dev/null,'
      edit /etc/systemd/system/$unit 's/^Type=.*/Type=exec/; s/^NotifyAccess=.*/NotifyAccess=none/'
      systemctl daemon-reload; systemctl restart $unit || true
      until_true 40 is ExecMainCode 1`,
    broken: '! is ActiveState active',
    expect: critical('service/active', 'uwsgi goes into the background (daemonize)', 'Type=exec'),
  }),
]
