import {bakery, beacon, deployments, graphite, ledger, tutorial, wims} from './deployments.ts'
import type {Case} from './faults.ts'
import * as faults from './faults.ts'
import {heldCases} from './holds.ts'
import {publicCases} from './public.ts'

const {caseOf, critical} = faults

const ofGraphite: readonly Case[] = [
  faults.roleRotated(graphite),
  faults.literalKeyMissing(graphite, `edit $settings "s/^SECRET_KEY = .*/SECRET_KEY = ''/"`),
  faults.tablePending(graphite),
  faults.staticGone(graphite),
  caseOf(
    graphite,
    'never-collected',
    "Nobody collected the admin's files beside those that the package brings",
    {
      inject: 'rm -r $static_root/admin',
      broken: 'answers 200 && unserved',
      expect: critical('static/collected', graphite.staticRoot),
    },
  ),
  faults.staticClosed(graphite),
  faults.settingsSyntax(graphite),
  faults.viewImport(graphite),
  faults.portTaken(graphite, 3031),
  faults.wrongUpstream(graphite, '127.0.0.1:3031', '127.0.0.1:3032'),
]

const ofWims: readonly Case[] = [
  caseOf(wims, 'role-renamed', 'PostgreSQL has no role of the name that peer asks for', {
    inject: "sql 'ALTER ROLE lti RENAME TO lti_old'",
    broken: 'broken_page',
    expect: critical('database/login', 'role "lti"'),
  }),
  faults.tablePending(wims),
  faults.staticGone(wims),
  faults.neverCollected(wims, 'answers 200 && unserved'),
  faults.staticClosed(wims),
  faults.settingsImport(wims),
  faults.viewImport(wims),
  faults.portTaken(wims, 8300),
  faults.wrongUpstream(wims, '127.0.0.1:8300', '127.0.0.1:8000'),
]

const ofBakery: readonly Case[] = [
  faults.wrongPassword(
    bakery,
    `edit $environment 's,^\\(DATABASE_URL=.*://bakery:\\)[^@]*,\\1rotated,'`,
  ),
  faults.variableMissing(bakery, 'DJANGO_SECRET_KEY', '/etc/bakery/bakery.env'),
  faults.variableMissing(bakery, 'DATABASE_URL', '/etc/bakery/bakery.env'),
  faults.migrationPending(bakery, 'Cake', 'price'),
  faults.hashedFileGone(bakery),
  faults.neverCollected(bakery, 'broken_page'),
  faults.ownedByRoot(bakery, '/opt/bakery/bakery/media/cakes'),
  faults.settingsImport(bakery),
  faults.viewImport(bakery),
  faults.wrongUpstream(bakery, '/run/bakery/web.sock', '/run/bakery/app.sock'),
  caseOf(bakery, 'upload-too-large', 'The front takes less than a form sends', {
    inject: '',
    broken: `
      head -c 11000000 /dev/zero > /tmp/sent
      [ "$(status_of -H "Host: $host" --data-binary @/tmp/sent "http://127.0.0.1$page")" = 413 ]
      answers 200`,
    expect: {
      ...critical(
        'http/log',
        '10.5 MiB',
        'client_max_body_size 10m (/etc/nginx/sites-enabled/bakery:9)',
      ),
      exit: 1,
    },
  }),
  caseOf(bakery, 'front-refuses', "nginx's configuration was changed, and nginx refuses it", {
    inject: `
      echo 'frobnicate on;' > /etc/nginx/conf.d/extra.conf
      ! systemctl reload nginx.service 2>/dev/null`,
    broken: '! nginx -t 2>/dev/null && answers 200',
    expect: {
      ...critical('http/log', 'unknown directive "frobnicate" in /etc/nginx/conf.d/extra.conf:1'),
      exit: 1,
    },
  }),
  caseOf(bakery, 'site-twice', "A copy of the site's file lies beside it", {
    inject: `
      cp /etc/nginx/sites-available/bakery /etc/nginx/sites-enabled/bakery.save
      sed -i '/^upstream/,/^}/d' /etc/nginx/sites-enabled/bakery.save
      systemctl reload nginx.service`,
    broken: 'nginx -t 2>&1 | grep "conflicting server name" && answers 200',
    expect: {
      ...critical('http/log', 'bakery.example', 'sites-enabled/bakery:', 'bakery.save:'),
      exit: 1,
    },
  }),
  caseOf(bakery, 'redis-stopped', 'The cache was stopped', {
    inject: 'systemctl stop redis-server.service',
    broken: 'broken_page',
    expect: critical('service/dependencies', '6379'),
  }),
]

const ofTutorial: readonly Case[] = [
  faults.wrongPassword(tutorial, `edit $settings "s/'PASSWORD': .*/'PASSWORD': 'rotated',/"`),
  faults.literalKeyMissing(tutorial, `edit $settings "s/^SECRET_KEY = .*/SECRET_KEY = ''/"`),
  faults.migrationPending(tutorial, 'Question', 'pub_date'),
  faults.staticGone(tutorial),
  faults.neverCollected(tutorial, 'answers 200 && unserved'),
  caseOf(tutorial, 'hba-ident', 'pg_hba.conf asks an ident server, which nobody runs', {
    inject: `
      edit /etc/postgresql/*/main/pg_hba.conf 's/^\\(host .*\\)scram-sha-256/\\1ident/'
      systemctl reload 'postgresql@*'
      systemctl restart $unit`,
    broken: 'broken_page',
    expect: critical('database/login', '/main/pg_hba.conf (host all all 127.0.0.1/32 ident)'),
  }),
  caseOf(
    tutorial,
    'collected-by-root',
    'Somebody collected as root: the next collectstatic of the owner would stop',
    {
      inject: 'chown root:root $static_root/$static_file',
      broken: '! may_write $static_root/$static_file && ! unserved',
      expect: {exit: 1, rootCauses: ['state/ownership'], message: /polls\/style\.css/},
    },
  ),
  faults.settingsSyntax(tutorial),
  faults.viewImport(tutorial),
  faults.wrongUpstream(tutorial, 'unix:/run/gunicorn.sock', 'unix:/run/gunicorn/gunicorn.sock'),
  caseOf(tutorial, 'stopped', 'Someone stopped the socket and the service', {
    inject: 'systemctl stop gunicorn.socket gunicorn.service',
    broken: 'is ActiveState inactive && unreachable',
    expect: critical('service/dependencies', 'gunicorn.socket'),
  }),
]

