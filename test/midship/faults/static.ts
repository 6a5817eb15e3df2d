import {type Fault, fault} from '../../container/fault.ts'

const plain = `edit_package sed -i \\
        -e 's/whitenoise.storage.CompressedManifestStaticFilesStorage/django.contrib.staticfiles.storage.StaticFilesStorage/' \\
        -e /WhiteNoiseMiddleware/d prism/settings.py`

/** What collectstatic leaves, what the application reads of it, and what visitors get. */
export const statics: readonly Fault[] = [
  fault(
    'settings-ignore-static-root',
    'The settings do not read STATIC_ROOT: the patch did not match',
    {
      inject: `edit_package sed -i "s,^STATIC_ROOT = .*,STATIC_ROOT = BASE_DIR / 'staticfiles'," prism/settings.py; crash_app`,
      broken: 'waits_for_retry && logged "Read-only file system"',
      expect: {exit: 2, rootCauses: ['static/root'], message: /STATIC_ROOT/},
    },
  ),
  fault(
    'static-root-relative',
    'STATIC_ROOT is relative to the working directory, which lies in the store',
    {
      inject: 'edit_unit s,STATIC_ROOT=.*,STATIC_ROOT=staticfiles,; crash_app',
      broken: 'waits_for_retry && logged "Read-only file system"',
      expect: {exit: 2, rootCauses: ['static/root'], message: /absolute|relative/},
    },
  ),
  fault('static-root-elsewhere', 'STATIC_ROOT lies where the sandbox lets nobody write', {
    inject:
      'install -d -o prism -g prism /srv/static; edit_unit s,STATIC_ROOT=.*,STATIC_ROOT=/srv/static,; crash_app',
    broken: 'waits_for_retry && logged "Read-only file system"',
    expect: {exit: 2, rootCauses: ['static/root'], message: /\/srv\/static/},
  }),
  fault('admin-files-gone', "The admin's static files are gone and nothing collects them again", {
    inject: `edit_pre_start '/ollect/d'; rm -r $static/admin; restart_app`,
    broken: 'answers 404 http://127.0.0.1:8000/static/admin/css/base.css',
    expect: {exit: 2, rootCauses: ['static/collected'], message: /admin/},
  }),
  fault(
    'static-dangling-link',
    'A link into a package that is gone lies among the static files: no worker boots',
    {
      inject: `
      ln -s $(store_path prism-django-unstable)/static/css/old.css $static/css/old.css
      chown -h prism:prism $static/css/old.css
      systemctl restart --no-block $unit
      until_true 40 waits_for_retry`,
      broken: 'logged "old.css"',
      expect: {exit: 2, rootCauses: ['static/collected'], message: /old\.css/},
    },
  ),
  fault('static-fifo', 'A FIFO lies among the static files', {
    inject:
      'mkfifo $static/css/pipe.css; chown prism:prism $static/css/pipe.css; systemctl restart --no-block $unit; until_true 40 waits_for_retry',
    broken: 'logged "pipe.css"',
    expect: {exit: 2, rootCauses: ['static/collected'], message: /pipe\.css/},
  }),
  fault(
    'manifest-of-a-later-django',
    'The manifest was written by a Django that this one does not know',
    {
      inject: `sed -i 's/"version": "1.1"/"version": "2.0"/' $static/staticfiles.json; crash_app`,
      broken: 'waits_for_retry && logged "load manifest"',
      expect: {exit: 2, rootCauses: ['static/manifest'], message: /2\.0/},
    },
  ),
  fault('manifest-empty', 'The manifest is empty: the disk was full when it was written', {
    inject: ': > $static/staticfiles.json; crash_app',
    broken: 'waits_for_retry && logged "load manifest"',
    expect: {exit: 2, rootCauses: ['static/manifest'], message: /staticfiles\.json/},
  }),
  fault('manifest-is-a-list', 'The manifest is JSON of another shape', {
    inject: "echo '[]' > $static/staticfiles.json; crash_app",
    broken: 'waits_for_retry && logged AttributeError',
    expect: {exit: 2, rootCauses: ['static/manifest'], message: /staticfiles\.json/},
  }),
  fault('manifest-unreadable', 'The service may not read its manifest', {
    inject: 'chmod 0000 $static/staticfiles.json; crash_app',
    broken: 'waits_for_retry && logged "Permission denied"',
    expect: {exit: 2, rootCauses: ['state/modes'], message: /staticfiles\.json/},
  }),
  fault('hashed-file-altered', 'A hashed file does not hold what its name says', {
    inject:
      'for file in $static/img/noise.????????????.png; do echo tail >> $file; done; restart_app',
    broken:
      'answers 200 && for file in $static/img/noise.????????????.png; do tail -n 1 $file | grep -a tail; done',
    expect: {exit: 2, rootCauses: ['static/integrity'], message: /noise/},
  }),
  fault('compressed-copy-stale', 'The compressed copy of a file decodes to something else', {
    inject:
      'for file in $static/css/site.????????????.css.gz; do echo "body{}" | gzip > $file; done; replace_workers',
    broken:
      'answers 200 && for file in $static/css/site.????????????.css.gz; do ! zcat $file | cmp -s - "$(dirname $file)/$(basename $file .gz)"; done',
    expect: {exit: 2, rootCauses: ['static/integrity'], message: /\.gz/},
  }),
  fault(
    'plain-static-stale',
    'Without a manifest an upgrade leaves the old files: the store has no times',
    {
      inject: `
      serve_static
      ${plain}
      rm -r $static/*; restart_app
      edit_package sed -i 's/7fd4ff/ff7f7f/' static/css/theme.css
      restart_app`,
      broken:
        'answers 200 && ! cmp -s $package/share/prism-django/static/css/theme.css $static/css/theme.css',
      expect: {exit: 1, rootCauses: ['static/fresh'], message: /theme\.css/},
    },
  ),
  fault(
    'collected-by-hand',
    'Someone collected by hand, and the running service has the old manifest',
    {
      inject: `
      edit_package sed -i 's/7fd4ff/ff7f7f/' static/css/theme.css
      restart_app; until_true 30 answers 200; sleep 1
      as_unit $package/bin/prism-collectstatic --clear >/dev/null`,
      broken:
        '[ $(stat -c %Y $static/staticfiles.json) -ge $(stat -c %Y /proc/$(main_pid)) ] && answers 200',
      expect: {exit: 1, rootCauses: ['static/fresh'], message: /staticfiles\.json|manifest/},
    },
  ),
  fault(
    'css-names-a-missing-file',
    'A style sheet of the new version names a file that is not in the package',
    {
      inject: `edit_package sed -i 's/noise.png/nose.png/' static/css/theme.css; crash_app`,
      broken: 'waits_for_retry && logged "nose.png"',
      expect: {exit: 2, rootCauses: ['service/active'], message: /nose\.png/},
    },
  ),
  fault(
    'css-not-utf8',
    'A style sheet of the new version is Latin-1: collectstatic cannot decode it, and does not name it',
    {
      inject: `edit_package sed -i '1i /* caf\\xe9 */' static/css/theme.css; crash_app`,
      broken: 'waits_for_retry && logged UnicodeDecodeError',
      expect: {exit: 2, rootCauses: ['service/active'], message: /css\/theme\.css/},
    },
  ),
  fault(
    'css-of-an-earlier-version',
    'A new version was deployed, and nothing collected its style sheet',
    {
      inject: `edit_package sed -i 's/7fd4ff/ff7f7f/' static/css/theme.css; edit_pre_start /ollect/d; restart_app`,
      broken: 'answers 200 && ! grep ff7f7f $static/css/theme.*',
      expect: {exit: 1, rootCauses: ['static/fresh'], message: /css\/theme\.css/},
    },
  ),
  fault('manifest-lacks-a-name', 'A name is missing from a manifest that is valid otherwise', {
    inject: `
      edit_pre_start /ollect/d
      sed -i 's,"css/site.css": "[^"]*"\\, ,,' $static/staticfiles.json
      ! grep '"css/site.css"' $static/staticfiles.json
      restart_app`,
    broken: 'answers 500 http://127.0.0.1:8000/accounts/login/',
    expect: {exit: 2, rootCauses: ['static/manifest'], message: /css\/site\.css/},
  }),
  fault('static-alias-wrong', 'nginx serves /static/ from a directory that does not exist', {
    inject: 'serve_static; edit_nginx "s,alias $static/,alias $state/static/,"',
    broken: 'answers 404 http://prism.midship.local/static/css/site.css && answers 200',
    expect: {exit: 2, rootCauses: ['static/served'], message: /prism-django\/static\/|404/},
  }),
  fault('static-prefix-taken', 'nginx has a location for /static/ that belongs to something else', {
    inject:
      'edit_nginx "s,^\\t\\tlocation / {,\\t\\tlocation /static/ {\\n\\t\\t\\treturn 410;\\n\\t\\t}\\n&,"',
    broken: 'answers 410 http://prism.midship.local/static/css/site.css && answers 200',
    expect: {exit: 2, rootCauses: ['static/served'], message: /410/},
  }),
]
