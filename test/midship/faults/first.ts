import type {Fault} from '../../container/fault.ts'

/** What the first version of the doctor must find. */
export const first: readonly Fault[] = [
  {
    name: 'unit-missing',
    title: 'The module that defines the unit is not imported any more',
    inject: `
      systemctl stop $unit
      rm $unit_link /etc/systemd/system/multi-user.target.wants/$unit
      systemctl daemon-reload`,
    broken: 'is LoadState not-found && answers 502 http://prism.midship.local/',
    expect: {exit: 2, rootCauses: ['service/unit'], message: /prism-django\.service/},
  },
  {
    name: 'unit-masked',
    title: 'The unit is linked to /dev/null (enable = false)',
    inject: `
      systemctl stop $unit
      ln -sfn /dev/null $unit_link
      systemctl daemon-reload`,
    broken: 'is LoadState masked && answers 502 http://prism.midship.local/',
    expect: {exit: 2, rootCauses: ['service/unit'], message: /masked/},
  },
  {
    name: 'static-root-missing',
    title: 'The unit sets no STATIC_ROOT: the default lies in the store',
    inject: `
      edit_unit '/STATIC_ROOT/d'
      crash_app`,
    broken: 'waits_for_retry && logged "Read-only file system"',
    expect: {exit: 2, rootCauses: ['static/root'], message: /STATIC_ROOT/},
  },
  {
    name: 'static-root-in-store',
    title: 'STATIC_ROOT points into the store',
    inject: `
      edit_unit "s,STATIC_ROOT=.*,STATIC_ROOT=$package/share/prism-django/staticfiles,"
      crash_app`,
    broken: 'waits_for_retry && logged "Read-only file system"',
    expect: {exit: 2, rootCauses: ['static/root'], message: /\/nix\/store/},
  },
  {
    name: 'static-never-collected',
    title: 'The unit does not collect, and nobody did',
    inject: `
      systemctl stop $unit
      edit_pre_start '/ollect/d'
      find $static -mindepth 1 -delete
      systemctl start $unit`,
    broken:
      'is ActiveState active && answers 500 && answers 500 http://127.0.0.1:8000/accounts/login/',
    expect: {exit: 2, rootCauses: ['static/collected'], message: /staticfiles/},
  },
  {
    name: 'manifest-missing',
    title: 'staticfiles.json was removed and the workers were replaced',
    inject: `
      rm $static/staticfiles.json
      replace_workers`,
    broken: 'is ActiveState active && answers 500',
    expect: {exit: 2, rootCauses: ['static/collected'], message: /staticfiles\.json/},
  },
  {
    name: 'manifest-truncated',
    title: 'staticfiles.json is cut off in the middle: not even collectstatic gets past it',
    inject: `
      truncate -s 4000 $static/staticfiles.json
      crash_app`,
    broken: 'waits_for_retry && logged "load manifest"',
    expect: {exit: 2, rootCauses: ['static/manifest'], message: /staticfiles\.json/},
  },
  {
    name: 'hashed-file-gone',
    title: 'A file that the manifest names is gone',
    inject: `
      rm $static/css/site.????????????.css*`,
    broken:
      'answers 200 && ! curl -fs http://127.0.0.1:8000$(curl -s http://127.0.0.1:8000/ | grep -o "/static/css/[^\\"]*")',
    expect: {exit: 2, rootCauses: ['static/manifest'], message: /css\/site\./},
  },
  {
    name: 'state-owned-by-root',
    title: 'The state directory belongs to root, as after a restore with sudo cp',
    inject: `
      chown -R root:root $state
      crash_app`,
    broken: 'waits_for_retry && logged "Permission denied"',
    expect: {exit: 2, rootCauses: ['state/ownership'], message: /root/},
  },
  {
    name: 'upload-owned-by-root',
    title: 'One uploaded file belongs to root; it can still be read',
    inject: `
      install -d -o prism -g prism $state/media/avatars
      install -o root -g root -m 0644 /dev/null $state/media/avatars/admin.png
      restart_app`,
    broken:
      '! setpriv --reuid=prism --regid=prism --init-groups test -w $state/media/avatars/admin.png',
    expect: {exit: 1, rootCauses: ['state/ownership'], message: /admin\.png/},
  },
  {
    name: 'collected-file-owned-by-root',
    title: 'Someone ran collectstatic as root once: what must be written anew belongs to root',
    inject: `
      chown root:root $static/css/*.gz $static/js/*.gz
      crash_app`,
    broken: 'waits_for_retry && logged "Permission denied"',
    expect: {exit: 2, rootCauses: ['state/ownership'], message: /root/},
  },
  {
    name: 'static-0700-behind-nginx',
    title: 'nginx serves /static/ itself and cannot enter the directory',
    inject: `
      serve_static
      chmod 0700 $static`,
    broken: 'answers 200 && answers 403 http://prism.midship.local/static/css/site.css',
    expect: {exit: 2, rootCauses: ['state/modes'], message: /0?700/},
  },
  {
    name: 'postgres-stopped',
    title: 'PostgreSQL was stopped, and the application with it',
    inject: 'systemctl stop postgresql.service',
    broken: 'is ActiveState inactive && is ActiveState inactive postgresql.service',
    expect: {exit: 2, rootCauses: ['database/server'], message: /5432/},
  },
  {
    name: 'wrong-password',
    title: "The password in the secrets is not the role's",
    inject: `
      edit_secrets 's/^POSTGRES_PASSWORD=.*/POSTGRES_PASSWORD=rotated/'
      crash_app`,
    broken: 'waits_for_retry && logged "password authentication failed"',
    expect: {exit: 2, rootCauses: ['database/login'], message: /prism/},
  },
  {
    name: 'database-missing',
    title: 'The database does not exist',
    inject: `
      systemctl stop $unit
      sql 'DROP DATABASE prism'
      crash_app`,
    broken: 'waits_for_retry && logged "database .prism. does not exist"',
    expect: {exit: 2, rootCauses: ['database/exists'], message: /prism.* does not exist/},
  },
  {
    name: 'role-missing',
    title: 'The role does not exist, which a client hears as a wrong password',
    inject: `
      systemctl stop $unit
      sql 'REASSIGN OWNED BY prism TO postgres' prism
      sql 'ALTER DATABASE prism OWNER TO postgres'
      sql 'DROP OWNED BY prism' prism
      sql 'DROP ROLE prism'
      crash_app`,
    broken: 'waits_for_retry && logged "password authentication failed"',
    expect: {exit: 2, rootCauses: ['database/login'], message: /role/i},
  },
  {
    name: 'secret-key-missing',
    title: 'The secrets hold no SECRET_KEY',
    inject: `
      edit_secrets '/^SECRET_KEY=/d'
      crash_app`,
    broken: 'waits_for_retry && logged "SECRET_KEY not found"',
    expect: {exit: 2, rootCauses: ['secrets/keys'], message: /SECRET_KEY/},
  },
  {
    name: 'postgres-username',
    title: 'The secrets say POSTGRES_USERNAME where the settings read POSTGRES_USER',
    inject: `
      edit_secrets 's/^POSTGRES_USER=/POSTGRES_USERNAME=/'
      crash_app`,
    broken: 'waits_for_retry && logged "POSTGRES_USER not found"',
    expect: {exit: 2, rootCauses: ['secrets/keys'], message: /POSTGRES_USERNAME/},
  },
  {
    name: 'module-missing',
    title: 'A Python package is not in the environment',
    inject: `
      edit_python rm decouple.py
      crash_app`,
    broken: `waits_for_retry && logged "No module named 'decouple'"`,
    expect: {exit: 2, rootCauses: ['app/settings'], message: /decouple/},
  },
  {
    name: 'port-taken',
    title: 'Another process holds 127.0.0.1:8000',
    inject: `
      systemctl stop $unit
      systemd-run --quiet --unit=squatter /usr/bin/python3 -m http.server --bind 127.0.0.1 --directory /srv 8000
      until_true 10 answers 200
      crash_app`,
    broken: 'waits_for_retry && answers 200 && is ActiveState active squatter.service',
    expect: {exit: 2, rootCauses: ['service/active'], message: /8000/},
  },
]
