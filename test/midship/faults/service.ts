import {type Fault, fault} from '../../container/fault.ts'

/** The unit, who runs it, what it runs and what it needs. */
export const service: readonly Fault[] = [
  fault('unit-disabled', 'Nothing wants the unit: it will not start at the next boot', {
    inject: 'rm /etc/systemd/system/multi-user.target.wants/$unit; systemctl daemon-reload',
    broken: 'is WantedBy "" && answers 200',
    expect: {
      exit: 1,
      rootCauses: ['service/unit'],
      message: /nothing starts prism-django\.service at the next boot/,
    },
  }),
  fault('drop-in-not-loaded', 'A drop-in was written and systemd was not told', {
    inject: `
      mkdir $unit_link.d
      printf '[Service]\\nEnvironment=GUNICORN_WORKERS=4\\n' > $unit_link.d/overrides.conf`,
    broken: '! systemctl show -P Environment $unit | grep GUNICORN_WORKERS=4 && answers 200',
    expect: {
      exit: 1,
      rootCauses: ['service/unit'],
      message: /daemon-reload|overrides\.conf|read it again/,
    },
  }),
  fault(
    'switched-without-reload',
    'The link leads to another unit in the store, and systemd holds the old one',
    {
      inject: `
      object=$(store_path unit-$unit)
      mkdir $object; sed s/GUNICORN_WORKERS=2/GUNICORN_WORKERS=4/ $unit_link > $object/$unit; seal $object
      ln -sfn $object/$unit $unit_link`,
      broken: '! systemctl show -P Environment $unit | grep GUNICORN_WORKERS=4 && answers 200',
      expect: {
        exit: 1,
        rootCauses: ['service/unit'],
        message: /GUNICORN_WORKERS|unit-prism-django\.service|daemon-reload|loaded/,
      },
    },
  ),
  fault('unit-bad-setting', 'systemd cannot load the unit', {
    inject: `
      systemctl stop $unit
      edit_unit 's,^ExecStart=/,ExecStart=,'`,
    broken: 'is LoadState bad-setting',
    expect: {
      exit: 2,
      rootCauses: ['service/unit'],
      message: /:\d+: Neither a valid executable name/,
    },
  }),
  fault('user-missing', 'User= names nobody', {
    inject: 'edit_unit s/^User=prism/User=prysm/; crash_app',
    broken: 'waits_for_retry && ! getent passwd prysm',
    expect: {exit: 2, rootCauses: ['service/user'], message: /prysm/},
  }),
  fault('group-missing', 'Group= names nobody', {
    inject: 'edit_unit s/^Group=prism/Group=prysm/; crash_app',
    broken: 'waits_for_retry && ! getent group prysm',
    expect: {exit: 2, rootCauses: ['service/user'], message: /prysm/},
  }),
  fault('supplementary-group-missing', 'SupplementaryGroups= names a group that does not exist', {
    inject: 'add_to_unit SupplementaryGroups=redis-prism; crash_app',
    broken: 'waits_for_retry && ! getent group redis-prism',
    expect: {exit: 2, rootCauses: ['service/user'], message: /redis-prism/},
  }),
  fault('package-collected-as-garbage', 'The package was removed from the store', {
    inject: 'mv $package /root/; crash_app',
    broken: 'waits_for_retry && is Result exit-code && [ ! -e "$package" ]',
    expect: {exit: 2, rootCauses: ['service/package'], message: /prism-django-unstable/},
  }),
  fault('pre-start-collected-as-garbage', 'The pre-start script was removed from the store', {
    inject: 'mv "$(dirname "$(dirname "$pre_start")")" /root/; crash_app',
    broken: 'waits_for_retry && [ ! -e "$pre_start" ]',
    expect: {exit: 2, rootCauses: ['service/package'], message: /pre-start/},
  }),
  fault(
    'interpreter-collected-as-garbage',
    'The shell that the pre-start script names was removed from the store',
    {
      inject: `edit_pre_start "s,^#! *[^ ]*,#! $(store_path bash-5.3)/bin/bash,"; crash_app`,
      broken: 'waits_for_retry && logged "Failed at step EXEC" || is Result exit-code',
      expect: {
        exit: 2,
        rootCauses: ['service/package'],
        message: /bash-5\.3\/bin\/bash, which does not exist/,
      },
    },
  ),
  fault('program-not-in-package', 'The package lacks a program that the pre-start script calls', {
    inject: `
      edit_wrappers '$ a # without prism-migrate'
      chmod u+w $package/bin; rm $package/bin/prism-migrate
      crash_app`,
    broken: 'waits_for_retry && logged "prism-migrate: No such file"',
    expect: {exit: 2, rootCauses: ['service/active'], message: /prism-migrate does not exist/},
  }),
  fault('exec-misnamed', 'ExecStart= names a program that the package does not have', {
    inject: 'edit_unit s,bin/prism-gunicorn,bin/prism-unicorn,; crash_app',
    broken: 'waits_for_retry && is ExecMainStatus 203',
    expect: {exit: 2, rootCauses: ['service/package'], message: /prism-unicorn/},
  }),
  fault('old-package-running', 'A rebuild changed the package and nothing was restarted', {
    inject: `edit_package sed -i '$a # newer' lighthouse/migrations/0001_initial.py`,
    broken: '! tr "\\0" "\\n" < /proc/$(main_pid)/cmdline | grep -F "$package" && answers 200',
    expect: {exit: 1, rootCauses: ['service/package'], message: /prism-django-unstable/},
  }),
  fault(
    'new-version-not-restarted',
    'A new version was loaded, and the restart that migrates and collects is due',
    {
      inject: `
      edit_package cp /dev/stdin lighthouse/migrations/0005_note.py <<'EOF'
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [('lighthouse', '0004_beacon_enabled')]
    operations = [migrations.AddField('beacon', 'note', models.TextField(default=''))]
EOF
      edit_package sh -c 'echo "p { margin: 0 }" > static/css/new.css'`,
      broken: '! tr "\\0" "\\n" < /proc/$(main_pid)/cmdline | grep -F "$package" && answers 200',
      expect: {exit: 1, rootCauses: ['service/package'], message: /prism-django-unstable/},
    },
  ),
  fault(
    'environment-changed',
    'A rebuild changed the environment of the unit and nothing was restarted',
    {
      inject: 'edit_unit s/SITE_NAME=Prism/SITE_NAME=Lamp/',
      broken: 'tr "\\0" "\\n" < /proc/$(main_pid)/environ | grep -x SITE_NAME=Prism',
      expect: {exit: 1, rootCauses: ['service/package'], message: /: SITE_NAME$/},
    },
  ),
  fault('volume-not-mounted', 'The volume that the unit requires cannot be mounted', {
    inject: `
      file=$(mktemp)
      printf '[Mount]\\nWhat=/root/none\\nWhere=/mnt\\nType=ext4\\n' > $file
      switch_unit $file mnt.mount
      edit_unit '/^\\[Service/i RequiresMountsFor=/mnt\\n'
      ! systemctl restart $unit`,
    broken: 'is ActiveState inactive && is ActiveState failed mnt.mount',
    expect: {exit: 2, rootCauses: ['service/dependencies'], message: /mnt\.mount/},
  }),
  fault('required-unit-missing', 'Requires= names a unit that does not exist', {
    inject: `
      systemctl stop $unit
      edit_unit 's/^Requires=.*/& redis-prism.service/'
      ! systemctl start $unit`,
    broken: 'is ActiveState inactive',
    expect: {exit: 2, rootCauses: ['service/dependencies'], message: /redis-prism/},
  }),
  fault('required-unit-failed', 'Redis, which the unit requires, cannot start', {
    inject: `
      systemctl stop $unit
      add_redis
      edit_unit 's,^ExecStart=.*,ExecStart=/usr/bin/false,' redis-prism.service
      edit_unit 's/^\\(Requires\\|After\\)=postgresql.service/& redis-prism.service/'
      ! systemctl start $unit`,
    broken: 'is ActiveState inactive && is ActiveState failed redis-prism.service',
    expect: {exit: 2, rootCauses: ['service/dependencies'], message: /redis-prism/},
  }),
  fault('redis-socket-denied', "The service's user is not in the group of the Redis socket", {
    inject: `
      add_redis
      systemctl start redis-prism.service
      edit_unit 's,^Environment=SITE_NAME.*,&\\nEnvironment=REDIS_URL=unix:///run/redis-prism/redis.sock?db=0,'
      restart_app`,
    broken:
      '[ -S /run/redis-prism/redis.sock ] && ! setpriv --reuid=prism --regid=prism --init-groups test -w /run/redis-prism/redis.sock',
    expect: {exit: 2, rootCauses: ['service/dependencies'], message: /redis\.sock/},
  }),
  fault(
    'wsgi-import-error',
    'wsgi.py imports a module that does not exist: ready, then gone, over and over',
    {
      inject: `
      edit_package sed -i '1i import whitenose' prism/wsgi.py
      systemctl restart --no-block $unit
      until_true 30 waits_for_retry`,
      broken: `logged "No module named 'whitenose'"`,
      expect: {exit: 2, rootCauses: ['app/settings'], message: /whitenose/},
    },
  ),
  fault('settings-syntax-error', 'settings.py does not compile', {
    inject: `edit_package sed -i 's/^DEBUG = /DEBUG == = /' prism/settings.py; crash_app`,
    broken: 'waits_for_retry && logged SyntaxError',
    expect: {exit: 2, rootCauses: ['app/settings'], message: /SyntaxError|settings\.py/},
  }),
  fault('setting-without-value', 'The settings of a new version ask for a name that nobody gives', {
    inject: `
      edit_package sed -i "s/^LOGIN_REDIRECT_URL.*/TELEMETRY_URL = config('TELEMETRY_URL')/" prism/settings.py
      crash_app`,
    broken: 'waits_for_retry && logged "TELEMETRY_URL not found"',
    expect: {exit: 2, rootCauses: ['secrets/keys'], message: /TELEMETRY_URL/},
  }),
  fault('pre-start-timeout', 'A migration takes longer than TimeoutStartSec', {
    inject: `
      edit_pre_start '/bin.prism-migrate/i sleep 600'
      add_to_unit TimeoutStartSec=2
      crash_app`,
    broken: 'waits_for_retry && is Result timeout',
    expect: {exit: 2, rootCauses: ['service/active'], message: /TimeoutStartSec|time/i},
  }),
  fault(
    'migration-waits-for-lock',
    'A forgotten session holds the table that a migration changes',
    {
      inject: `
      systemctl stop $unit
      edit_package cp /dev/stdin lighthouse/migrations/0005_note.py <<'EOF'
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [('lighthouse', '0004_beacon_enabled')]
    operations = [migrations.AddField('beacon', 'note', models.TextField(default=''))]
EOF
      add_to_unit TimeoutStartSec=4
      systemd-run --quiet --unit=forgotten --uid=postgres psql -XqAt -d prism \\
        -c 'BEGIN' -c 'LOCK TABLE lighthouse_beacon' -c 'SELECT pg_sleep(600)'
      until_true 5 eval "sql \\"SELECT 1 FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted\\" prism | grep 1 >/dev/null"
      crash_app`,
      broken: 'waits_for_retry && is Result timeout',
      expect: {exit: 2, rootCauses: ['service/active'], message: /lock|4 ?s\b/},
    },
  ),
  fault('never-notifies', 'Type=notify, and a program that never says that it is ready', {
    inject: `
      edit_unit s,bin/prism-gunicorn,bin/prism-uvicorn,
      add_to_unit TimeoutStartSec=6
      crash_app`,
    broken: 'waits_for_retry && is Result timeout && logged "start operation timed out"',
    expect: {exit: 2, rootCauses: ['service/active'], message: /notify|ready/i},
  }),
  fault('stopped', 'Someone stopped the service', {
    inject: 'systemctl stop $unit',
    broken: 'is ActiveState inactive && answers 502 http://prism.midship.local/',
    expect: {
      exit: 2,
      rootCauses: ['service/active'],
      message: /prism-django\.service is inactive|stopped/,
    },
  }),
  fault(
    'pre-start-refuses',
    'The pre-start script ends with a code of its own, and calls nothing an error',
    {
      inject: `
      edit_pre_start '/bin.prism-migrate/i echo "the licence has run out"; exit 3'
      crash_app`,
      broken: 'waits_for_retry && logged "the licence has run out"',
      expect: {
        exit: 2,
        rootCauses: ['service/active'],
        message: /exited with 3.*the licence has run out/,
      },
    },
  ),
  fault('system-check-fails', 'A check of Django finds an error in a model', {
    inject: `
      edit_package sed -i '0,/models\\.[A-Z][A-Za-z]*(/s/models\\.[A-Za-z]*(/models.DecimalField(/' lighthouse/models.py
      crash_app`,
    broken: 'waits_for_retry && logged "System check identified some issues"',
    expect: {exit: 2, rootCauses: ['app/settings'], message: /fields\.E13\d/},
  }),
  fault('start-queued', 'The start waits for a unit that never finishes starting', {
    inject: `
      systemctl stop $unit
      printf '[Service]\\nType=oneshot\\nTimeoutStartSec=infinity\\nExecStart=/usr/bin/sleep infinity\\n' \\
        > /run/systemd/system/wait-for-nas.service
      edit_unit '/^\\[Unit\\]/a After=wait-for-nas.service'
      systemctl start --no-block wait-for-nas.service $unit`,
    broken: 'is ActiveState inactive && is ActiveState activating wait-for-nas.service',
    expect: {exit: 2, rootCauses: ['service/active'], message: /waits .*wait-for-nas\.service/},
  }),
  fault('credential-missing', 'LoadCredential= names a file that does not exist', {
    inject: 'add_to_unit LoadCredential=key:/run/keys/prism-key; crash_app',
    broken: 'waits_for_retry && [ ! -e /run/keys/prism-key ]',
    expect: {
      exit: 2,
      rootCauses: ['secrets/file'],
      message: /\/run\/keys\/prism-key does not exist/,
    },
  }),
  fault('start-limit', 'The cause was repaired, but the unit has given up', {
    inject: `
      edit_secrets '/^SECRET_KEY=/s/^/#/'
      edit_unit 's/^RestartSec=.*/RestartSec=100ms/'
      add_to_unit TimeoutStartSec=30
      edit_unit '/^\\[Unit\\]/a StartLimitIntervalSec=600\\nStartLimitBurst=2'
      systemctl restart --no-block $unit
      until_true 30 is ActiveState failed
      edit_secrets '/SECRET_KEY=/s/^#//'`,
    broken: 'is ActiveState failed && logged "Start request repeated too quickly"',
    expect: {
      exit: 2,
      rootCauses: ['service/active'],
      message: /gave up|reset-failed|start.limit|too quickly/i,
    },
  }),
  fault('condition-unmet', 'A condition of the unit is not met: start succeeds and does nothing', {
    inject: `
      systemctl stop $unit
      edit_unit '/^\\[Unit\\]/a ConditionPathExists=/var/lib/prism-django/enabled'
      systemctl start $unit`,
    broken: 'is ActiveState inactive && is ConditionResult no',
    expect: {exit: 2, rootCauses: ['service/active'], message: /[Cc]ondition/},
  }),
  fault(
    'service-killed-again-and-again',
    'The service runs when one looks, and is killed every few seconds',
    {
      inject: `
      edit_unit 's/^RestartSec=.*/RestartSec=100ms/'
      restart_app
      for _ in 1 2 3; do
        kill -9 $(main_pid); sleep 0.3
        until_true 30 is ActiveState active
      done`,
      broken: 'is ActiveState active && [ $(systemctl show -P NRestarts $unit) -ge 3 ]',
      expect: {
        exit: 2,
        rootCauses: ['service/active'],
        message: /KILL|killed|restarted \d+ times|NRestarts/,
      },
    },
  ),
]
