import {type Fault, fault} from '../../container/fault.ts'

const site = 'http://prism.midship.local/accounts/login/'

/** What answers to HTTP, and the deployment as Django sees it. */
export const web: readonly Fault[] = [
  fault('host-not-allowed', 'ALLOWED_HOSTS lacks the name that nginx serves', {
    inject: 'edit_unit s/ALLOWED_HOSTS=prism.midship.local,/ALLOWED_HOSTS=/; restart_app',
    broken: `answers 400 ${site}`,
    expect: {exit: 2, rootCauses: ['http/proxy'], message: /prism\.midship\.local/},
  }),
  fault('nginx-wrong-port', 'nginx forwards to a port on which nothing listens', {
    inject: 'edit_nginx s,127.0.0.1:8000,127.0.0.1:8001,',
    broken: `answers 502 ${site} && answers 200`,
    expect: {exit: 2, rootCauses: ['http/proxy'], message: /8001/},
  }),
  fault(
    'socket-closed-to-nginx',
    "The application's socket lies in a directory that nginx may not pass",
    {
      inject: `
      edit_unit 's,GUNICORN_BIND=.*,GUNICORN_BIND=unix:/run/prism-django/gunicorn.sock,'
      add_to_unit 'RuntimeDirectory=prism-django\\nRuntimeDirectoryMode=0700'
      restart_app
      edit_nginx 's,http://127.0.0.1:8000,http://unix:/run/prism-django/gunicorn.sock,'`,
      broken: `answers 502 ${site}`,
      expect: {
        exit: 2,
        rootCauses: ['http/proxy'],
        message: /nginx may not pass \/run\/prism-django \(mode 0700\)/,
      },
    },
  ),
  fault('nginx-config-broken', 'nginx refuses its configuration, which lacks a semicolon', {
    inject: `
      old=$(sed -n 's/^ExecStart=.* -c //p' /etc/systemd/system/nginx.service); new=$(store_path nginx.conf)
      sed 's/server_tokens off;/server_tokens off/' $old > $new; seal $new
      edit_unit "s,$old,$new,g" nginx.service
      systemctl restart nginx.service
      until_true 10 is SubState auto-restart nginx.service`,
    broken: `answers 000 ${site} && answers 200`,
    expect: {
      exit: 2,
      rootCauses: ['http/proxy'],
      message: /"server_tokens" is not terminated by ";" in .*nginx\.conf/,
    },
  }),
  fault('nginx-stopped', 'nginx does not run', {
    inject: 'systemctl stop nginx.service',
    broken: `answers 000 ${site} && answers 200`,
    expect: {exit: 2, rootCauses: ['http/proxy'], message: /nginx/},
  }),
  fault('host-not-forwarded', 'nginx forwards the name of its upstream, which is no host name', {
    inject: `
      edit_nginx 's,^\\tserver {,\\tupstream prism_django {\\n\\t\\tserver 127.0.0.1:8000;\\n\\t}\\n&,'
      edit_nginx 's,http://127.0.0.1:8000,http://prism_django,; /proxy_set_header Host/d'`,
    broken: `answers 400 ${site}`,
    expect: {exit: 2, rootCauses: ['http/proxy'], message: /Host|prism_django/},
  }),
  fault('server-name-wrong', 'Another site of nginx answers in place of this one', {
    inject: `edit_nginx 's,^\\tserver {,\\tserver {\\n\\t\\tlisten 0.0.0.0:80;\\n\\t\\tserver_name prism.midship.local;\\n\\t\\treturn 404;\\n\\t}\\n&,'`,
    broken: `answers 404 ${site}`,
    expect: {
      exit: 2,
      rootCauses: ['http/proxy'],
      message: /404.*prism\.midship\.local|prism\.midship\.local.*404/,
    },
  }),
  fault('welcome-in-its-place', 'The default server has the same name, and welcomes to nginx', {
    inject: `edit_nginx 's,^\\tserver {,\\tserver {\\n\\t\\tlisten 0.0.0.0:80;\\n\\t\\tserver_name prism.midship.local;\\n\\t\\tdefault_type text/html;\\n\\t\\treturn 200 "<title>Welcome to nginx!</title>";\\n\\t}\\n&,'`,
    broken: `curl -s ${site} | grep 'Welcome to nginx' >/dev/null`,
    expect: {
      exit: 2,
      rootCauses: ['http/proxy'],
      message: /Welcome to nginx!.*nginx\.conf:17 takes the request/,
    },
  }),
  fault(
    'host-sent-twice',
    'nginx sends Host twice, as with recommendedProxySettings and a line of its own',
    {
      inject: "edit_nginx 's,^.*proxy_set_header Host.*,&\\n&,'",
      broken: `answers 400 ${site}`,
      expect: {
        exit: 2,
        rootCauses: ['http/proxy'],
        message: /sends Host twice \(.*nginx\.conf:23 and .*nginx\.conf:24\)/,
      },
    },
  ),
  fault('style-without-type', 'nginx serves /static/ itself and knows no media types', {
    inject: "serve_static; edit_nginx '/mime.types/d; s,application/octet-stream,text/plain,'",
    broken:
      'curl -sI http://prism.midship.local/static/css/theme.css | grep -i "content-type: text/plain" >/dev/null',
    expect: {
      exit: 2,
      rootCauses: ['static/served'],
      message: /nginx for prism\.midship\.local answers .*\.css as text\/plain/,
    },
  }),
  fault(
    'gunicorn-binds-elsewhere',
    'gunicorn binds another address than the one that it is given',
    {
      inject: `edit_package sed -i "s/^bind = .*/bind = '127.0.0.1:9000'/" gunicorn.conf.py; restart_app`,
      broken: 'answers 000 && answers 200 http://127.0.0.1:9000/',
      expect: {exit: 2, rootCauses: ['http/app'], message: /9000|8000/},
    },
  ),
  fault('page-fails', 'A template names a static file that does not exist', {
    inject: `edit_package sed -i 's,css/site.css,css/sight.css,' templates/registration/login.html; restart_app`,
    broken: 'answers 500 http://127.0.0.1:8000/accounts/login/',
    expect: {exit: 2, rootCauses: ['http/app'], message: /login\.html .*css\/sight\.css/},
  }),
  fault('workers-hang', 'The workers take requests and do not answer', {
    inject: 'pkill -STOP -P $(main_pid)',
    broken: 'is ActiveState active && answers 000',
    expect: {exit: 2, rootCauses: ['http/app'], message: /127\.0\.0\.1:8000/},
  }),
  fault('page-waits-for-lock', 'Pages wait for a table that a forgotten session has locked', {
    inject: `
      lock='BEGIN; LOCK TABLE django_session, auth_user IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(120)'
      setpriv --reuid=postgres --regid=postgres --init-groups psql -Xq prism -c "$lock" >/dev/null 2>&1 &
      until_true 10 eval 'sql "SELECT wait_event FROM pg_stat_activity" | grep -q PgSleep'`,
    broken: 'answers 000',
    expect: {
      exit: 2,
      rootCauses: ['http/app'],
      message: /lock that a session of role "postgres" holds/,
    },
  }),
  fault('debug-on', 'DEBUG is on', {
    inject: 'edit_unit s/DEBUG=false/DEBUG=true/; restart_app',
    broken: 'curl -s http://127.0.0.1:8000/nosuch | grep "DEBUG = True" >/dev/null',
    expect: {exit: 1, rootCauses: ['app/deploy'], message: /DEBUG/},
  }),
  fault('secret-key-weak', 'SECRET_KEY is one that startproject wrote', {
    inject: 'edit_secrets s/^SECRET_KEY=.*/SECRET_KEY=django-insecure-changeme/; restart_app',
    broken: 'answers 200',
    expect: {exit: 1, rootCauses: ['secrets/keys'], message: /SECRET_KEY/},
  }),
  fault('allowed-hosts-empty', 'ALLOWED_HOSTS admits nobody', {
    inject: 'edit_unit "s/ALLOWED_HOSTS=.*/ALLOWED_HOSTS=/"; crash_or_broken_app',
    broken: 'answers 400',
    expect: {exit: 2, rootCauses: ['http/app'], message: /ALLOWED_HOSTS/},
  }),
  fault('superuser-missing', 'No account may administer', {
    inject: "sql 'DELETE FROM auth_user' prism",
    broken: 'answers 200',
    expect: {exit: 1, rootCauses: ['app/superuser'], message: /no account in auth_user/},
  }),
  fault('superuser-inactive', 'The only administrator is inactive', {
    inject: "sql 'UPDATE auth_user SET is_active = false' prism",
    broken: 'answers 200',
    expect: {
      exit: 1,
      rootCauses: ['app/superuser'],
      message: /none of the 1 superusers? in auth_user is active/,
    },
  }),
]
