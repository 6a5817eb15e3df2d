import {type Fault, fault} from '../../container/fault.ts'

/** Adds lines to the end of the settings. */
const settings = (lines: string): string => `
      edit_package sh -c 'cat >> prism/settings.py' <<'EOF'
${lines}
EOF`

/** A module that urls.py imports does this. */
const importing = (python: string): string => `
      edit_package sh -c 'cat > lighthouse/lens.py; sed -i "1i import lighthouse.lens" prism/urls.py' <<'EOF'
${python}
EOF`

/** A copy in the environment of a package that is otherwise linked, to change it. */
const ownCopy = (name: string, edit: string): string =>
  `edit_python sh -c 'cp -rL ${name} copy && rm ${name} && mv copy ${name} && ${edit}'`

const starts = 'systemctl restart --no-block $unit'
const login = 'http://prism.midship.local/accounts/login/'
const style = 'http://prism.midship.local/static/css/theme.css'

/** The start fails; a restart is tried again and again, or systemd gives up. */
const dead = (
  name: string,
  title: string,
  inject: string,
  logged: string,
  rootCause: string,
  message: RegExp,
): Fault =>
  fault(name, title, {
    inject: `${inject}
      ${starts}
      until_true 40 waits_for_retry`,
    broken: `waits_for_retry && ! answers 200 && logged "${logged}"`,
    expect: {exit: 2, rootCauses: [rootCause], message},
  })

/** It starts, and what visitors get is wrong. */
const wrong = (
  name: string,
  title: string,
  inject: string,
  broken: string,
  rootCause: string,
  message: RegExp,
): Fault =>
  fault(name, title, {
    inject,
    broken,
    expect: {exit: 2, rootCauses: [rootCause], message},
  })

