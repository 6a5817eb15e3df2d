/**
 * The failures that this program is measured by: 134 of them, each with a message that was really seen, where one is seen,
 * and what shows that it is recognised. Ids are those of the collection: S static files, D PostgreSQL, U systemd, C secrets,
 * G gunicorn, Django and nginx, N NixOS.
 */
export interface CorpusEntry {
  readonly title: string
  readonly proofs: readonly Proof[]
  /** Where nothing can show it: why, in a sentence. */
  readonly outOfReach?: string
}

export type Proof =
  /** A case of test/midship: the fault itself, or a healthy machine that must stay silent. */
  | {readonly kind: 'midship'; readonly name: string}
  /** A message of the journal that the table of signatures knows. */
  | {readonly kind: 'message'; readonly text: string; readonly by: 'service' | 'systemd'}
  /** A test: its file below test/, and words of its title. */
  | {readonly kind: 'test'; readonly file: string; readonly title: string}

const on = (name: string): Proof => ({kind: 'midship', name})
const says = (text: string): Proof => ({kind: 'message', text, by: 'service'})
const systemd = (text: string): Proof => ({kind: 'message', text, by: 'systemd'})
const tested = (file: string, title: string): Proof => ({kind: 'test', file, title})

function seen(title: string, ...proofs: readonly Proof[]): CorpusEntry {
  return {title, proofs}
}

function unseen(title: string, outOfReach: string): CorpusEntry {
  return {title, proofs: [], outOfReach}
}

const refused = 'django.db.utils.OperationalError: connection to server at "127.0.0.1", port 5432 failed: '

