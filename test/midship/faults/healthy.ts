import {type Fault, fault} from '../../container/fault.ts'

export const healthy: Fault = {
  name: 'healthy',
  title: 'Nothing is wrong',
  inject: '',
  broken: '',
  expect: {exit: 0, rootCauses: []},
}

const works =
  'answers 200 http://prism.midship.local/accounts/login/ && answers 200 http://prism.midship.local/'
const variant = (name: string, title: string, inject: string) =>
  fault(`healthy-${name}`, title, {inject, broken: works, expect: {exit: 0, rootCauses: []}})

const storage = 'whitenoise.storage.CompressedManifestStaticFilesStorage'
const django = 'django.contrib.staticfiles.storage'

/** Other ways to be healthy: none of them is a fault. */
export const variants: readonly Fault[] = [
  variant(
    'unix-bind',
    'gunicorn listens on a socket behind nginx',
    `
      edit_unit 's,GUNICORN_BIND=.*,GUNICORN_BIND=unix:/run/prism-django/gunicorn.sock,'
      add_to_unit RuntimeDirectory=prism-django
      restart_app
      edit_nginx 's,http://127.0.0.1:8000,http://unix:/run/prism-django/gunicorn.sock,'`,
  ),
  variant(
    'socket-peer',
    'The database is asked over its socket, by peer: there is no password',
    `
      edit_secrets /^POSTGRES_PASSWORD=/d
      sql 'ALTER ROLE prism PASSWORD NULL'
      edit_unit s,POSTGRES_HOST=.*,POSTGRES_HOST=/run/postgresql,
      restart_app`,
  ),
  variant(
    'sequences-ahead',
    'Sequences lie ahead of their tables or are cached, and somebody numbered a row by hand',
    `
      sql "SELECT setval('django_migrations_id_seq', 5000), setval('auth_permission_id_seq', 900)" prism
      sql "ALTER SEQUENCE auth_user_id_seq CACHE 20" prism
      sql "INSERT INTO auth_group (id, name) VALUES (2000000000, 'everybody')" prism
      restart_app`,
  ),
  variant(
    'ident-unreached',
    'pg_hba.conf has a line for ident below the one that decides',
    `
      edit_postgres pg_hba.conf '$ a host all all 127.0.0.1/32 ident\\nhost all all ::1/128 ident'
      systemctl restart postgresql.service
      restart_app`,
  ),
  variant(
    'extension-there',
    'A migration creates an extension that the database has already',
    `
      sql 'CREATE EXTENSION pg_stat_statements' prism
      edit_package cp /dev/stdin lighthouse/migrations/0005_stats.py <<'EOF'
from django.contrib.postgres.operations import CreateExtension
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [('lighthouse', '0004_beacon_enabled')]
    operations = [CreateExtension('pg_stat_statements')]
EOF
      restart_app`,
  ),
  variant(
    'database-url',
    'The secrets hold DATABASE_URL in place of POSTGRES_*',
    `
      password=$(sed -n s/^POSTGRES_PASSWORD=//p /run/secrets/prism-env)
      edit_secrets "/^POSTGRES_USER/d; s,^POSTGRES_PASSWORD=.*,DATABASE_URL=postgres://prism:$password@localhost:5432/prism,"
      edit_unit /POSTGRES/d
      restart_app`,
  ),
  variant(
    'other-port',
    'A drop-in moves gunicorn to port 8080, and nginx follows',
    `
      mkdir $unit_link.d
      printf '[Service]\\nEnvironment=GUNICORN_BIND=127.0.0.1:8080\\n' > $unit_link.d/overrides.conf
      systemctl daemon-reload
      restart_app
      edit_nginx s,127.0.0.1:8000,127.0.0.1:8080,`,
  ),
  variant(
    'plain-static',
    'No WhiteNoise and no manifest: nginx serves /static/',
    `
      edit_package sed -i -e s/${storage}/${django}.StaticFilesStorage/ -e /WhiteNoiseMiddleware/d prism/settings.py
      systemctl stop $unit; find $static -mindepth 1 -delete; systemctl start $unit
      serve_static`,
  ),
  variant(
    'manifest-behind-nginx',
    'A manifest without WhiteNoise: nginx serves /static/',
    `
      edit_package sed -i -e s/${storage}/${django}.ManifestStaticFilesStorage/ -e /WhiteNoiseMiddleware/d prism/settings.py
      restart_app
      serve_static`,
  ),
  variant(
    'uvicorn',
    'uvicorn under Type=simple, with a start that waits for it to answer',
    `
      edit_unit 's,bin/prism-gunicorn,bin/prism-uvicorn,; s/^Type=.*/Type=simple/; s/GUNICORN_BIND=.*/UVICORN_HOST=127.0.0.1/'
      edit_unit 's/^Environment=GUNICORN_WORKERS=.*/Environment=UVICORN_PORT=8000/; /GUNICORN_TIMEOUT/d'
      edit_unit '/^ExecStartPre=/a ExecStartPost=/usr/bin/curl -fsS -o /dev/null --retry 40 --retry-delay 1 --retry-connrefused http://127.0.0.1:8000/accounts/login/'
      restart_app`,
  ),
  variant(
    'secrets-of-root',
    'The secrets belong to root: systemd reads them',
    'chown root:root /run/secrets/prism-env; restart_app',
  ),
  variant(
    'state-directory-setting',
    'StateDirectory= makes the state directory, in place of ReadWritePaths=',
    `
      edit_unit 's,^ReadWritePaths=.*,StateDirectory=prism-django\\nStateDirectoryMode=0750,'
      restart_app`,
  ),
  variant(
    'dynamic-user',
    'A dynamic user, whose state directory systemd keeps in /var/lib/private',
    `
      systemctl stop $unit
      install -d -m 0700 /var/lib/private
      cp -a $state /var/lib/private; rm -r $state; ln -s private/prism-django $state
      edit_unit 's/^User=.*/User=prism-web/; /^Group=/d; s,^ReadWritePaths=.*,DynamicUser=yes\\nStateDirectory=prism-django,'
      systemctl start $unit`,
  ),
  variant(
    'static-in-store',
    'The static files were collected when the package was built: STATIC_ROOT lies in the store, with a manifest',
    `
      edit_package cp -r $static staticfiles
      edit_pre_start /ollect/d
      edit_unit "s,STATIC_ROOT=.*,STATIC_ROOT=$package/share/prism-django/staticfiles,"
      restart_app`,
  ),
  variant(
    'files-of-earlier-versions',
    'Hashed files of an earlier version lie beside those of today',
    `
      edit_package sed -i s/7fd4ff/ff7f7f/ static/css/theme.css
      restart_app`,
  ),
  variant(
    'only-hashed',
    'WhiteNoise keeps only hashed names',
    `
      edit_package sed -i '$ a WHITENOISE_KEEP_ONLY_HASHED_FILES = True' prism/settings.py
      systemctl stop $unit; find $static -mindepth 1 -delete; systemctl start $unit`,
  ),
  variant(
    'with-brotli',
    'With the brotli module there is .br as well, and no .gz where that does not help',
    `
      edit_python ln -s /usr/lib/python3/dist-packages/brotli.py /usr/lib/python3/dist-packages/_brotli.*.so .
      restart_app`,
  ),
  variant(
    'with-redis',
    'A Redis that the unit requires, whose socket admits the service',
    `
      add_redis
      edit_unit 's/^\\(Requires\\|After\\)=postgresql.service/& redis-prism.service/'
      edit_unit 's,^Environment=SITE_NAME.*,&\\nEnvironment=REDIS_URL=unix:///run/redis-prism/redis.sock?db=0,'
      add_to_unit SupplementaryGroups=redis-prism
      restart_app`,
  ),
  variant(
    'password-in-quotes',
    'A password with blanks, quotes and dollar signs, quoted as systemd reads it',
    `
      sql "ALTER ROLE prism PASSWORD 'a b#c\\$HOME\\"d\\\\e'"
      edit_secrets '/^POSTGRES_PASSWORD=/d'
      printf '%s\\n' '# rotated' '' 'POSTGRES_PASSWORD="a b#c\\$HOME\\"d\\\\e"' >> /var/lib/sops-nix/prism-env
      systemctl restart sops-install-secrets.service
      restart_app`,
  ),
  variant(
    'cluster-prepared',
    'A cluster of the next major version was made beside the one that runs, for an upgrade to come',
    `
      next=$(($(basename $data) + 1))
      install -d -m 0750 -o postgres -g postgres /var/lib/postgresql/$next
      setpriv --reuid=postgres --regid=postgres --init-groups \\
        env -C / /usr/lib/postgresql/*/bin/initdb -D /var/lib/postgresql/$next --auth=peer >/dev/null
      echo $next > /var/lib/postgresql/$next/PG_VERSION`,
  ),
  variant(
    'https-redirect',
    'Plain HTTP is redirected to HTTPS, which ends elsewhere',
    `
      edit_package sed -i '$ a SECURE_SSL_REDIRECT = True\\nSECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")' prism/settings.py
      restart_app
      edit_nginx 's/X-Forwarded-Proto $scheme/X-Forwarded-Proto https/'`,
  ),
  variant(
    'bind-in-configuration',
    'Where gunicorn listens stands in its configuration alone',
    `
      edit_package sed -i "s/^bind = .*/bind = '127.0.0.1:8077'/" gunicorn.conf.py
      edit_unit /GUNICORN_BIND/d
      restart_app
      edit_nginx 's,127.0.0.1:8000,127.0.0.1:8077,'`,
  ),
  variant(
    'without-uploads',
    'Nothing was ever uploaded, and systemd reloaded its units',
    'rmdir $state/media; systemctl daemon-reload',
  ),
  variant(
    'credential',
    'SECRET_KEY comes from a file that systemd hands over',
    `
      sed -n s/^SECRET_KEY=//p /run/secrets/prism-env > /root/key; chmod 0400 /root/key
      edit_secrets /^SECRET_KEY=/d
      edit_package sed -i "s,^SECRET_KEY = .*,import os\\nSECRET_KEY = open(os.environ['CREDENTIALS_DIRECTORY'] + '/key').read().strip()," prism/settings.py
      add_to_unit LoadCredential=key:/root/key
      restart_app`,
  ),
  variant(
    'settings-defaults',
    'The settings have defaults for what the database is, its password too',
    `
      sql "ALTER ROLE prism PASSWORD 'lamp-oil'"
      edit_secrets /^POSTGRES_/d
      edit_package sed -i "s,config('POSTGRES_USER'),config('POSTGRES_USER'\\, default='prism'),; s,PASSWORD'\\, default='',PASSWORD'\\, default='lamp-oil'," prism/settings.py
      edit_unit /POSTGRES_/d
      restart_app`,
  ),
  variant(
    'optional-command',
    'The unit tries a command that is not there, and goes on without it',
    "edit_unit '/^ExecStartPre=/i ExecStartPre=-/nix/store/gone/bin/x'; restart_app",
  ),
  variant(
    'hardened',
    'A sandbox as tight as systemd can make it',
    `
      add_to_unit 'TemporaryFileSystem=/var:ro\\nBindPaths=/var/lib/prism-django\\nPrivateUsers=true\\nProtectProc=invisible\\nProcSubset=pid'
      add_to_unit 'RestrictNamespaces=true\\nSystemCallFilter=@system-service\\nMemoryDenyWriteExecute=true\\nUMask=0077'
      add_to_unit 'IPAddressDeny=any\\nIPAddressAllow=localhost\\nRestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX'
      restart_app`,
  ),
  variant(
    'socket-activated',
    'systemd listens for the service and hands it the socket',
    `
      file=$(mktemp)
      printf '[Unit]\\nDescription=Socket of Prism\\n[Socket]\\nListenStream=127.0.0.1:8000\\n[Install]\\nWantedBy=sockets.target\\n' > $file
      systemctl stop $unit
      switch_unit $file prism-django.socket
      edit_unit '/GUNICORN_BIND/d; s/^Requires=.*/& prism-django.socket/'
      systemctl start prism-django.socket $unit`,
  ),
  variant(
    'process-title',
    'gunicorn has written its title over its environment, as setproctitle does',
    `
      edit_package sh -c 'cat >> gunicorn.conf.py' <<'EOF'


def when_ready(server):
    import ctypes
    # proc_pid_stat(5): env_start and env_end.
    fields = open('/proc/self/stat').read().rsplit(')', 1)[1].split()
    ctypes.memset(int(fields[47]), 0, int(fields[48]) - int(fields[47]))
EOF
      restart_app
      until_true 10 eval '[ -z "$(tr -d "\\0" < /proc/$(main_pid)/environ)" ]'`,
  ),
  variant(
    'uploads-in-another-storage',
    'Uploads go to a storage of their own, and MEDIA_ROOT is not set',
    `
      edit_package sed -i "s/'default': {'BACKEND': 'django.core.files.storage.FileSystemStorage'}/'default': {'BACKEND': 'django.core.files.storage.InMemoryStorage'}/" prism/settings.py
      edit_unit /MEDIA_ROOT/d
      restart_app`,
  ),
  fault('starting', 'A new version is starting, and will migrate and collect by itself', {
    inject: `
      systemctl stop $unit
      find $static -mindepth 1 -delete
      edit_package cp /dev/stdin lighthouse/migrations/0005_note.py <<'EOF'
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [('lighthouse', '0004_beacon_enabled')]
    operations = [migrations.AddField('beacon', 'note', models.TextField(default=''))]
EOF
      edit_pre_start '2i sleep 60'
      systemctl start --no-block $unit
      until_true 10 is SubState start-pre`,
    broken: 'is ActiveState activating',
    // A warning that the service is starting, and nothing that it will mend itself.
    expect: {exit: 1, rootCauses: ['service/active'], message: /has been starting for/},
  }),
  variant(
    'set-on-the-way',
    'A wrapper and a script set what no unit shows, and one value is not ASCII',
    `
      install -D -o prism -g prism -m 0400 <(sed -n s/^POSTGRES_PASSWORD=//p /run/secrets/prism-env) /etc/prism/password
      edit_secrets /^POSTGRES_PASSWORD/d
      edit_unit '/POSTGRES_HOST/d; /USE_POSTGRES/d; /MEDIA_ROOT/d; s/SITE_NAME=Prism/SITE_NAME=Café/'
      edit_wrappers "s,^export DJANGO_SETTINGS_MODULE.*,&\\nexport USE_POSTGRES='true'\\nexport POSTGRES_HOST='localhost',"
      edit_wrappers 's,^export DJANGO_SETTINGS_MODULE.*,&\\nexport MEDIA_ROOT=\${MEDIA_ROOT-/var/lib/prism-django/media},'
      edit_wrappers 's,^export DJANGO_SETTINGS_MODULE.*,&\\nexport POSTGRES_PASSWORD="$(cat /etc/prism/password)",'
      restart_app`,
  ),
  variant(
    'search-path-in-options',
    "The tables lie in a schema to which the settings' OPTIONS lead",
    `
      sql 'ALTER SCHEMA public RENAME TO lamps; CREATE SCHEMA public' prism
      edit_package sed -i "s/'PORT': config.*/&\\n            'OPTIONS': {'options': '-c search_path=lamps'},/" prism/settings.py
      restart_app`,
  ),
  variant(
    'secrets-by-pattern',
    'EnvironmentFile= is a pattern',
    `
      mkdir /run/keys; cp -L --preserve=mode /run/secrets/prism-env /run/keys/a.env
      edit_unit 's,^EnvironmentFile=.*,EnvironmentFile=/run/keys/*.env,'
      restart_app`,
  ),
  variant('restarted', 'An operator restarted the service a second ago', 'restart_app'),
] satisfies readonly Fault[]
