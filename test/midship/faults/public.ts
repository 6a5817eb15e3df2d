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
  // CCExtractor/sample-platform#1139
  fault('orphan-holds-port', 'KillMode=process leaves the old server, which holds the port', {
    inject: `
      edit_unit "s|^ExecStart=\\(.*\\)|ExecStart=/bin/sh -c '\\1; exit 1'\\nKillMode=process\\nNotifyAccess=all|; s/^Type=.*/Type=simple/"
      restart_app; until_true 20 answers 200
      ${starts}
      until_true 40 eval 'logged "Connection in use"'
      until_true 40 waits_for_retry`,
    broken: 'waits_for_retry && logged "in use"',
    expect: {
      exit: 2,
      rootCauses: ['service/active'],
      message: /in use by gunicorn \(pid \d+\), which an earlier start of \S+ has left behind/,
    },
  }),
  // benoitc/gunicorn#2726
  fault('watchdog-unheard', 'WatchdogSec= is set, and the server never answers the watchdog', {
    inject: `
      edit_unit '/^ExecStartPre=/d'
      add_to_unit 'WatchdogSec=2'
      edit_unit 's/^RestartSec=.*/RestartSec=1/'
      restart_app
      until_true 40 eval '[ $(systemctl show -P NRestarts $unit) -ge 2 ]'`,
    broken: 'logged "Watchdog timeout"',
    expect: {exit: 2, rootCauses: ['service/active'], message: /WatchdogSec/},
  }),
  // numpy/numpy#15102, voilet/cmdb#33
  dead(
    'no-exec-paths',
    'NoExecPaths= covers the directory of a library',
    "add_to_unit 'NoExecPaths=/usr/lib/python3'",
    'failed to map segment',
    'app/settings',
    /NoExecPaths=.*failed to map segment/,
  ),
  // Clinical-Genomics/patientMatcher#341, pritunl/pritunl#316
  dead(
    'no-threads-left',
    'The limit of processes leaves no room for a thread',
    `${importing('import threading, time\n\nfor _ in range(40):\n    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()')}
      add_to_unit LimitNPROC=20`,
    "can't start new thread",
    'app/settings',
    /LimitNPROC=/,
  ),
  // meteostat/meteostat#171
  dead(
    'home-not-there',
    "A library keeps its cache in the user's home, which does not exist",
    `systemctl stop $unit; usermod -d /nonexistent prism
      ${importing("import os\n\nos.makedirs(os.path.expanduser('~/.cache/prism'), exist_ok=True)")}`,
    '/nonexistent',
    'app/settings',
    /\/nonexistent is the home of prism and does not exist/,
  ),
  // benoitc/gunicorn#2137
  dead(
    'socket-directory-of-root',
    'The directory of the socket was made by root',
    `
      install -d -m 0755 /run/prism
      edit_unit 's,GUNICORN_BIND=.*,GUNICORN_BIND=unix:/run/prism/gunicorn.sock,; s,^ReadWritePaths=.*,& /run/prism,'`,
    'Permission denied',
    'service/access',
    /prism may not make anything in \/run\/prism, .*root:root/,
  ),
  // benoitc/gunicorn#1785, #137
  dead(
    'server-changes-user',
    'gunicorn shall become another user, and systemd has made it one already',
    `useradd --system www-prism; edit_package sh -c 'echo "user = \\"www-prism\\"" >> gunicorn.conf.py'`,
    'not permitted',
    'service/active',
    /gunicorn is told to become another user or group, and runs as prism/,
  ),
  // benoitc/gunicorn#2774
  dead(
    'worker-class-missing',
    'gunicorn shall use gevent, which is not installed',
    `edit_package sh -c 'echo "worker_class = \\"gevent\\"" >> gunicorn.conf.py'`,
    'gevent',
    'service/active',
    /gevent/,
  ),
  // dsmrreader/dsmr-reader#1707
  dead(
    'driver-missing',
    "The environment lacks PostgreSQL's driver",
    'edit_python rm psycopg2',
    'Error loading psycopg2',
    'app/settings',
    /No module named 'psycopg2'/,
  ),
  // psycopg/psycopg2#1254, wger-project/wger#1409
  dead(
    'shared-library-missing',
    'The driver wants a version of libpq that the machine does not have',
    ownCopy('psycopg2', 'sed -i s/libpq.so.5/libpq.so.9/ psycopg2/*.so'),
    'libpq.so.9',
    'app/settings',
    /libpq\.so\.9/,
  ),
  // dsmrreader/dsmr-reader#1707, psycopg/psycopg2#1018
  dead(
    'undefined-symbol',
    'The driver was built against another libpq than the one that is there',
    ownCopy('psycopg2', 'sed -i s/PQencryptPasswordConn/PQencryptPasswordXonn/ psycopg2/*.so'),
    'undefined symbol',
    'app/settings',
    /undefined symbol: PQencryptPasswordXonn/,
  ),
  // webpy/webpy#793
  dead(
    'standard-module-removed',
    'Python was upgraded to a version that has no module cgi any more',
    importing('import cgi'),
    "No module named 'cgi'",
    'app/settings',
    /'cgi'.*; cgi was part of Python until 3\.12, and this is 3\.13/,
  ),
  // modoboa/modoboa#1965, unbit/uwsgi#2341
  dead(
    'pythonhome-elsewhere',
    'PYTHONHOME= leads to a Python that is not there any more',
    "edit_unit 's,^Environment=SITE_NAME.*,&\\nEnvironment=PYTHONHOME=/opt/python3.11,'",
    'encodings',
    'app/settings',
    /PYTHONHOME=\/opt\/python3\.11 of prism-django\.service/,
  ),
  // NixOS/nix-security-tracker#193
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
  // django/channels#1564, django/daphne#347
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
  // SUSE/pcw#134
  dead(
    'collectstatic-asks',
    'The start collects static files and is asked whether it is sure',
    "edit_wrappers 's/ collectstatic --noinput/ collectstatic/'",
    'EOF when reading a line',
    'service/active',
    /--noinput/,
  ),
  // DefectDojo/django-DefectDojo#15843
  wrong(
    'site-row-missing',
    'The row of the site is not the one that SITE_ID names',
    `${settings("INSTALLED_APPS += ['django.contrib.sites']\nSITE_ID = 1")}
      restart_app
      sql 'DELETE FROM django_site' prism`,
    'answers 500 http://127.0.0.1:8000/accounts/login/',
    'http/app',
    /Site matching query does not exist\..*; django_site has no row of the id that SITE_ID says/,
  ),
  // akvo/akvo-rsr#4884
  wrong(
    'cache-table-missing',
    'The cache lives in a table that nobody made',
    `${settings("CACHES = {'default': {'BACKEND': 'django.core.cache.backends.db.DatabaseCache', 'LOCATION': 'prism_cache'}}\nMIDDLEWARE = ['django.middleware.cache.UpdateCacheMiddleware', *MIDDLEWARE, 'django.middleware.cache.FetchFromCacheMiddleware']")}
      restart_app`,
    'answers 500 http://127.0.0.1:8000/accounts/login/',
    'http/app',
    /it is the table of the cache "default", which no migration makes/,
  ),
  // diladele/websafety#2416
  dead(
    'time-zone-split-off',
    'Debian moved the old names of time zones into a package of their own',
    `edit_package sed -i "s,^TIME_ZONE = .*,TIME_ZONE = 'US/Pacific'," prism/settings.py`,
    'US/Pacific',
    'app/settings',
    /\/usr\/share\/zoneinfo has no US\/Pacific/,
  ),
  // Uninett/nav#3324
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
  // containerd/nerdctl#3704
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
  // wagtail/wagtail#3484
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
  // allianceauth/allianceauth#966
  wrong(
    'alias-without-slash',
    'nginx: location /static/ with an alias that lacks the slash at its end',
    "serve_static; edit_nginx 's,alias \\(.*\\)/;,alias \\1;,'",
    `answers 404 ${style}`,
    'static/served',
    /answers \S+\.css with 404/,
  ),
  // umap-project/umap#248
  wrong(
    'static-served-by-nobody',
    'Neither nginx nor the application serves static files',
    "edit_package sed -i '/WhiteNoiseMiddleware/d' prism/settings.py; restart_app",
    `answers 404 ${style} && answers 200 ${login}`,
    'static/served',
    /neither the application nor nginx serves static files/,
  ),
  // omab/python-social-auth#527
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
  // netbox-community/netbox#1916
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
  // learningequality/ka-lite#503
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
    /bind\(\) to 0\.0\.0\.0:80 failed .*python3 \(pid \d+ of apache2\.service\)/,
  ),
  // medic/cht-core#2076
  wrong(
    'worker-connections',
    'nginx has too few connections for one visitor',
    `edit_nginx 's/^events {/&\\n\\tworker_connections 4;/'`,
    `answers 500 ${login} || answers 000 ${login}`,
    'http/proxy',
    /worker_connections/,
  ),
  // WikiWatershed/model-my-watershed#3196
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
  // cookiecutter/cookiecutter-django#675
  fault(
    'cookie-secure-on-http',
    'Nobody stays logged in: cookies are Secure and the site is http',
    {
      inject: `${settings('SESSION_COOKIE_SECURE = True\nCSRF_COOKIE_SECURE = True')}
      restart_app`,
      broken: `curl -si ${login} | grep -i "^set-cookie: csrftoken=.*secure" >/dev/null`,
      expect: {exit: 1, rootCauses: ['app/deploy'], message: /nobody can log in/},
    },
  ),
  // flatcar/Flatcar#176
  dead(
    'dev-null-closed',
    '/dev/null can be opened by root alone',
    `
      edit_unit 's/^PrivateDevices=.*/PrivateDevices=false/'
      ${importing("import subprocess\n\nsubprocess.run(['/bin/true'], stdout=subprocess.DEVNULL, check=True)")}
      chmod 0600 /dev/null`,
    '/dev/null',
    'service/access',
    /prism may not read \/dev\/null: .*mode 0600/,
  ),
  // paperless-ngx/paperless-ngx#9582
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
  // coderamp-labs/gitingest#189
  wrong(
    'allowed-hosts-as-list',
    'ALLOWED_HOSTS is written as a list of Python, and read as names with commas',
    `edit_unit "s/ALLOWED_HOSTS=.*/ALLOWED_HOSTS=['prism.midship.local','localhost','127.0.0.1']/"; restart_app`,
    `answers 400 ${login}`,
    'http/proxy',
    /brackets and quotes of a list are taken for a part of the names/,
  ),
  // DDMAL/cantus#362
  dead(
    'type-forking',
    'Type=forking, and a server that stays in the foreground',
    "edit_unit '/^ExecStartPre=/d; s/^Type=.*/Type=forking\\nTimeoutStartSec=4/'",
    'start operation timed out',
    'service/active',
    // While the start lasts, systemd waits for it; once it is over, it has waited.
    /Type=forking/,
  ),
  // webrecorder/pywb#391
  dead(
    'notify-from-child',
    'Type=notify, and a shell between systemd and the server that notifies',
    `edit_unit "/^ExecStartPre=/d; s|^ExecStart=\\(.*\\)|ExecStart=/bin/sh -c '\\1; true'\\nTimeoutStartSec=4|"`,
    'start operation timed out',
    'service/active',
    /NotifyAccess=/,
  ),
  // olhoneles/olhoneles#16
  dead(
    'locale-not-installed',
    'The settings choose a locale that the machine does not have',
    settings("import locale\n\nlocale.setlocale(locale.LC_ALL, 'de_DE.UTF-8')"),
    'unsupported locale setting',
    'app/settings',
    /unsupported locale setting \(prism\/settings\.py:\d+\); the machine does not have/,
  ),
  // WeblateOrg/weblate#7136
  dead(
    'gettext-missing',
    'The start compiles translations, and gettext is not installed',
    `edit_pre_start "$ a $package/bin/prism-manage compilemessages"`,
    'find msgfmt',
    'service/active',
    /msgfmt/,
  ),
  // dmarc-viewer/dmarc-viewer#10
  wrong(
    'file-cache-of-root',
    "The cache's directory belongs to root, and every page looks into it",
    `${settings("CACHES = {'default': {'BACKEND': 'django.core.cache.backends.filebased.FileBasedCache', 'LOCATION': '/var/cache/prism'}}\nMIDDLEWARE = ['django.middleware.cache.UpdateCacheMiddleware', *MIDDLEWARE, 'django.middleware.cache.FetchFromCacheMiddleware']")}
      install -d -m 0755 /var/cache/prism
      edit_unit 's|^ReadWritePaths=.*|& /var/cache/prism|'
      restart_app`,
    'answers 500',
    'http/app',
    /prism may not make anything in \/var\/cache\/prism, .* belongs to root:root, mode 0755/,
  ),
]