/** Faults that people reported in public; the address is in the comment. */
export const publicFaults: readonly Fault[] = [
  dead(
    'shell-in-exec',
    'ExecStart= redirects its output, as a shell would',
    "edit_unit 's|^ExecStart=.*|& >> /var/log/prism.log 2>\\&1|'",
    'unrecognized arguments',
    'service/active',
    />>|shell/,
  ),
  fault('orphan-holds-port', 'KillMode=process leaves the old server, which holds the port', {
    inject: `
      edit_unit "s|^ExecStart=\\(.*\\)|ExecStart=/bin/sh -c '\\1; true'\\nKillMode=process\\nNotifyAccess=all|; s/^Type=.*/Type=simple/"
      restart_app; until_true 20 answers 200
      ${starts}
      until_true 40 eval 'logged "Connection in use"'
      until_true 40 waits_for_retry`,
    broken: 'waits_for_retry && logged "in use"',
    expect: {exit: 2, rootCauses: ['service/active'], message: /KillMode|left|8000/},
  }),
  fault('watchdog-unheard', 'WatchdogSec= is set, and the server never answers the watchdog', {
    inject: `
      add_to_unit 'WatchdogSec=2'
      edit_unit 's/^RestartSec=.*/RestartSec=1/'
      restart_app
      until_true 40 eval '[ $(systemctl show -P NRestarts $unit) -ge 2 ]'`,
    broken: 'logged "Watchdog timeout"',
    expect: {exit: 2, rootCauses: ['service/active'], message: /WatchdogSec/},
  }),
  dead(
    'no-exec-paths',
    'NoExecPaths= covers the directory of a library',
    "add_to_unit 'NoExecPaths=/usr/lib/python3'",
    'failed to map segment',
    'app/settings',
    /NoExecPaths=.*failed to map segment/,
  ),
  dead(
    'no-threads-left',
    'The limit of processes leaves no room for a thread',
    `${importing('import threading, time\n\nfor _ in range(40):\n    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()')}
      add_to_unit LimitNPROC=20`,
    "can't start new thread",
    'app/settings',
    /LimitNPROC=/,
  ),
  dead(
    'home-not-there',
    "A library keeps its cache in the user's home, which does not exist",
    `systemctl stop $unit; usermod -d /nonexistent prism
      ${importing("import os\n\nos.makedirs(os.path.expanduser('~/.cache/prism'), exist_ok=True)")}`,
    '/nonexistent',
    'app/settings',
    /\/nonexistent is the home of prism and does not exist/,
  ),
  dead(
    'socket-directory-of-root',
    'The directory of the socket was made by root',
    `
      install -d -m 0755 /run/prism
      edit_unit 's,GUNICORN_BIND=.*,GUNICORN_BIND=unix:/run/prism/gunicorn.sock,; s,^ReadWritePaths=.*,& /run/prism,'`,
    'Permission denied',
    'service/active',
    /\/run\/prism .*root/,
  ),
  dead(
    'pid-file-of-root',
    'Somebody started the server as root once, and its PID file is in the way',
    `
      edit_unit 's|^ExecStart=.*|& --pid /var/tmp/prism.pid|; s/^PrivateTmp=.*/PrivateTmp=false/; s|^ReadWritePaths=.*|& /var/tmp|'
      echo 999999 > /var/tmp/prism.pid`,
    'prism.pid',
    'service/active',
    /\/var\/tmp\/prism\.pid.*root/,
  ),
  dead(
    'server-changes-user',
    'gunicorn shall become another user, and systemd has made it one already',
    `useradd --system www-prism; edit_package sh -c 'echo "user = \\"www-prism\\"" >> gunicorn.conf.py'`,
    'not permitted',
    'service/active',
    /user/,
  ),
  dead(
    'worker-class-missing',
    'gunicorn shall use gevent, which is not installed',
    `edit_package sh -c 'echo "worker_class = \\"gevent\\"" >> gunicorn.conf.py'`,
    'gevent',
    'service/active',
    /gevent/,
  ),
  dead(
    'driver-missing',
    "The environment lacks PostgreSQL's driver",
    'edit_python rm psycopg2',
    'Error loading psycopg2',
    'app/settings',
    /No module named 'psycopg2'/,
  ),
  dead(
    'shared-library-missing',
    'The driver wants a version of libpq that the machine does not have',
    ownCopy('psycopg2', 'sed -i s/libpq.so.5/libpq.so.9/ psycopg2/*.so'),
    'libpq.so.9',
    'app/settings',
    /libpq\.so\.9/,
  ),
  dead(
    'undefined-symbol',
    'The driver was built against another libpq than the one that is there',
    ownCopy('psycopg2', 'sed -i s/PQencryptPasswordConn/PQencryptPasswordXonn/ psycopg2/*.so'),
    'undefined symbol',
    'app/settings',
    /undefined symbol: PQencryptPasswordXonn/,
  ),
  dead(
    'standard-module-removed',
    'Python was upgraded to a version that has no module cgi any more',
    importing('import cgi'),
    "No module named 'cgi'",
    'app/settings',
    /'cgi'.*; cgi was part of Python until 3\.12, and this is 3\.13/,
  ),
  dead(
    'pythonhome-elsewhere',
    'PYTHONHOME= leads to a Python that is not there any more',
    "edit_unit 's,^Environment=SITE_NAME.*,&\\nEnvironment=PYTHONHOME=/opt/python3.11,'",
    'encodings',
    'app/settings',
    /PYTHONHOME=\/opt\/python3\.11 of prism-django\.service/,
  ),
  dead(
    'program-not-in-path',
    'The settings run a program that the PATH of the unit does not reach',
    `
      printf '#!/bin/sh\\necho v1\\n' > /usr/local/bin/gitversion; chmod 0755 /usr/local/bin/gitversion
      ${settings("import subprocess\n\nRELEASE = subprocess.check_output(['gitversion'], text=True)")}`,
    'gitversion',
    'app/settings',
    /no directory in the PATH of prism-django\.service has gitversion/,
  ),
  dead(
    'apps-not-ready',
    'asgi.py imports a model before the applications are loaded',
    `
      edit_package sed -i '1i from lighthouse.models import Beacon' prism/asgi.py
      edit_unit 's,bin/prism-gunicorn,bin/prism-uvicorn,; s/^Type=.*/Type=simple/; s/GUNICORN_BIND=.*/UVICORN_HOST=127.0.0.1/'`,
    'Apps aren.t loaded yet\\|settings are not configured',
    'app/settings',
    /prism\.asgi:application leads there before/,
  ),
  dead(
    'collectstatic-asks',
    'The start collects static files and is asked whether it is sure',
    "edit_wrappers 's/ collectstatic --noinput/ collectstatic/'",
    'EOF when reading a line',
    'service/active',
    /--noinput/,
  ),
  dead(
    'static-root-is-a-source',
    'STATIC_ROOT is among STATICFILES_DIRS',
    settings('STATICFILES_DIRS.append(STATIC_ROOT)'),
    'STATICFILES_DIRS',
    'static/root',
    /STATICFILES_DIRS/,
  ),
  wrong(
    'template-not-shipped',
    'The package lacks a template, and Django logs nothing',
    'edit_package rm templates/home.html; restart_app',
    'answers 500 && answers 200 http://127.0.0.1:8000/accounts/login/',
    'http/app',
    /TemplateDoesNotExist: home\.html/,
  ),
  wrong(
    'site-row-missing',
    'The row of the site is not the one that SITE_ID names',
    `${settings("INSTALLED_APPS += ['django.contrib.sites']\nSITE_ID = 1")}
      restart_app
      sql 'DELETE FROM django_site' prism`,
    'answers 500 http://127.0.0.1:8000/accounts/login/',
    'http/app',
    /SITE_ID/,
  ),
  wrong(
    'cache-table-missing',
    'The cache lives in a table that nobody made',
    `${settings("CACHES = {'default': {'BACKEND': 'django.core.cache.backends.db.DatabaseCache', 'LOCATION': 'prism_cache'}}\nMIDDLEWARE = ['django.middleware.cache.UpdateCacheMiddleware', *MIDDLEWARE, 'django.middleware.cache.FetchFromCacheMiddleware']")}
      restart_app`,
    'answers 500 http://127.0.0.1:8000/accounts/login/',
    'http/app',
    /createcachetable|prism_cache/,
  ),
  dead(
    'time-zone-split-off',
    'Debian moved the old names of time zones into a package of their own',
    `edit_package sed -i "s,^TIME_ZONE = .*,TIME_ZONE = 'US/Pacific'," prism/settings.py`,
    'US/Pacific',
    'app/settings',
    /\/usr\/share\/zoneinfo has no US\/Pacific/,
  ),
  dead(
    'postgres-too-old',
    'Django was upgraded past the version of PostgreSQL',
    ownCopy(
      'django',
      'sed -i "s/minimum_database_version = .*/minimum_database_version = (18,)/" django/db/backends/postgresql/features.py',
    ),
    'or later is required',
    'service/active',
    /this version of Django wants PostgreSQL 18 or later, and the server is 17\./,
  ),
  wrong(
    'column-missing',
    'A column is gone, and the migration that made it is recorded',
    "sql 'ALTER TABLE lighthouse_beacon DROP COLUMN enabled' prism; restart_app",
    'answers 500',
    'database/migrations',
    /lighthouse_beacon.*enabled/,
  ),
  dead(
    'hosts-file-of-root',
    'Root resolves names and nobody else: /etc/hosts has mode 0600',
    `
      echo '127.0.0.1 db.midship.local' >> /etc/hosts; chmod 0600 /etc/hosts
      edit_unit 's/POSTGRES_HOST=.*/POSTGRES_HOST=db.midship.local/'`,
    'could not translate host name',
    'database/server',
    /prism may not read \/etc\/hosts \(mode 0600\), and so finds no address of db\.midship\.local/,
  ),
  dead(
    'certificates-gone',
    'A variable names a bundle of certificates that is not there',
    `${importing("import os\n\nbundle = os.environ['REQUESTS_CA_BUNDLE']\nif not os.path.exists(bundle):\n    raise OSError(f'Could not find a suitable TLS CA certificate bundle, invalid path: {bundle}')")}
      edit_unit 's,^Environment=SITE_NAME.*,&\\nEnvironment=REQUESTS_CA_BUNDLE=/etc/ssl/certs/ca-bundle.crt,'`,
    'invalid path',
    'app/settings',
    /REQUESTS_CA_BUNDLE|\/etc\/ssl\/certs\/ca-bundle\.crt/,
  ),
  dead(
    'locale-ascii',
    'A file that is not ASCII is read where the locale says ASCII',
    `${importing("from pathlib import Path\n\nPath('/etc/prism-names').read_text()")}
      echo 'Fyrtårn' > /etc/prism-names
      edit_unit 's,^Environment=SITE_NAME.*,&\\nEnvironment=LC_ALL=C\\nEnvironment=PYTHONUTF8=0,'`,
    'codec can.t decode',
    'app/settings',
    /the environment of prism-django\.service has LC_ALL=C and PYTHONUTF8=0/,
  ),
  wrong(
    'alias-without-slash',
    'nginx: location /static/ with an alias that lacks the slash at its end',
    "serve_static; edit_nginx 's,alias \\(.*\\)/;,alias \\1;,'",
    `answers 404 ${style}`,
    'static/served',
    /alias .*staticfiles;|slash/,
  ),
  wrong(
    'root-in-place-of-alias',
    'nginx: root where alias was meant',
    "serve_static; edit_nginx 's,alias ,root ,'",
    `answers 404 ${style}`,
    'static/served',
    /root .*staticfiles/,
  ),
  wrong(
    'regex-takes-static',
    'nginx: a location for media types takes the static files from the application',
    `edit_nginx 's,^\\t\\tlocation / {,\\t\\tlocation ~* \\\\.(css|js|svg|png)$ {\\n\\t\\t\\troot /var/www/html;\\n\\t\\t\\texpires 30d;\\n\\t\\t}\\n&,'`,
    `answers 404 ${style} && answers 200 http://127.0.0.1:8000/static/css/theme.css`,
    'static/served',
    /location ~\* .*css/,
  ),
  wrong(
    'static-served-by-nobody',
    'Neither nginx nor the application serves static files',
    "edit_package sed -i '/WhiteNoiseMiddleware/d' prism/settings.py; restart_app",
    `answers 404 ${style} && answers 200 ${login}`,
    'static/served',
    /no(body|thing)|WhiteNoise/,
  ),
  wrong(
    'header-too-big',
    'A page sends more headers than nginx takes from an upstream',
    `
      edit_package sh -c 'cat >> lighthouse/views.py; sed -i "/^MIDDLEWARE = /a \\\\    \\"lighthouse.views.trace\\"," prism/settings.py' <<'EOF'
def trace(get_response):
    def middleware(request):
        response = get_response(request)
        if request.path == '/':
            response['X-Trace'] = 'x' * 6000
        return response

    return middleware
EOF
      restart_app`,
    'answers 200 && answers 502 http://prism.midship.local/',
    'http/proxy',
    /too big header|proxy_buffer_size/,
  ),
  wrong(
    'forwarded-host-twice',
    'Two proxies each add X-Forwarded-Host, and Django believes it',
    `${settings('USE_X_FORWARDED_HOST = True')}
      restart_app
      edit_nginx 's,^.*proxy_set_header Host.*,&\\n\\t\\t\\tproxy_set_header X-Forwarded-Host "$host\\, $host";,'`,
    `answers 400 ${login} && answers 200 http://127.0.0.1:8000/accounts/login/`,
    'http/proxy',
    /X-Forwarded-Host/,
  ),
  wrong(
    'front-port-taken',
    'Another web server took port 80, and nginx cannot start',
    `
      systemctl stop nginx.service
      systemd-run --quiet --unit=apache2 /usr/bin/python3 -m http.server --bind 0.0.0.0 --directory /srv 80
      until_true 10 eval '! answers 000 http://127.0.0.1:80/'
      systemctl start nginx.service
      until_true 20 eval '! is ActiveState active nginx.service'`,
    `answers 404 ${login} && answers 200`,
    'http/proxy',
    /80.*apache2\.service|apache2\.service.*80/,
  ),
  wrong(
    'upstream-name-unknown',
    'nginx forwards to a name that does not resolve, and does not start',
    `
      old=$(sed -n 's/^ExecStart=.* -c //p' /etc/systemd/system/nginx.service); new=$(store_path nginx.conf)
      sed 's,proxy_pass http://127.0.0.1:8000,proxy_pass http://app.midship.internal:8000,' $old > $new; seal $new
      edit_unit "s,$old,$new,g" nginx.service
      systemctl restart nginx.service
      until_true 20 is SubState auto-restart nginx.service`,
    `answers 000 ${login} && answers 200`,
    'http/proxy',
    /app\.midship\.internal/,
  ),
  wrong(
    'worker-connections',
    'nginx has too few connections for one visitor',
    `edit_nginx 's/^events {/&\\n\\tworker_connections 4;/'`,
    `answers 500 ${login} || answers 000 ${login}`,
    'http/proxy',
    /worker_connections/,
  ),
  fault(
    'cookie-secure-on-http',
    'Nobody stays logged in: cookies are Secure and the site is http',
    {
      inject: `${settings('SESSION_COOKIE_SECURE = True\nCSRF_COOKIE_SECURE = True')}
      restart_app`,
      broken: `curl -si ${login} | grep -i "^set-cookie: csrftoken=.*secure" >/dev/null`,
      expect: {exit: 2, rootCauses: ['http/proxy'], message: /Secure/},
    },
  ),
  dead(
    'dev-null-closed',
    '/dev/null can be opened by root alone',
    `
      edit_unit 's/^PrivateDevices=.*/PrivateDevices=false/'
      ${importing("import subprocess\n\nsubprocess.run(['/bin/true'], stdout=subprocess.DEVNULL, check=True)")}
      chmod 0600 /dev/null`,
    '/dev/null',
    'app/settings',
    /\/dev\/null .*0?600|\/dev\/null.*mode/,
  ),
  dead(
    'password-ends-with-newline',
    'The password comes from a file, with the line break at its end',
    `
      sed -n s/^POSTGRES_PASSWORD=//p /run/secrets/prism-env > /root/db-password
      edit_secrets /^POSTGRES_PASSWORD=/d
      edit_package sed -i "s,'PASSWORD': .*,'PASSWORD': open(__import__('os').environ['CREDENTIALS_DIRECTORY'] + '/db').read()\\,," prism/settings.py
      add_to_unit LoadCredential=db:/root/db-password`,
    'password authentication failed',
    'database/login',
    /has blanks or a line break around it/,
  ),
  wrong(
    'allowed-hosts-as-list',
    'ALLOWED_HOSTS is written as a list of Python, and read as names with commas',
    `edit_unit "s/ALLOWED_HOSTS=.*/ALLOWED_HOSTS=['prism.midship.local','localhost','127.0.0.1']/"; restart_app`,
    `answers 400 ${login}`,
    'http/proxy',
    /brackets and quotes of a list are taken for a part of the names/,
  ),
  fault('pillow-missing', 'A model has an ImageField, and Pillow is not installed', {
    inject: `
      edit_package sed -i 's/models.FileField(/models.ImageField(/' accounts/models.py
      crash_app`,
    broken: 'waits_for_retry && logged Pillow',
    expect: {exit: 2, rootCauses: ['app/settings'], message: /Pillow/},
  }),
  dead(
    'log-directory-missing',
    "The directory of the application's log does not exist",
    settings(
      "LOGGING = {'version': 1, 'handlers': {'file': {'class': 'logging.FileHandler', 'filename': '/var/log/prism/app.log'}}, 'root': {'handlers': ['file']}}",
    ),
    'Unable to configure handler',
    'app/settings',
    /\/var\/log\/prism/,
  ),
  dead(
    'falls-back-to-sqlite',
    'The variable that chooses PostgreSQL was lost, and the settings fall back to SQLite',
    "edit_unit '/USE_POSTGRES/d'",
    'unable to open database file',
    'database/server',
    /SQLite|sqlite/,
  ),
  dead(
    'root-certificate-missing',
    'The certificate that the connection to PostgreSQL is checked with is not there',
    `
      openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -days 2 -keyout $data/server.key -out $data/server.crt 2>/dev/null
      chown postgres:postgres $data/server.*; chmod 0600 $data/server.key
      edit_postgres postgresql.conf '$ a ssl = on'
      systemctl restart postgresql.service
      edit_package sed -i "s/'PORT': config.*/&\\n            'OPTIONS': {'sslmode': 'verify-full'},/" prism/settings.py`,
    'root certificate file',
    'database/server',
    /root\.crt/,
  ),
  dead(
    'pgpass-too-open',
    'The password stands in ~/.pgpass, which everybody may read',
    `
      echo "localhost:5432:prism:prism:$(sed -n s/^POSTGRES_PASSWORD=//p /run/secrets/prism-env)" > $state/.pgpass
      chown prism:prism $state/.pgpass; chmod 0644 $state/.pgpass
      edit_secrets /^POSTGRES_PASSWORD=/d`,
    'no password supplied',
    'database/login',
    /\.pgpass/,
  ),
  dead(
    'type-forking',
    'Type=forking, and a server that stays in the foreground',
    "edit_unit '/^ExecStartPre=/d; s/^Type=.*/Type=forking\\nTimeoutStartSec=4/'",
    'start operation timed out',
    'service/active',
    /its first process did not end within TimeoutStartSec=4s, which Type=forking/,
  ),
  dead(
    'notify-from-child',
    'Type=notify, and a shell between systemd and the server that notifies',
    `edit_unit "/^ExecStartPre=/d; s|^ExecStart=\\(.*\\)|ExecStart=/bin/sh -c '\\1; true'\\nTimeoutStartSec=4|"`,
    'start operation timed out',
    'service/active',
    /a child did, and NotifyAccess= hears the main process alone/,
  ),
  dead(
    'locale-not-installed',
    'The settings choose a locale that the machine does not have',
    settings("import locale\n\nlocale.setlocale(locale.LC_ALL, 'de_DE.UTF-8')"),
    'unsupported locale setting',
    'app/settings',
    /unsupported locale setting \(prism\/settings\.py:\d+\); the machine does not have/,
  ),
  dead(
    'gettext-missing',
    'The start compiles translations, and gettext is not installed',
    `edit_pre_start "$ a $package/bin/prism-manage compilemessages"`,
    'find msgfmt',
    'service/active',
    /msgfmt/,
  ),
  wrong(
    'file-cache-of-root',
    "The cache's directory belongs to root, and every page looks into it",
    `${settings("CACHES = {'default': {'BACKEND': 'django.core.cache.backends.filebased.FileBasedCache', 'LOCATION': '/var/cache/prism'}}\nMIDDLEWARE = ['django.middleware.cache.UpdateCacheMiddleware', *MIDDLEWARE, 'django.middleware.cache.FetchFromCacheMiddleware']")}
      install -d -m 0755 /var/cache/prism
      edit_unit 's|^ReadWritePaths=.*|& /var/cache/prism|'
      restart_app`,
    'answers 500',
    'state/ownership',
    /\/var\/cache\/prism/,
  ),
  wrong(
    'https-nowhere',
    'Django redirects to https, and nobody serves it',
    `${settings('SECURE_SSL_REDIRECT = True')}
      restart_app`,
    `answers 301 ${login} && answers 000 https://prism.midship.local/`,
    'http/proxy',
    /https/,
  ),
]
