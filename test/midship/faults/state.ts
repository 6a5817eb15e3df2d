import {type Fault, fault} from '../../container/fault.ts'

/**
 * The state directory: whether it can be written, whose it is, who may pass, and what room it has.
 */
export const state: readonly Fault[] = [
  fault('state-directory-missing', 'The state directory was removed', {
    inject: 'rm -r $state; crash_app',
    broken: 'waits_for_retry && [ ! -e $state ]',
    expect: {exit: 2, rootCauses: ['state/directory'], message: /\/var\/lib\/prism-django/},
  }),
  fault('namespace-failure', 'ReadWritePaths= names a directory that does not exist', {
    inject: `edit_unit 's,^ReadWritePaths=.*,& /var/lib/prism-exports,'; crash_app`,
    broken: 'waits_for_retry && ! [ -e /var/lib/prism-exports ]',
    expect: {exit: 2, rootCauses: ['state/directory'], message: /\/var\/lib\/prism-exports/},
  }),
  fault(
    'not-writable-in-the-sandbox',
    'ProtectSystem=strict, and nothing lets the service write its state',
    {
      inject: `edit_unit '/^ReadWritePaths=/d'; crash_app`,
      broken: 'waits_for_retry && logged "Read-only file system"',
      expect: {exit: 2, rootCauses: ['state/directory'], message: /ReadWritePaths|read-only/i},
    },
  ),
  fault('state-mounted-read-only', 'The state directory is a volume that is mounted read-only', {
    inject: 'mount --bind $state $state; mount -o remount,ro,bind $state; crash_app',
    broken: 'waits_for_retry && logged "Read-only file system"',
    expect: {exit: 2, rootCauses: ['state/directory'], message: /read-only/i},
  }),
  fault('media-owned-by-root', 'Uploads cannot be stored: their directory belongs to root', {
    inject: 'chown root:root $state/media; chmod 0755 $state/media',
    broken: '! setpriv --reuid=prism --regid=prism --init-groups touch $state/media/x',
    expect: {exit: 2, rootCauses: ['state/ownership'], message: /media/},
  }),
  fault(
    'collected-directory-closed',
    'A directory of static files belongs to root and admits nobody else',
    {
      inject: 'chown root:root $static/css; chmod 0700 $static/css; crash_app',
      broken: 'waits_for_retry && logged "Permission denied"',
      expect: {exit: 2, rootCauses: ['state/ownership'], message: /css/},
    },
  ),
  fault('collected-file-unreadable', 'A hashed file may not be read by the service itself', {
    inject: 'chmod 0000 $static/css/site.????????????.css*',
    broken:
      '! curl -fs http://127.0.0.1:8000$(curl -s http://127.0.0.1:8000/ | grep -o "/static/css/[^\\"]*")',
    expect: {exit: 2, rootCauses: ['state/modes'], message: /css\/site\./},
  }),
  fault('state-0750-behind-nginx', 'nginx serves /static/ and cannot pass the state directory', {
    inject: 'serve_static; chmod 0750 $state',
    broken: 'answers 200 && answers 403 http://prism.midship.local/static/css/site.css',
    expect: {exit: 2, rootCauses: ['state/modes'], message: /751|0?750|nginx/},
  }),
  fault(
    'static-0700-unread',
    'The static directory is tighter than documented; only the service reads it',
    {
      inject: 'chmod 0700 $static',
      broken: 'answers 200',
      expect: {exit: 1, rootCauses: ['state/modes'], message: /0?700/},
    },
  ),
  fault(
    'uploads-in-the-store',
    'The unit sets no MEDIA_ROOT: uploads go to the default in the store',
    {
      inject: 'edit_unit /MEDIA_ROOT/d; restart_app',
      broken: 'answers 200',
      expect: {exit: 2, rootCauses: ['state/directory'], message: /does not set MEDIA_ROOT/},
    },
  ),
  fault('state-full', 'No byte is left for the state directory', {
    inject: `
      systemctl stop $unit
      small_volume $state 24m
      dd if=/dev/zero of=$state/media/export.zip bs=64k 2>/dev/null || true
      rm -f $static/staticfiles.json
      head -c 8k /dev/zero >> $state/media/export.zip || true
      chown prism:prism $state/media/export.zip
      crash_app`,
    broken: 'waits_for_retry && logged "No space left on device"',
    expect: {exit: 2, rootCauses: ['state/space'], message: /\/var\/lib\/prism-django/},
  }),
  fault('state-without-inodes', 'No inode is left for the state directory', {
    inject: `
      systemctl stop $unit
      small_volume $state 64m,nr_inodes=1200
      for i in $(seq 2000); do : > $state/media/$i || break; done 2>/dev/null
      rm $static/css/site.css
      : > $state/media/last
      chown -R prism:prism $state/media
      crash_app`,
    broken: 'waits_for_retry && logged "No space left on device"',
    expect: {exit: 2, rootCauses: ['state/space'], message: /inode/i},
  }),
  fault('postgres-full', "No byte is left for PostgreSQL's data", {
    inject: `
      systemctl stop postgresql.service
      small_volume $data 96m
      setpriv --reuid=postgres --regid=postgres --init-groups dd if=/dev/zero of=$data/junk bs=4k 2>/dev/null || true
      ! systemctl start postgresql.service
      systemctl start --no-block $unit; sleep 1`,
    broken: 'logged "No space left on device" postgresql.service',
    expect: {exit: 2, rootCauses: ['state/space'], message: /postgresql/},
  }),
]