const page = 'http://prism.midship.local/'
const works = `answers 200 ${login} && answers 200 ${page} && answers 200 ${style}`
const variant = (name: string, title: string, inject: string, and = ''): Fault =>
  fault(`healthy-${name}`, title, {
    inject,
    broken: `${works}${and === '' ? '' : ` && ${and}`}`,
    expect: {exit: 0, rootCauses: []},
  })

const traced = `
      edit_package sh -c 'cat >> lighthouse/views.py; sed -i "/^MIDDLEWARE = /a \\\\    \\"lighthouse.views.trace\\"," prism/settings.py' <<'EOF'
def trace(get_response):
    def middleware(request):
        response = get_response(request)
        response['X-Trace'] = 'x' * 6000
        return response

    return middleware
EOF`

/** What looks like one of these faults, and is none. */
export const publicVariants: readonly Fault[] = [
  variant(
    'upstream-by-name',
    'nginx forwards to localhost, whose first address nobody listens at',
    "edit_nginx 's,http://127.0.0.1:8000,http://localhost:8000,'",
  ),
  variant(
    'alias-without-slashes',
    'Neither the location nor its alias ends with a slash',
    "serve_static; edit_nginx 's,location /static/,location /static,; s,alias \\(.*\\)/;,alias \\1;,'",
  ),
  variant(
    'root-of-static',
    'nginx serves /static/ below a root, by a link',
    `
      serve_static
      install -d /srv/www; ln -s $static /srv/www/static
      edit_nginx 's,alias .*;,root /srv/www;,'`,
  ),
  variant(
    'types-by-pattern',
    'A location for media types serves the static files, and serves them all',
    `
      serve_static
      install -d /srv/www; ln -s $static /srv/www/static
      edit_nginx 's,location /static/,location ~* \\.(css|js|svg|png|wav)$,; s,alias .*;,root /srv/www;,'`,
  ),
  variant(
    'database-cache',
    'The cache lives in a table that was made for it',
    `${settings("CACHES = {'default': {'BACKEND': 'django.core.cache.backends.db.DatabaseCache', 'LOCATION': 'prism_cache'}}\nMIDDLEWARE = ['django.middleware.cache.UpdateCacheMiddleware', *MIDDLEWARE, 'django.middleware.cache.FetchFromCacheMiddleware']")}
      edit_pre_start "$ a $package/bin/prism-manage createcachetable"
      restart_app`,
  ),
  variant(
    'sites',
    'The site has another name than the one that is served',
    `${settings("INSTALLED_APPS += ['django.contrib.sites']\nSITE_ID = 1")}
      restart_app`,
  ),
  variant(
    'columns-of-others',
    'Another program keeps a column, a view and a table in the same database',
    `
      sql 'ALTER TABLE lighthouse_beacon ADD COLUMN seen_by text' prism
      sql 'CREATE VIEW beacons AS SELECT name FROM lighthouse_beacon' prism
      sql 'CREATE TABLE grafana (id serial PRIMARY KEY)' prism`,
  ),
  variant(
    'long-headers',
    'Pages have long headers, and nginx has room for them',
    `${traced}
      restart_app
      edit_nginx 's,^.*proxy_set_header Host.*,&\\n\\t\\t\\tproxy_buffer_size 16k;\\n\\t\\t\\tproxy_buffers 4 16k;\\n\\t\\t\\tproxy_busy_buffers_size 32k;,'`,
  ),
  variant(
    'forwarded-host',
    'nginx sets X-Forwarded-Host, and Django believes it',
    `${settings('USE_X_FORWARDED_HOST = True')}
      restart_app
      edit_nginx 's,^.*proxy_set_header Host.*,&\\n\\t\\t\\tproxy_set_header X-Forwarded-Host $host;,'`,
  ),
  variant(
    'locale-c',
    'The locale is C, which Python takes for UTF-8, and the settings read a file that is not ASCII',
    `
      echo 'Fyrtårn' > /etc/prism-names
      ${settings("from pathlib import Path as P\n\nNAMES = P('/etc/prism-names').read_text()")}
      edit_unit 's,^Environment=SITE_NAME.*,&\\nEnvironment=LC_ALL=C,'
      restart_app`,
  ),
  variant(
    'without-home',
    "The user's home does not exist, and nobody needs it",
    'systemctl stop $unit; usermod -d /nonexistent prism; systemctl start $unit',
  ),
  variant(
    'hosts-by-domain',
    'ALLOWED_HOSTS admits a whole domain and an address of IPv6',
    'edit_unit "s/ALLOWED_HOSTS=.*/ALLOWED_HOSTS=.midship.local,localhost,127.0.0.1,[::1]/"; restart_app',
  ),
  variant(
    'notify-from-child',
    'A shell stands before the server, and systemd hears both',
    `
      edit_unit "s|^ExecStart=\\(.*\\)|ExecStart=/bin/sh -c '\\1; true'\\nNotifyAccess=all|"
      restart_app`,
  ),
  variant(
    'tried-imports',
    'Modules are tried one after the other, and the last one is there',
    `${importing('try:\n    import ujson as json\nexcept ImportError:\n    try:\n        import simplejson as json\n    except ImportError:\n        import json\n\ntry:\n    import imp\nexcept ImportError:\n    imp = None')}
      restart_app`,
  ),
  variant(
    'password-stripped',
    'The password comes from a file with a line break, which the settings take away',
    `
      sed -n s/^POSTGRES_PASSWORD=//p /run/secrets/prism-env > /root/db-password
      edit_secrets /^POSTGRES_PASSWORD=/d
      edit_package sed -i "s,'PASSWORD': .*,'PASSWORD': open(__import__('os').environ['CREDENTIALS_DIRECTORY'] + '/db').read().strip()\\,," prism/settings.py
      add_to_unit LoadCredential=db:/root/db-password
      restart_app`,
  ),
  variant(
    'no-exec-paths',
    'Only programs and libraries of the system may be executed',
    `
      add_to_unit 'NoExecPaths=/\\nExecPaths=/nix/store /usr -/lib -/lib64 -/bin'
      restart_app`,
  ),
  variant(
    'threads-and-pid-file',
    'gunicorn runs threads, and writes its PID into the runtime directory',
    `
      edit_package sh -c 'printf "worker_class = \\"gthread\\"\\nthreads = 2\\npidfile = \\"/run/prism-django/pid\\"\\n" >> gunicorn.conf.py'
      add_to_unit RuntimeDirectory=prism-django
      restart_app`,
  ),
]
