import {type Fault, fault} from '../../container/fault.ts'

const host = 'http://prism.midship.local'
const login = `${host}/accounts/login/`
const admin = `${host}/admin/login/`

/** Puts lines before `location / {` of nginx's only site, or into it. */
const before = (lines: string): string =>
  `edit_nginx 's,^\\t\\tlocation / {,${lines.replaceAll('\n', '\\n')}\\n&,'`
const within = (lines: string): string =>
  `edit_nginx 's,^\\t\\tlocation / {,&\\n${lines.replaceAll('\n', '\\n')},'`
/** What the location for all paths sends on. */
const headers = 'proxy_set_header Host $host; proxy_set_header X-Forwarded-Proto $scheme;'

const critical = (message: RegExp) => ({exit: 2, rootCauses: ['http/proxy'], message}) as const
const warning = (message: RegExp) => ({exit: 1, rootCauses: ['http/proxy'], message}) as const

/** What comes otherwise through a front than from the application. */
export const fronts: readonly Fault[] = [
  fault(
    'front-cuts-path-off',
    'A slash at the end of proxy_pass cuts /admin/ off (PatrowlManager#32)',
    {
      inject: before(`location /admin/ { proxy_pass http://127.0.0.1:8000/; ${headers} }`),
      broken: `answers 404 ${admin} && answers 200 http://127.0.0.1:8000/admin/login/ && answers 200 ${login}`,
      expect: critical(
        /\/admin\/login\/ with 404.*nginx\.conf:21\) puts "\/" in the place of "\/admin\/": \/login\/ arrives, which is 404/,
      ),
    },
  ),
  fault('front-cuts-unlinked-page', 'The same for a page that only the URLconf has', {
    inject: `
      edit_package sed -i "s|^    path('admin/'|    path('reports/all/', home),\\\\n&|" prism/urls.py
      restart_app
      ${before(`location /reports/ { proxy_pass http://127.0.0.1:8000/; ${headers} }`)}`,
    broken: `answers 404 ${host}/reports/all/ && answers 200 http://127.0.0.1:8000/reports/all/`,
    expect: critical(/\/reports\/all\/ with 404.*: \/all\/ arrives, which is 404/),
  }),
  fault('front-fails-lately', 'A page that visitors lately found failing does not come through', {
    inject: `
      edit_package sed -i "s|^    path('admin/'|    path('fishes/', home),\\\\n&|" prism/urls.py
      restart_app
      ${before('location = /fishes/ { proxy_pass http://127.0.0.1:8001; }')}
      sql 'ALTER TABLE lighthouse_beacon RENAME TO beacons' prism
      until_true 10 answers 500 http://127.0.0.1:8000/fishes/
      sql 'ALTER TABLE beacons RENAME TO lighthouse_beacon' prism
      curl -s http://127.0.0.1:8000/fishes/ >/dev/null`,
    broken: `answers 502 ${host}/fishes/ && answers 200 http://127.0.0.1:8000/fishes/`,
    expect: critical(/127\.0\.0\.1:8001 .*where nobody listens/),
  }),
  fault('front-forwards-two-hosts', 'nginx sends two names in X-Forwarded-Host (netbox#1916)', {
    inject: `
      edit_package sed -i '$ a USE_X_FORWARDED_HOST = True' prism/settings.py
      restart_app
      ${within('\t\t\tproxy_set_header X-Forwarded-Host "$host\\, $host";')}`,
    broken: `answers 400 ${login} && answers 200 http://127.0.0.1:8000/accounts/login/`,
    expect: critical(/sends X-Forwarded-Host twice \(.*nginx\.conf:/),
  }),
  fault(
    'front-takes-small-headers',
    'A page sends more headers than nginx takes (frappe/bench#1068)',
    {
      inject: `
      edit_package sed -i -e 's,^def home,def trace(get):\\n    def ask(request):\\n        answer = get(request)\\n        if request.path == "/":\\n            answer["X-Trace"] = "x" * 6000\\n        return answer\\n    return ask\\n\\n\\n&,' prism/urls.py
      edit_package sed -i 's,^MIDDLEWARE = .,&"prism.urls.trace"\\,,' prism/settings.py
      restart_app`,
      broken: `answers 200 && answers 502 ${host}/`,
      expect: critical(/answers 502 .*too big header/),
    },
  ),
  fault('https-of-nobody', 'Django redirects to https, and nobody serves that', {
    inject: "edit_package sed -i '$ a SECURE_SSL_REDIRECT = True' prism/settings.py; restart_app",
    broken: `answers 301 ${login}`,
    expect: critical(
      /redirects every visitor of prism\.midship\.local to https, where nobody listens/,
    ),
  }),
  fault(
    'front-host-twice-below',
    'nginx sends Host twice for the administration alone (netbox#6460)',
    {
      inject: before(
        `location /admin/ { proxy_pass http://127.0.0.1:8000; ${headers} proxy_set_header Host $host; }`,
      ),
      broken: `answers 400 ${admin} && answers 200 ${login}`,
      expect: critical(/sends Host twice/),
    },
  ),
  fault('hosts-are-urls', 'ALLOWED_HOSTS holds URLs (python-docs-samples#7516)', {
    inject: `edit_unit 's,ALLOWED_HOSTS=.*,ALLOWED_HOSTS=https://prism.midship.local\\,http://127.0.0.1,'; restart_app`,
    broken: `answers 400 ${login} && answers 400`,
    expect: {
      exit: 2,
      rootCauses: ['http/app'],
      message: /ALLOWED_HOSTS takes names, not URLs: prism\.midship\.local, 127\.0\.0\.1/,
    },
  }),
  fault(
    'front-dead-below',
    'nginx asks another port for the administration, where nobody listens',
    {
      inject: before(`location /admin/ { proxy_pass http://127.0.0.1:8001; ${headers} }`),
      broken: `answers 502 ${admin} && answers 200 ${login}`,
      expect: critical(/8001 \(.*nginx\.conf:21\), where nobody listens, and answers 502/),
    },
  ),
  fault('front-pattern-takes-page', 'A pattern for files takes a page of the administration', {
    inject: before(
      'location ~ /[.]ht { deny all; }\nlocation = /gone { return 404; }\nlocation ~ ^/admin/log { root /var/empty; }',
    ),
    broken: `answers 404 ${admin} && answers 200 ${login}`,
    expect: critical(
      /\/admin\/login\/ with 404, and the application with 200: .*nginx\.conf:23 takes it/,
    ),
  }),
  fault('front-plain-text', 'nginx hides the type of the pages and gives its own', {
    inject: before(
      `location /admin/ { proxy_pass http://127.0.0.1:8000; ${headers} proxy_hide_header Content-Type; add_header Content-Type text/plain; }`,
    ),
    broken: `curl -sI ${admin} | grep -i '^content-type: text/plain' >/dev/null`,
    expect: critical(/as text\/plain, and the application as text\/html/),
  }),
  fault('front-redirects-inside', 'nginx rewrites redirects to the address of the application', {
    inject: within('\t\t\tproxy_redirect / http://127.0.0.1:8000/;'),
    broken: `curl -sI ${host}/admin/ | grep -i '^location: http://127.0.0.1:8000/' >/dev/null`,
    expect: critical(
      /\/admin\/ redirects to http:\/\/127\.0\.0\.1:8000\/admin\/login\/.*where no visitor comes/,
    ),
  }),
  fault(
    'front-links-inside',
    'Pages link to the address of the application, whose name nginx forwards',
    {
      inject: `
      edit_package sed -i 's,<form,<a href="{{ request.scheme }}://{{ request.get_host }}/">Home</a><form,' templates/registration/login.html
      restart_app
      edit_nginx '/proxy_set_header Host/d'`,
      broken: `curl -s ${login} | grep 'http://127.0.0.1:8000' >/dev/null`,
      expect: warning(
        /links to http:\/\/127\.0\.0\.1:8000, where no visitor comes: nginx forwards the name 127\.0\.0\.1:8000/,
      ),
    },
  ),
  fault('front-keeps-cookies', 'nginx does not pass the cookies of the log-in on', {
    inject: before(
      `location /accounts/ { proxy_pass http://127.0.0.1:8000; ${headers} proxy_hide_header Set-Cookie; }`,
    ),
    broken: `! curl -sI ${login} | grep -i '^set-cookie' >/dev/null`,
    expect: critical(
      /lose the cookie csrftoken of .*\/accounts\/login\/.*nginx does not pass it on/,
    ),
  }),
  fault('front-cookie-path', 'nginx moves the cookies to a path that has no pages', {
    inject: within('\t\t\tproxy_cookie_path / /app/;'),
    broken: `curl -sI ${login} | grep -i '^set-cookie: .*path=/app/' >/dev/null`,
    expect: critical(/lose the cookie csrftoken .* nginx sends it for the path \/app\//),
  }),
  fault('cookie-of-another-name', "The form's cookie is for another name", {
    inject: `edit_package sed -i '$ a CSRF_COOKIE_DOMAIN = ".elsewhere.example"' prism/settings.py; restart_app`,
    broken: `curl -sI ${login} | grep -i '^set-cookie: .*elsewhere' >/dev/null`,
    expect: critical(
      /lose the cookie csrftoken .* the application sends it for elsewhere\.example/,
    ),
  }),
  fault('front-lets-keep', 'nginx lets browsers keep every page for a month', {
    inject: within('\t\t\texpires 30d;'),
    broken: `curl -sI ${login} | grep -i '^cache-control: max-age=2592000' >/dev/null`,
    expect: warning(/lets browsers keep .*\(max-age=2592000\), and the application forbids it/),
  }),
  fault('front-takes-slash', 'nginx takes the slash away that Django adds', {
    inject: before('\t\trewrite ^/(.+)/$ /$1 permanent;'),
    broken: `curl -sI ${login} | grep -i '^location: .*/accounts/login' >/dev/null && answers 301 ${host}/accounts/login`,
    expect: critical(
      /redirects to .*\/accounts\/login.*from there visitors are sent to .*\/accounts\/login\//,
    ),
  }),
  fault('front-other-page', 'Another program answers for the log-in of the administration', {
    inject: `
      mkdir -p /srv/other/admin/login; echo '<title>Wiki</title>' > /srv/other/admin/login/index.html
      systemd-run --quiet --unit=other python3 -m http.server --bind 127.0.0.1 --directory /srv/other 8003
      ${before('location /admin/ { proxy_pass http://127.0.0.1:8003; proxy_read_timeout 1s; }')}
      rm -r /srv/other/admin
      until_true 10 answers 404 http://127.0.0.1:8003/admin/login/`,
    broken: `answers 404 ${admin}`,
    expect: critical(
      /\/admin\/login\/ with 404, and the application with 200: .*nginx\.conf:21 takes it/,
    ),
  }),
]

const well = (name: string, title: string, inject: string, broken = `answers 200 ${login}`) =>
  fault(`healthy-front-${name}`, title, {inject, broken, expect: {exit: 0, rootCauses: []}})

/** Fronts that do something of their own, and mean it. */
export const frontsThatAreWell: readonly Fault[] = [
  well(
    'hides-admin',
    'nginx hides the administration',
    before('location /admin/ { return 404; }'),
    `answers 404 ${admin}`,
  ),
  well(
    'closes-admin',
    'nginx lets only one network administrate',
    before(
      `location /admin/ { allow 10.9.9.0/24; deny all; proxy_pass http://127.0.0.1:8000; ${headers} }`,
    ),
    `answers 403 ${admin}`,
  ),
  well(
    'password',
    'nginx asks for a password before the administration',
    `echo 'somebody:{PLAIN}secret' > /etc/prism.htpasswd
     ${before(`location /admin/ { auth_basic Prism; auth_basic_user_file /etc/prism.htpasswd; proxy_pass http://127.0.0.1:8000; ${headers} }`)}`,
    `answers 401 ${admin}`,
  ),
  well(
    'redirects',
    'nginx sends visitors of the front page on',
    before('location = / { return 302 /accounts/login/; }'),
    `answers 302 ${host}/`,
  ),
  well(
    'packs',
    'nginx packs pages and adds headers of its own',
    within(
      '\t\t\tgzip on; gzip_proxied any; add_header X-Frame-Options DENY always; add_header Strict-Transport-Security max-age=600 always; proxy_cookie_flags ~ samesite=lax;',
    ),
  ),
  well(
    'keeps-what-it-may',
    'nginx lets browsers keep a page that says nothing of that',
    before(`location = / { expires 1h; proxy_pass http://127.0.0.1:8000; ${headers} }`),
  ),
  well(
    'caches',
    'nginx answers from a cache',
    `edit_nginx 's,^\\tserver {,\\tproxy_cache_path /var/cache/nginx/pages keys_zone=pages:1m;\\n&,'
     ${within('\t\t\tproxy_cache pages; proxy_cache_valid 200 10m; proxy_ignore_headers Set-Cookie Cache-Control Expires Vary; add_header X-Cache-Status $upstream_cache_status;')}
     curl -s ${host}/ >/dev/null
     edit_package sed -i 's,<title>Prism</title>,<title>Prism 2</title>,' templates/home.html; restart_app`,
    `answers 200 ${host}/`,
  ),
  well(
    'changing-pages',
    'Pages have another title, number and nonce each time',
    `edit_package sed -i 's,<title>Log in to Prism</title>,<title>Log in at {% now "H:i:s u" %}</title><script nonce="{{ csrf_token }}"></script>,' templates/registration/login.html
     restart_app`,
  ),
  well(
    'files-beside',
    'A program for browsers lies at the root, and only /admin/ and /accounts/ lead to Django',
    `mkdir -p /srv/spa; echo '<title>Prism, the program</title>' > /srv/spa/index.html
     edit_nginx 's,^\\t\\tlocation / {,\\t\\troot /srv/spa;\\n\\t\\tlocation / { try_files $uri /index.html; }\\n\\t\\tlocation /admin/ { proxy_pass http://127.0.0.1:8000; ${headers} }\\n\\t\\tlocation /static/ { proxy_pass http://127.0.0.1:8000; ${headers} }\\n\\t\\tlocation /accounts/ {,'`,
  ),
  well(
    'limits',
    'nginx lets nobody ask more than once a second',
    `edit_nginx 's,^\\tserver {,\\tlimit_req_zone $binary_remote_addr zone=one:1m rate=1r/s;\\n&,'
     ${within('\t\t\tlimit_req zone=one;')}`,
    'true',
  ),
  well(
    'another-path',
    'nginx leads a second path to the administration',
    before(`location /office/ { proxy_pass http://127.0.0.1:8000/admin/; ${headers} }`),
    `answers 200 ${host}/office/login/`,
  ),
  well(
    'strangers',
    'nginx closes the connection of whom it does not like',
    before('location ~ ^/admin/ { return 444; }'),
    `answers 000 ${admin}`,
  ),
  well(
    'status-page',
    'A site of its own has 127.0.0.1, for the status of nginx',
    `ip addr add 192.0.2.7/24 dev lo 2>/dev/null || true
     edit_nginx 's,^\\tserver {,\\tserver {\\n\\t\\tlisten 127.0.0.1:80;\\n\\t\\tserver_name localhost;\\n\\t\\tlocation /nginx_status { stub_status; }\\n\\t}\\n&,'
     ip -o -4 addr show >&2`,
    'true',
  ),
  well(
    'tls-elsewhere',
    'Another machine ends TLS, and nginx passes on what it says',
    `edit_package sed -i '$ a SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")\\nSECURE_SSL_REDIRECT = CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE = True' prism/settings.py
     restart_app
     edit_nginx 's,X-Forwarded-Proto $scheme,X-Forwarded-Proto $http_x_forwarded_proto,'`,
    `answers 301 ${login} && [ "$(status_of -H 'X-Forwarded-Proto: https' ${login})" = 200 ]`,
  ),
  well(
    'old-names',
    'A second site sends visitors of an old name on',
    `edit_nginx 's,^\\tserver {,\\tserver {\\n\\t\\tlisten 0.0.0.0:80;\\n\\t\\tserver_name www.prism.midship.local;\\n\\t\\treturn 301 http://prism.midship.local$request_uri;\\n\\t}\\n&,'
     edit_unit s/ALLOWED_HOSTS=/ALLOWED_HOSTS=www.prism.midship.local,/; restart_app`,
  ),
  well(
    'ends-tls',
    'nginx ends TLS, and sends plain visitors there',
    `mkdir -p /etc/prism-tls
     openssl req -x509 -newkey rsa:2048 -nodes -days 300 -subj /CN=prism.midship.local -addext subjectAltName=DNS:prism.midship.local -keyout /etc/prism-tls/key.pem -out /etc/prism-tls/cert.pem 2>/dev/null; chmod 0644 /etc/prism-tls/key.pem
     edit_package sed -i '$ a SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")\\nSECURE_SSL_REDIRECT = True\\nCSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE = True' prism/settings.py
     restart_app
     edit_nginx 's,^\\t\\tlisten 0.0.0.0:80;,\\t\\tlisten 0.0.0.0:443 ssl;,; s,^\\t\\tlisten .::0.:80;,\\t\\tssl_certificate /etc/prism-tls/cert.pem; ssl_certificate_key /etc/prism-tls/key.pem;,; s,^\\tserver {,\\tserver {\\n\\t\\tlisten 0.0.0.0:80;\\n\\t\\tserver_name prism.midship.local;\\n\\t\\treturn 301 https://$host$request_uri;\\n\\t}\\n&,'`,
    `[ $(status_of -k https://prism.midship.local/accounts/login/) = 200 ]`,
  ),
]
