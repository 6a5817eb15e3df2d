import {graphite, ledger, tutorial} from './deployments.ts'
import {type Case, caseOf, critical} from './faults.ts'

/** Faults that people reported in public, of Debian's ways to lay a site out. */
export const publicCases: readonly Case[] = [
  // ehoppmann/mlocate-web#1: the first line of gunicorn's script names the old place.
  caseOf(tutorial, 'venv-moved', 'The virtual environment was moved, and its scripts were not', {
    inject: `
      mv /home/sammy/myproject/venv /home/sammy/myproject/env
      edit /etc/systemd/system/gunicorn.service s,/venv/,/env/,
      systemctl daemon-reload
      systemctl restart gunicorn.service || true
      until_true 20 is ActiveState failed`,
    broken: '! answers 200',
    expect: critical('service/package', '/home/sammy/myproject/venv/bin/python'),
  }),
  // netbox-community/netbox#10669: the system's Python went from 3.x to 3.y, and the venv did not.
  caseOf(tutorial, 'python-upgraded', "The system's Python was upgraded below the environment", {
    inject: `
      mv /home/sammy/myproject/venv/lib/python3.* /home/sammy/myproject/venv/lib/python3.9
      systemctl restart gunicorn.service || true
      until_true 20 is ActiveState failed`,
    broken: `! answers 200 && logged "No module named 'gunicorn'"`,
    expect: critical('app/settings', 'has packages for python3.9'),
  }),
  // WeblateOrg/weblate#978
  caseOf(ledger, 'apache-denies', 'Apache forbids the directory of the static files', {
    inject: 'edit_front s/granted/denied/; until_true 10 unserved',
    broken: 'answers 200 && unserved',
    expect: critical('static/served', 'with 403'),
  }),
  // evertramos/nginx-proxy-automation#125
  caseOf(graphite, 'http-to-uwsgi', 'nginx speaks HTTP to a socket that speaks uwsgi', {
    inject: "edit_front 's,uwsgi_pass 127,proxy_pass http://127,'; until_true 10 unreachable",
    broken: 'unreachable && is ActiveState active',
    expect: critical('http/proxy', 'uwsgi'),
  }),
  // etesync/server#26
  caseOf(graphite, 'plugin-missing', 'uWSGI shall load a plugin that is not installed', {
    inject:
      'edit /etc/graphite/uwsgi.ini s/python3/python39/; systemctl restart --no-block $unit; until_true 30 eval "waits_for_retry || unreachable"',
    broken: 'unreachable',
    expect: critical('service/active', 'python39'),
  }),
]
