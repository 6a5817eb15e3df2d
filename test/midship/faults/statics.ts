import {type Fault, fault} from '../../container/fault.ts'

const name = 'http://prism.midship.local'

/** nginx serves /static/ itself, and its location says this besides. */
const location = (lines: string) => `
      serve_static
      edit_nginx "s,alias $static/;,&${lines},"`

/** nginx serves uploads itself; one of them is an image. */
const uploads = (lines: string, path = '$state/media/') => `
      install -d -o prism -g prism -m 0755 $state/media
      printf '\\211PNG\\r\\n\\032\\n0123456789' > $state/media/lamp.png
      chown prism:prism $state/media/lamp.png; chmod 0644 $state/media/lamp.png
      chmod 0751 $state; chmod 0755 $state/media
      sed -i "s,^\\(d $state\\) 0750,\\1 0751,; s,^\\(d $state/media\\) 0750,\\1 0755," /etc/tmpfiles.d/00-nixos.conf
      edit_nginx "s,^\\t\\tlocation / {,\\t\\tlocation /media/ {\\n\\t\\t\\talias ${path};${lines}\\n\\t\\t}\\n&,"`

/** Another view of the application, at a path of its own. */
const view = (path: string, body: string) => `
      add_view() {
        printf '%s\\n' '' 'def extra(request):' '    import os, time' '    from django.http import HttpResponse' ${body} '    return HttpResponse("done")' '' 'urlpatterns.append(path("${path}", extra))' >> prism/urls.py
      }
      edit_package add_view
      restart_app
      until_true 10 answers 200`

const send = (bytes: number, path: string, more = '') =>
  `head -c ${bytes} /dev/zero | curl -s -o /dev/null -w '%{http_code}' -m 10 ${more} --data-binary @- ${name}${path}`

const silent = (each: string, title: string, inject: string, broken: string): Fault =>
  fault(`healthy-${each}`, title, {inject, broken, expect: {exit: 0, rootCauses: []}})