export const corpus: Readonly<Record<string, CorpusEntry>> = {
  S1: seen(
    'a static file has no entry in the manifest',
    says("ValueError: Missing staticfiles manifest entry for 'css/app.css'"),
    on('page-fails'),
    on('manifest-missing'),
    on('manifest-lacks-a-name'),
  ),
  S2: seen(
    'STATIC_ROOT is unset',
    says(
      "django.core.exceptions.ImproperlyConfigured: You're using the staticfiles app without having set the STATIC_ROOT setting to a filesystem path.",
    ),
    on('static-root-missing'),
  ),
  S3: seen(
    'STATIC_ROOT lies in the store',
    says("OSError: [Errno 30] Read-only file system: '/nix/store/x-prism/share/prism-django/staticfiles'"),
    on('static-root-in-store'),
    on('healthy-static-in-store'),
  ),
  S4: seen(
    'the times of the store keep old copies',
    on('plain-static-stale'),
    on('css-of-an-earlier-version'),
    tested('checks/static/fresh.test.ts', 'without a manifest the files themselves are compared'),
  ),
  S5: seen(
    'the manifest is cut off, empty or of another shape',
    says("ValueError: Couldn't load manifest 'staticfiles.json' (version 1.1)"),
    says("AttributeError: 'list' object has no attribute 'get'"),
    on('manifest-truncated'),
    on('manifest-empty'),
    on('manifest-is-a-list'),
  ),
  S6: seen(
    'the manifest is of a later Django',
    says("ValueError: Couldn't load manifest 'staticfiles.json' (version 1.0)"),
    on('manifest-of-a-later-django'),
  ),
  S7: seen(
    'a hashed file is gone',
    on('hashed-file-gone'),
    tested('checks/static/served.test.ts', 'the surviving .gz hides it'),
  ),
  S8: seen(
    'a hashed file holds something else',
    on('hashed-file-altered'),
    tested('checks/static/integrity.test.ts', 'hashes in its own way'),
  ),
  S9: seen('collected while the service runs', on('collected-by-hand')),
  S10: seen(
    '"No directory at" is said and means nothing',
    says(
      '/nix/store/x/django/core/handlers/base.py:61: UserWarning: No directory at: /var/lib/prism-django/staticfiles/',
    ),
    on('static-never-collected'),
  ),
  S11: seen(
    'an unreadable directory keeps workers from booting',
    says("PermissionError: [Errno 13] Permission denied: '/var/lib/prism-django/staticfiles/css'"),
    on('collected-directory-closed'),
    on('collected-file-unreadable'),
  ),
  S12: seen(
    'a dangling link or a FIFO',
    says("FileNotFoundError: [Errno 2] No such file or directory: '/var/lib/prism-django/staticfiles/css/dang.css'"),
    says('whitenoise.responders.NotARegularFileError: Not a regular file: /var/lib/prism-django/staticfiles/pipe.css'),
    on('static-dangling-link'),
    on('static-fifo'),
  ),
  S13: seen(
    'a style sheet names a missing file',
    says(
      "whitenoise.storage.MissingFileError: The file 'css/nope.png' could not be found with <whitenoise.storage.CompressedManifestStaticFilesStorage object at 0x7f2>.",
    ),
    on('css-names-a-missing-file'),
  ),
  S14: seen(
    'a source map is missing',
    says(
      "whitenoise.storage.MissingFileError: The file 'js/app.js.map' could not be found with <whitenoise.storage.CompressedManifestStaticFilesStorage object at 0x7f2>.",
    ),
  ),
  S15: seen(
    'style sheets import each other',
    says('RuntimeError: Max post-process passes exceeded.'),
    tested('findings/uncollectable.test.ts', 'style sheets that import one another are named'),
  ),
  S16: seen(
    'a style sheet is not UTF-8',
    says("UnicodeDecodeError: 'utf-8' codec can't decode byte 0xe9 in position 12: invalid continuation byte"),
    on('css-not-utf8'),
  ),
  S17: seen(
    'the disk is full',
    says('OSError: [Errno 28] No space left on device'),
    on('state-full'),
    on('state-without-inodes'),
  ),
  S18: seen(
    'read-only in the namespace of the service alone',
    says("OSError: [Errno 30] Read-only file system: '/var/lib/prism-django/staticfiles'"),
    on('not-writable-in-the-sandbox'),
  ),
  S19: seen(
    'half of the tree belongs to root',
    says(
      "PermissionError: [Errno 13] Permission denied: '/var/lib/prism-django/staticfiles/css/b.7364d97d9cc5.css.br'",
    ),
    on('collected-file-owned-by-root'),
  ),
  S20: seen(
    'STATICFILES_STORAGE is ignored since Django 5.1',
    tested('checks/static/collected.test.ts', 'STATICFILES_STORAGE'),
  ),
  S21: seen('a compressed copy is stale', on('compressed-copy-stale'), on('healthy-with-brotli')),
  S22: seen('STATIC_URL and the location of nginx differ', on('static-prefix-taken'), on('static-alias-wrong')),
  S23: seen(
    'nginx serves static files and cannot read them',
    on('static-0700-behind-nginx'),
    on('state-0750-behind-nginx'),
  ),
  S24: unseen(
    'an ETag made of the time of the store',
    'Two versions of an unhashed file with the same size are needed, and what a browser keeps is not on this machine.',
  ),
  D1: seen(
    'the connection is refused',
    says(`${refused}Connection refused`),
    on('postgres-stopped'),
    on('postgres-without-tcp'),
    on('private-network'),
  ),
  D2: seen(
    'the socket is missing',
    says(
      'django.db.utils.OperationalError: connection to server on socket "/run/postgresql/.s.PGSQL.5432" failed: No such file or directory',
    ),
    on('postgres-socket-elsewhere'),
  ),
  D3: seen(
    'nobody answers',
    says('django.db.utils.OperationalError: connection timeout expired'),
    on('postgres-hangs'),
  ),
  D4: seen(
    'the name of the server is unknown',
    says("django.db.utils.OperationalError: failed to resolve host 'db.invalid': [Errno -2] Name or service not known"),
    on('postgres-host-unknown'),
    on('address-families'),
  ),
  D5: seen(
    '28P01 and its four causes',
    says(`${refused}FATAL:  password authentication failed for user "prism"`),
    on('wrong-password'),
    on('role-missing'),
    on('role-without-password'),
    on('password-expired'),
  ),
  D6: seen('ensureUsers sets no password', on('role-without-password')),
  D7: seen('no password is given', says(`${refused}fe_sendauth: no password supplied`), on('password-missing')),
  D8: seen('the secret and the role differ', on('wrong-password'), on('secrets-changed-not-restarted')),
  D9: seen(
    'no line of pg_hba.conf',
    says(
      `${refused}FATAL:  no pg_hba.conf entry for host "127.0.0.1", user "prism", database "otherdb", no encryption`,
    ),
    on('hba-without-entry'),
  ),
  D10: seen(
    'peer authentication fails',
    says(
      'django.db.utils.OperationalError: connection to server on socket "/run/postgresql/.s.PGSQL.5432" failed: FATAL:  Peer authentication failed for user "prism"',
    ),
    on('peer-of-another-user'),
    on('healthy-socket-peer'),
  ),
  D11: seen(
    'the role does not exist',
    says(`${refused}FATAL:  role "nobody" does not exist`),
    tested('checks/database/login.test.ts', 'a role that does not exist'),
  ),
  D12: seen(
    'the role may not log in',
    says(`${refused}FATAL:  role "nologin" is not permitted to log in`),
    on('role-may-not-log-in'),
  ),
  D13: seen(
    'the database does not exist',
    says(`${refused}FATAL:  database "prism" does not exist`),
    on('database-missing'),
    on('database-case'),
  ),
  D14: seen(
    'CONNECT is revoked, or the database is closed',
    says(`${refused}FATAL:  permission denied for database "prism"`),
    says(`${refused}FATAL:  database "prism" is not currently accepting connections`),
    on('connect-revoked'),
    on('database-closed'),
  ),
  D15: seen(
    'the server is starting or stopping',
    says(`${refused}FATAL:  the database system is starting up`),
    tested('checks/database/server.test.ts', 'because it is starting, or starting again and again'),
  ),
  D16: seen(
    'too many connections',
    says(`${refused}FATAL:  sorry, too many clients already`),
    says(`${refused}FATAL:  too many connections for role "prism"`),
    on('too-many-connections'),
  ),
  D17: seen(
    'the schema public takes nothing',
    says(
      'django.db.migrations.exceptions.MigrationSchemaMissing: Unable to create the django_migrations table (permission denied for schema public',
    ),
    on('may-not-create'),
  ),
  D18: seen("PostgreSQL's disk is full", on('postgres-full')),
  D19: seen(
    'the collation has another version',
    tested('checks/database/health.test.ts', 'another version of the collation'),
  ),
  D20: seen(
    'the data directory is of another major version',
    tested('facts/postgres/server-log.test.ts', 'the last fatal words, with their detail'),
  ),
  D21: seen(
    'the service starts before the database is set up',
    says(`${refused}FATAL:  role "prism" does not exist`),
    tested('checks/database/login.test.ts', 'when it failed, in its own words'),
    tested('checks/database/login.test.ts', 'while it is still running, and once it has run'),
  ),
  D22: seen(
    'a new, empty cluster',
    on('empty-cluster'),
    tested('checks/database/cluster.test.ts', 'also after the service has migrated the new one'),
    tested('checks/database/cluster.test.ts', 'an old directory that was kept is no fault'),
    on('healthy-cluster-prepared'),
  ),
  D23: seen('the data directory is open to others', on('postgres-data-mode')),
  D24: seen('PostgreSQL cannot make its socket', on('postgres-socket-directory-missing')),
  D25: seen(
    'everything is read-only',
    says('django.db.utils.InternalError: cannot execute CREATE TABLE in a read-only transaction'),
    on('database-read-only'),
  ),
  D26: seen(
    'a table belongs to another role',
    says('django.db.utils.ProgrammingError: must be owner of table django_migrations'),
    on('table-of-another-role'),
  ),
  D27: seen(
    'a table does not exist',
    says('django.db.utils.ProgrammingError: relation "django_session" does not exist'),
    on('migration-pending'),
    on('empty-cluster'),
    on('tables-in-another-schema'),
  ),
  D28: seen(
    'there is no schema to create in',
    says('django.db.utils.ProgrammingError: no schema has been selected to create in'),
    tested('checks/database/privileges.test.ts', 'search_path leads nowhere'),
  ),
  D29: seen(
    'TLS is required and not there',
    says(
      'django.db.utils.OperationalError: connection to server at "127.0.0.1", port 5432 failed: server does not support SSL, but SSL was required',
    ),
    tested('checks/database/server.test.ts', 'without the TLS that the service insists on'),
  ),
  U1: seen(
    '226/NAMESPACE',
    systemd('Failed to set up mount namespacing: /var/lib/prism-django/media: No such file or directory'),
    on('namespace-failure'),
  ),
  U2: seen(
    'a path with "-" that was made later',
    tested('checks/state/directory.test.ts', 'in the namespace of the process, which is older than the directory'),
  ),
  U3: seen('StateDirectory= does not heal what lies below', on('media-owned-by-root'), on('upload-owned-by-root')),
  U4: seen(
    '217/USER and 216/GROUP',
    systemd('Failed to determine user credentials: No such process'),
    on('user-missing'),
    on('group-missing'),
  ),
  U5: seen(
    '203/EXEC',
    systemd('Failed to locate executable /nix/store/x-prism/bin/prism-gunicorn: No such file or directory'),
    systemd('Failed to execute /usr/local/bin/x: Exec format error'),
    on('exec-misnamed'),
  ),
  U6: seen('ProtectSystem=strict', on('not-writable-in-the-sandbox')),
  U7: seen(
    '200/CHDIR',
    systemd('Changing to the requested working directory failed: No such file or directory'),
    on('package-collected-as-garbage'),
  ),
  U8: seen(
    '238/STATE_DIRECTORY',
    systemd('Failed to set up special execution directory in /var/lib: Not a directory'),
    tested('checks/state/directory.test.ts', 'is a file'),
  ),
  U9: seen('243/CREDENTIALS', systemd('Failed to set up credentials: Protocol error')),
  U10: seen(
    'Result=resources',
    systemd('Failed to load environment files: No such file or directory'),
    on('secrets-missing'),
    on('secrets-directory'),
  ),
  U11: seen('an optional secrets file is missing', on('optional-secrets-missing')),
  U12: seen(
    'ExecStartPre= fails',
    on('wrong-password'),
    tested('checks/service/active.test.ts', 'decodes what systemctl alone tells'),
  ),
  U13: seen(
    'ExecStartPre= takes too long',
    systemd('start-pre operation timed out. Terminating.'),
    on('pre-start-timeout'),
    on('migration-waits-for-lock'),
  ),
  U14: seen('the start limit', systemd('Start request repeated too quickly.'), on('start-limit')),
  U15: seen('endless restarts', on('service-killed-again-and-again')),
  U16: seen(
    'a dependency fails',
    systemd("Job prism-django.service/start failed with result 'dependency'."),
    on('required-unit-failed'),
    on('required-unit-missing'),
  ),
  U17: seen('masked, missing, or with a bad setting', on('unit-masked'), on('unit-missing'), on('unit-bad-setting')),
  U18: seen('an edit that waits for daemon-reload', on('drop-in-not-loaded'), on('switched-without-reload')),
  U19: seen(
    'a condition is not met',
    systemd('prism-django.service - Prism skipped, unmet condition check ConditionPathExists=/nosuch'),
    on('condition-unmet'),
  ),
  U20: seen(
    'a forbidden system call',
    systemd('Main process exited, code=killed, status=31/SYS'),
    says('/nix/store/x-pre-start/bin/pre-start: line 3:    12 Bad system call         (core dumped) chgrp prism x'),
  ),
  U21: seen(
    'out of memory, and what only looks like it',
    systemd('A process of this unit has been killed by the OOM killer.'),
    says('Worker (pid:31) was sent SIGKILL! Perhaps out of memory?'),
  ),
  U22: seen(
    'the watchdog, and a unit that never says that it is ready',
    systemd('Watchdog timeout (limit 1s)!'),
    on('never-notifies'),
  ),
  U23: seen(
    'DynamicUser=',
    on('healthy-dynamic-user'),
    tested('checks/state/directory.test.ts', 'is the link that DynamicUser= makes'),
    tested('checks/state/modes.test.ts', 'cannot pass what DynamicUser= keeps for root alone'),
  ),
  U24: seen(
    'UMask=0077 closes directories to nginx',
    on('static-0700-behind-nginx'),
    tested('checks/state/modes.test.ts', 'names the UMask= that will leave the next ones so, too'),
  ),
  U25: seen(
    'tmpfiles refuses an unsafe path',
    tested('checks/state/directory.test.ts', 'does not exist, since systemd-tmpfiles did not trust the way to it'),
  ),
  C1: seen('sops-nix installed nothing', on('secrets-missing')),
  C2: seen('no key decrypts the secrets', on('secrets-not-decrypted')),
  C3: seen(
    'a key is missing in the file',
    tested('checks/secrets/file.test.ts', 'in its own words'),
    on('secret-key-missing'),
  ),
  C4: seen(
    'SECRET_KEY is empty or missing',
    says('django.core.exceptions.ImproperlyConfigured: The SECRET_KEY setting must not be empty.'),
    says("KeyError: 'SECRET_KEY'"),
    on('secret-key-empty'),
    on('secret-key-missing'),
  ),
  C5: seen('the owner of a secret is unknown to sops-nix', tested('checks/secrets/file.test.ts', 'in its own words')),
  C6: seen('a secret was changed and nothing was restarted', on('secrets-changed-not-restarted')),
  C7: seen('the mode of the secrets', on('secrets-world-readable'), on('healthy-secrets-of-root')),
  C8: seen('/run/secrets is no link', tested('checks/secrets/file.test.ts', 'in its own words')),
  C9: unseen(
    'the ciphertext was edited',
    'It is seen where the secrets are built or installed, not on the running deployment.',
  ),
  C10: unseen('the secret is not in the git of the flake', 'The evaluation stops before anything reaches the machine.'),
  C11: seen('"export" before a name', on('secrets-export')),
  C12: seen('a comment behind a value', tested('host/environment-file.test.ts', 'comments and blank lines')),
  C13: seen('a backslash is eaten', tested('host/environment-file.test.ts', 'as systemd 252 was seen to read it')),
  C14: seen('a quote that is not closed', on('secrets-unterminated-quote')),
  C15: seen('a byte order mark', on('secrets-bom')),
  C16: seen('not UTF-8', on('secrets-not-utf8')),
  G1: seen(
    '500 and an empty journal',
    on('page-fails'),
    tested('checks/http/app.test.ts', 'with the cookie of a session, so that the database is needed'),
  ),
  G2: seen(
    'the address is in use',
    says("Connection in use: ('127.0.0.1', 8000)"),
    says("Can't connect to ('127.0.0.1', 8000)"),
    on('port-taken'),
  ),
  G3: seen('a worker does not boot', on('wsgi-import-error')),
  G4: seen('the application does not load', says("Failed to find attribute 'app' in 'wsgi'.")),
  G5: seen('a module is missing', says("ModuleNotFoundError: No module named 'prism_metrics'"), on('module-missing')),
  G6: seen(
    "gunicorn's own settings are wrong",
    says("Error: can't chdir to '/x'"),
    says("RuntimeError: /x doesn't exist. Can't create workertmp."),
  ),
  G7: seen('the control socket is noise', says("Control server error: [Errno 13] Permission denied: '/var/empty'")),
  G8: seen('a worker times out', says('WORKER TIMEOUT (pid:31)'), on('workers-hang')),
  G9: seen(
    'a host is not allowed',
    says(
      "Invalid HTTP_HOST header: 'prism.midship.local'. You may need to add 'prism.midship.local' to ALLOWED_HOSTS.",
    ),
    on('host-not-allowed'),
    tested('checks/service/journal.test.ts', 'scanners ask for names'),
  ),
  G10: seen('an upstream with an underscore', on('host-not-forwarded')),
  G11: seen('502: refused', on('nginx-wrong-port')),
  G12: seen('502: no socket', tested('checks/http/proxy.test.ts', '502 while the application itself is down')),
  G13: seen('502: the socket does not admit nginx', on('socket-closed-to-nginx')),
  G14: unseen('502: the backlog is full', 'It passes within seconds and leaves nothing that can be asked for later.'),
  G15: seen('504', on('workers-hang')),
  G16: seen('502: the worker ends in the middle of a request', on('workers-hang')),
  G17: unseen('413', 'A body larger than the limit would have to be sent, and this program sends none.'),
  G18: unseen('the origin of a form is refused', 'A form would have to be posted, and this program changes nothing.'),
  G19: seen(
    'the scheme is not forwarded',
    tested('checks/http/proxy.test.ts', 'a loop where it ends here'),
    on('healthy-https-redirect'),
  ),
  G20: seen('DEBUG is on', on('debug-on')),
  G21: seen('a migration is pending', on('migration-pending')),
  G22: seen('the database is ahead', on('database-ahead')),
  G23: seen(
    'the history of migrations is inconsistent',
    says(
      "django.db.migrations.exceptions.InconsistentMigrationHistory: Migration auth.0001_initial is applied before its dependency contenttypes.0001_initial on database 'default'.",
    ),
    on('history-inconsistent'),
  ),
  G24: seen(
    'two leaves',
    says(
      'CommandError: Conflicting migrations detected; multiple leaf nodes in the migration graph: (0002_b, 0002_c in app).',
    ),
    tested('checks/database/migrations.test.ts', 'two that follow the same one'),
  ),
  G25: seen(
    'a migration without its parent',
    says(
      "django.db.migrations.exceptions.NodeNotFoundError: Migration app.0002_b dependencies reference nonexistent parent node ('app', '0009_gone')",
    ),
    tested('checks/database/migrations.test.ts', 'one whose parent the package lacks, which no restart applies'),
  ),
  G26: seen(
    'a table exists already',
    says('django.db.utils.ProgrammingError: relation "prism_boat" already exists'),
    on('migrations-table-gone'),
  ),
  G27: seen('nobody may administer', on('superuser-missing'), on('superuser-inactive')),
  G28: seen(
    'the database is down and the service green',
    on('postgres-stopped'),
    tested('checks/http/app.test.ts', 'with the cookie of a session, so that the database is needed'),
  ),
  N1: seen('an old generation still runs', on('old-package-running')),
  N2: unseen(
    'the switch goes on after a failed activation',
    'It is in the output of nixos-rebuild; what it left undone is seen as C1.',
  ),
  N3: seen('collected as garbage', on('package-collected-as-garbage'), on('pre-start-collected-as-garbage')),
  N4: seen('daemon-reload is no restart', on('old-package-running')),
  N5: seen(
    'edits by hand are lost',
    on('unit-disabled'),
    tested('checks/service/unit.test.ts', 'takes linked and static unit files as NixOS has them'),
  ),
  N6: seen(
    'what the wrapper sets is not in the unit',
    tested('checks/static/root.test.ts', "believes the wrapper's --set before the unit"),
  ),
  N7: seen(
    "the wrapper's --set is stronger than the unit",
    tested('checks/static/root.test.ts', "believes the wrapper's --set before the unit"),
  ),
  N8: seen(
    'the store refuses with one errno or another',
    says("PermissionError: [Errno 13] Permission denied: '/nix/store/x-prism/share/prism-django/staticfiles'"),
    on('static-root-in-store'),
  ),
  N9: seen('a manage.py of another version', on('database-ahead')),
  N10: seen(
    'the unit of PostgreSQL has another shape',
    tested('facts/postgres/server-log.test.ts', 'nothing fatal, and what is no text'),
  ),
  N11: seen('a failing start after a deployment is a downtime', on('settings-syntax-error')),
  N12: unseen(
    'the firewall',
    'Nothing is asked from another machine; the address where the application listens is in every report.',
  ),
}