const ofBeacon: readonly Case[] = [
  faults.wrongPassword(beacon, 'edit /srv/beacon/.env s/^DB_PASSWORD=.*/DB_PASSWORD=rotated/'),
  faults.variableMissing(beacon, 'DB_PASSWORD', '/srv/beacon/.env'),
  faults.migrationPending(beacon, 'Signal', 'seen_at'),
  faults.staticGone(beacon),
  faults.neverCollected(beacon, 'answers 200 && unserved'),
  caseOf(beacon, 'owned-by-root', 'An uploaded file belongs to root; it can still be read', {
    inject: `
      install -d -o beacon -g beacon /var/lib/beacon/uploads/charts
      install -o root -g root -m 0644 /dev/null /var/lib/beacon/uploads/charts/may.svg`,
    broken:
      '! may_write /var/lib/beacon/uploads/charts/may.svg && answers 200 /uploads/charts/may.svg',
    expect: {exit: 1, rootCauses: ['state/ownership'], message: /may\.svg/},
  }),
  caseOf(
    beacon,
    'log-owned-by-root',
    'Somebody ran manage.py as root: the log file belongs to root',
    {
      inject: 'install -o root -g root -m 0644 /dev/null /var/log/beacon/app.log; crash_app',
      broken: 'waits_for_retry && logged "Permission denied"',
      expect: critical('state/ownership', '/var/log/beacon/app.log'),
    },
  ),
  faults.settingsImport(beacon),
  faults.viewImport(beacon),
  faults.portTaken(beacon, 8100),
  faults.wrongUpstream(beacon, '127.0.0.1:8100', '127.0.0.1:8001'),
  faults.frontStopped(beacon),
  caseOf(beacon, 'types-of-a-header', 'The front gives style sheets a type by a header', {
    inject: `edit_front 's,^\\thandle_path /assets/. {,&\\n\\t\\theader Content-Type text/plain,'`,
    broken:
      'curl -sI -H "Host: $host" "http://127.0.0.1$static_url" | grep -i "content-type: text/plain"',
    expect: critical('static/served', 'as text/plain', 'rather than text/css'),
  }),
]

const ofLedger: readonly Case[] = [
  faults.roleRotated(ledger),
  faults.literalKeyMissing(ledger, 'edit $settings /^SECRET_KEY/d'),
  faults.migrationPending(ledger, 'Account', 'balance'),
  faults.hashedFileGone(ledger),
  faults.neverCollected(ledger, 'broken_page'),
  faults.ownedByRoot(ledger, '/var/www/ledger/receipts'),
  faults.settingsImport(ledger, '/var/www/ledger/ledger/settings.py'),
  faults.viewImport(ledger),
  faults.wrongUpstream(ledger, '127.0.0.1:8200', '127.0.0.1:8000'),
  faults.frontStopped(ledger),
  caseOf(ledger, 'types-forced', 'The front gives every static file the same type', {
    inject: `edit_front 's,^    ProxyPreserveHost,    <Location /static/>\\n        ForceType text/plain\\n    </Location>\\n&,'`,
    broken:
      'curl -sI -H "Host: $host" "http://127.0.0.1$static_url" | grep -i "content-type: text/plain"',
    expect: critical('static/served', 'as text/plain', 'ForceType is text/plain'),
  }),
  caseOf(ledger, 'without-mod-mime', 'Apache has no mod_mime, and says nosniff', {
    inject: `
      a2dismod -q -f mime; a2enmod -q headers
      edit_front 's,^    ProxyPreserveHost,    Header set X-Content-Type-Options nosniff\\n&,'
      systemctl restart apache2.service`,
    broken:
      '! curl -sI -H "Host: $host" "http://127.0.0.1$static_url" | grep -i "^content-type" && answers 200',
    expect: critical('static/served', 'as a file of no type', 'with nosniff', 'mod_mime'),
  }),
]

const own = [
  ...ofGraphite,
  ...ofWims,
  ...ofBakery,
  ...ofTutorial,
  ...ofBeacon,
  ...ofLedger,
  ...publicCases,
  ...heldCases,
]

const all: readonly Case[] = deployments.flatMap(deployment => [
  faults.healthy(deployment),
  faults.postgresStopped(deployment),
  ...own.filter(fault => fault.deployment === deployment),
])

/** The cases of these names, and all of each deployment that is named; without names every one. */
export function casesOf(names: readonly string[]): readonly Case[] {
  if (names.length === 0) return all
  return names.flatMap(name => {
    const found = all.filter(each => each.name === name || each.deployment.name === name)
    if (found.length === 0) throw new Error(`there is no case ${name}; see hosts cases`)
    return found
  })
}