/** Files and their types, and what a front writes to its error log. */
export const served: readonly Fault[] = [
  // Report 2: jetify-com/devbox#2693.
  fault('static-without-mime-types', 'nginx serves /static/ and knows no types', {
    inject: `
      serve_static
      edit_nginx '/mime.types/d; /default_type/d'`,
    broken: `curl -sI ${name}/static/css/site.css | grep -i 'content-type: text/plain'`,
    expect: {
      exit: 2,
      rootCauses: ['static/served'],
      message:
        /\.css as text\/plain rather than text\/css, since nginx has no list of types.*nginx\.conf:\d+/,
    },
  }),
  fault('static-types-emptied', 'The location for /static/ empties the list of types', {
    inject: location('\\n\\t\\t\\ttypes { }\\n\\t\\t\\tdefault_type application\\/octet-stream;'),
    broken: `curl -sI ${name}/static/css/site.css | grep -i 'content-type: application/octet-stream'`,
    expect: {
      exit: 2,
      rootCauses: ['static/served'],
      message: /as application\/octet-stream .*types there lacks \.css.*nginx\.conf:\d+/,
    },
  }),
  fault('static-scripts-nosniff', 'Scripts have no type of their own, and nosniff is said', {
    inject: location(
      '\\n\\t\\t\\ttypes { text\\/css css; }\\n\\t\\t\\tdefault_type text\\/plain;\\n\\t\\t\\tadd_header X-Content-Type-Options nosniff;',
    ),
    broken: `curl -sI ${name}/static/admin/js/core.js | grep -i 'content-type: text/plain'`,
    expect: {
      exit: 2,
      rootCauses: ['static/served'],
      message: /\.js as text\/plain rather than text\/javascript, with nosniff/,
    },
  }),
  fault('static-module-unknown', "nginx's list of types lacks modules of JavaScript", {
    inject: `
      add_module() { find . -name site.css -path '*static*' | head -1 | while read -r sheet; do
        mkdir -p "\${sheet%/css/*}/js"; echo 'export const lamp = 1' > "\${sheet%/css/*}/js/lamp.mjs"; done; }
      edit_package add_module
      restart_app
      serve_static`,
    broken: `curl -sI ${name}/static/js/lamp.mjs | grep -i 'content-type: application/octet-stream'`,
    expect: {
      exit: 1,
      rootCauses: ['static/served'],
      message: /lamp\S*\.mjs as application\/octet-stream/,
    },
  }),
  fault(
    'static-location-of-admin',
    'A location of its own looks for the files of the admin elsewhere',
    {
      inject: `
      serve_static
      edit_nginx "s,^\\t\\tlocation / {,\\t\\tlocation /static/admin/ {\\n\\t\\t\\talias /srv/admin/;\\n\\t\\t}\\n&,"`,
      broken: `answers 404 ${name}/static/admin/css/base.css && answers 200 ${name}/static/css/site.css`,
      expect: {exit: 2, rootCauses: ['static/served'], message: /\/static\/admin\/\S+ with 404/},
    },
  ),
  fault('media-as-page', 'Uploads come as pages', {
    inject: uploads('\\n\\t\\t\\ttypes { }\\n\\t\\t\\tdefault_type text\\/html;'),
    broken: `curl -sI ${name}/media/lamp.png | grep -i 'content-type: text/html'`,
    expect: {
      exit: 1,
      rootCauses: ['static/served'],
      message: /\/media\/lamp\.png as text\/html rather than image\/png/,
    },
  }),
  fault('media-alias-without-slash', 'The alias for uploads lacks its slash', {
    inject: uploads('', '$state/media'),
    broken: `answers 404 ${name}/media/lamp.png`,
    expect: {
      exit: 2,
      rootCauses: ['static/served'],
      message: /the upload \/media\/lamp\.png with 404.*nginx\.conf:\d+/,
    },
  }),
  silent(
    'media-as-download',
    'Uploads come as downloads',
    uploads('\\n\\t\\t\\ttypes { }\\n\\t\\t\\tdefault_type application\\/octet-stream;'),
    `curl -sI ${name}/media/lamp.png | grep -i octet-stream`,
  ),
  silent(
    'media-internal',
    'Uploads are sent for the application alone',
    uploads('\\n\\t\\t\\tinternal;'),
    `answers 404 ${name}/media/lamp.png`,
  ),
  silent(
    'static-types-own',
    'A list of types of its own, with other names for the same',
    location(
      '\\n\\t\\t\\ttypes { text\\/css css; application\\/x-javascript js; image\\/svg+xml svg; image\\/png png; }\\n\\t\\t\\tdefault_type application\\/octet-stream;',
    ),
    `curl -sI ${name}/static/admin/js/core.js | grep -i x-javascript`,
  ),
  fault('upload-too-large', 'nginx takes less than a form sends', {
    inject: `[ "$(${send(2_000_000, '/accounts/login/')})" = 413 ]`,
    broken: 'logged "too large body" nginx.service && answers 200',
    expect: {
      exit: 1,
      rootCauses: ['http/log'],
      message: /refused to take .* once.*1\.9 MiB.*\/accounts\/login\/.*client_max_body_size 1m/,
    },
  }),
  silent(
    'upload-of-scanner',
    'Somebody sends much to pages that are not there',
    `for path in /wp-admin/async-upload.php /cgi-bin/x; do [ "$(${send(2_000_000, '$path')})" = 413 ]; done`,
    'logged "too large body" nginx.service',
  ),
  silent(
    'log-of-scanner',
    'Scanners ask for files that are not there, and for lists of them',
    `
      serve_static
      for path in /static/ /static/.env /static/../../etc/passwd '/static/%0a2026/11/27%2000:00:00%20%5Balert%5D%201%231:%209%20worker_connections%20are%20not%20enough'; do
        curl -g -s -o /dev/null --path-as-is "${name}$path"
      done`,
    'logged "failed (2: No such file" nginx.service',
  ),
  fault('upstream-header-too-big', 'One page sends more headers than nginx keeps', {
    inject: `
      ${view('big/', '\'    response = HttpResponse("done")\' \'    for n in range(9): response.set_cookie(f"c{n}", "x" * 1000)\' \'    return response\'')}
      answers 502 ${name}/big/`,
    broken: `answers 502 ${name}/big/ && answers 200`,
    expect: {
      exit: 1,
      rootCauses: ['http/log'],
      message: /headers did not fit \(\/big\/\): proxy_buffer_size/,
    },
  }),
  fault('upstream-too-slow', 'One page takes longer than nginx waits', {
    inject: `
      edit_nginx 's,^\\t\\t\\tproxy_pass,\\t\\t\\tproxy_read_timeout 2s;\\n&,'
      ${view('slow/', "'    time.sleep(4)'")}
      sleep 4
      [ "$(status_of ${name}/slow/)" = 504 ]`,
    broken: 'logged "upstream timed out" nginx.service && answers 200',
    expect: {
      exit: 1,
      rootCauses: ['http/log'],
      message: /gave up waiting .* once.*\/slow\/.*proxy_read_timeout 2s \(\S+nginx\.conf:\d+\)/,
    },
  }),
  fault('front-temp-of-root', "Somebody gave nginx's temporary files to root", {
    inject: `
      chown root:root /var/cache/nginx/client_body; chmod 0700 /var/cache/nginx/client_body
      [ "$(${send(200_000, '/accounts/login/')})" = 500 ]`,
    broken: 'logged "Permission denied" nginx.service && answers 200',
    expect: {
      exit: 2,
      rootCauses: ['http/log'],
      message: /temporary files to \/var\/cache\/nginx\/client_body/,
    },
  }),
  fault('front-temp-full', "The disk of nginx's temporary files is full", {
    inject: `
      owner=$(stat -c %u:%g /var/cache/nginx/client_body)
      mount -t tmpfs -o size=256k volume /var/cache/nginx/client_body
      chown "$owner" /var/cache/nginx/client_body
      head -c 200k /dev/zero > /var/cache/nginx/client_body/left
      [ "$(${send(500_000, '/accounts/login/')})" = 500 ]`,
    broken: 'logged "No space left on device" nginx.service && answers 200',
    expect: {
      exit: 2,
      rootCauses: ['http/log'],
      message: /no space left .*client_body/,
    },
  }),
  fault('front-connections', 'nginx has fewer connections than visitors', {
    inject: `
      edit_nginx 's/^events {/&\\n\\tworker_connections 10;/'
      crowd() {
        local fd
        for _ in $(seq 30); do exec {fd}<>/dev/tcp/127.0.0.1/80; printf 'GET / HTTP/1.1\\r\\n' >&$fd || true; done
        logged 'worker_connections are not enough' nginx.service
      }
      until_true 20 crowd`,
    broken: 'logged "worker_connections are not enough" nginx.service && answers 200',
    expect: {
      exit: 1,
      rootCauses: ['http/log'],
      message: /no connection left .*worker_connections 10 \(\S+nginx\.conf:\d+\)/,
    },
  }),
  fault('front-file-denied', 'nginx serves manuals from a directory that is closed to it', {
    inject: `
      mkdir -p /srv/manual; echo manual > /srv/manual/index.txt; chmod 0700 /srv/manual
      edit_nginx "s,^\\t\\tlocation / {,\\t\\tlocation /manual/ {\\n\\t\\t\\talias /srv/manual/;\\n\\t\\t}\\n&,"
      answers 403 ${name}/manual/index.txt`,
    broken: `answers 403 ${name}/manual/index.txt && answers 200`,
    expect: {
      exit: 2,
      rootCauses: ['http/log'],
      message: /may not open \/srv\/manual\/index\.txt .*\/srv\/manual \(mode 0700\)/,
    },
  }),
  fault('upstream-without-tls', 'nginx speaks TLS to a server without', {
    inject: `
      edit_unit 's,bin/prism-gunicorn,bin/prism-uvicorn,; s/^Type=.*/Type=simple/; s/GUNICORN_BIND=.*/UVICORN_HOST=127.0.0.1/'
      edit_unit 's/^Environment=GUNICORN_WORKERS=.*/Environment=UVICORN_PORT=8000/; /GUNICORN_TIMEOUT/d'
      restart_app
      until_true 20 answers 200
      edit_nginx s,http://127.0.0.1:8000,https://127.0.0.1:8000,`,
    broken: `answers 502 ${name}/accounts/login/ && answers 200`,
    expect: {
      exit: 2,
      rootCauses: ['http/proxy'],
      message: /SSL_do_handshake\(\) failed .*while SSL handshaking to upstream/,
    },
  }),
]
