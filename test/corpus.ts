import type {Host} from '../src/host/host.ts'
import type {CheckId} from '../src/report/finding.ts'
import {
  anotherCollation,
  directoryOfLater,
  fatal,
  follows,
  migrationsAre,
  noSecrets,
  notSetUp,
  postgresFails,
  postgresSays,
  redirectsForEver,
  stateIs,
  storageIgnored,
  tmpfilesRefuses,
  wrapperSets,
} from './corpus-machines.ts'

/**
 * The 134 failures that this program is measured by, each with what names it. The ids are those of
 * the collection: S static files, D PostgreSQL, U systemd, C secrets, G gunicorn, Django and nginx,
 * N NixOS.
 */
export interface CorpusEntry {
  readonly title: string
  readonly proofs: readonly Proof[]
  /** Where nothing can show it: why, in a sentence. */
  readonly outOfReach?: string
}

export type Proof =
  /** A message of the journal as it was really seen, and the signature that must recognise it. */
  | {
      readonly kind: 'message'
      readonly text: string
      readonly by: 'service' | 'systemd'
      readonly signature: string
    }
  /**
   * A case of test/midship or test/hosts, and the root cause it must give; none for a healthy one.
   */
  | {readonly kind: 'case'; readonly name: string; readonly rootCauses: readonly string[]}
  /** A recorded machine with the failure, and the code of the finding that must name it. */
  | {
      readonly kind: 'machine'
      readonly on: () => Host
      readonly check: CheckId
      readonly code: string
      /** What the finding must name: a path, a unit, a version; never our own words for it. */
      readonly message: RegExp
    }
  /** Lines of an EnvironmentFile, and what systemd was seen to make of them. */
  | {
      readonly kind: 'environment-file'
      readonly text: string
      readonly variables: Readonly<Record<string, string>>
    }

const on = (name: string, ...rootCauses: readonly string[]): Proof => ({
  kind: 'case',
  name,
  rootCauses,
})
const says = (signature: string, text: string): Proof => ({
  kind: 'message',
  signature,
  text,
  by: 'service',
})
const systemd = (signature: string, text: string): Proof => ({
  kind: 'message',
  signature,
  text,
  by: 'systemd',
})
const finds = (check: CheckId, code: string, message: RegExp, machine: () => Host): Proof => ({
  kind: 'machine',
  check,
  code,
  message,
  on: machine,
})
const reads = (text: string, variables: Readonly<Record<string, string>>): Proof => ({
  kind: 'environment-file',
  text,
  variables,
})

function seen(title: string, ...proofs: readonly Proof[]): CorpusEntry {
  return {title, proofs}
}

function unseen(title: string, outOfReach: string): CorpusEntry {
  return {title, proofs: [], outOfReach}
}

const refused =
  'django.db.utils.OperationalError: connection to server at "127.0.0.1", port 5432 failed: '

export const corpus: Readonly<Record<string, CorpusEntry>> = {
  S1: seen(
    'a static file has no entry in the manifest',
    says(
      'manifest-entry-missing',
      "ValueError: Missing staticfiles manifest entry for 'css/app.css'",
    ),
    on('page-fails', 'http/app'),
    on('manifest-missing', 'static/collected'),
    on('manifest-lacks-a-name', 'static/manifest'),
  ),
  S2: seen(
    'STATIC_ROOT is unset',
    says(
      'static-root-unset',
      "django.core.exceptions.ImproperlyConfigured: You're using the staticfiles app without having set the STATIC_ROOT setting to a filesystem path.",
    ),
    on('static-root-missing', 'static/root'),
  ),
  S3: seen(
    'STATIC_ROOT lies in the store',
    says(
      'store-read-only',
      "OSError: [Errno 30] Read-only file system: '/nix/store/x-prism/share/prism-django/staticfiles'",
    ),
    on('static-root-in-store', 'static/root'),
    on('healthy-static-in-store'),
  ),
  S4: seen(
    'the times of the store keep old copies',
    on('plain-static-stale', 'static/fresh'),
    on('css-of-an-earlier-version', 'static/fresh'),
  ),
  S5: seen(
    'the manifest is cut off, empty or of another shape',
    says('manifest-broken', "ValueError: Couldn't load manifest 'staticfiles.json' (version 1.1)"),
    says('manifest-of-another-shape', "AttributeError: 'list' object has no attribute 'get'"),
    on('manifest-truncated', 'static/manifest'),
    on('manifest-empty', 'static/manifest'),
    on('manifest-is-a-list', 'static/manifest'),
  ),
  S6: seen(
    'the manifest is of a later Django',
    says('manifest-broken', "ValueError: Couldn't load manifest 'staticfiles.json' (version 1.0)"),
    on('manifest-of-a-later-django', 'static/manifest'),
  ),
  S7: seen('a hashed file is gone', on('hashed-file-gone', 'static/manifest')),
  S8: seen('a hashed file holds something else', on('hashed-file-altered', 'static/integrity')),
  S9: seen('collected while the service runs', on('collected-by-hand', 'static/fresh')),
  S10: seen(
    '"No directory at" is said and means nothing',
    says(
      'no-directory',
      '/nix/store/x/django/core/handlers/base.py:61: UserWarning: No directory at: /var/lib/prism-django/staticfiles/',
    ),
    on('static-never-collected', 'static/collected'),
  ),
  S11: seen(
    'an unreadable directory keeps workers from booting',
    says(
      'permission-denied',
      "PermissionError: [Errno 13] Permission denied: '/var/lib/prism-django/staticfiles/css'",
    ),
    on('collected-directory-closed', 'state/ownership'),
    on('collected-file-unreadable', 'state/modes'),
  ),
  S12: seen(
    'a dangling link or a FIFO',
    says(
      'file-missing',
      "FileNotFoundError: [Errno 2] No such file or directory: '/var/lib/prism-django/staticfiles/css/dang.css'",
    ),
    says(
      'not-a-regular-file',
      'whitenoise.responders.NotARegularFileError: Not a regular file: /var/lib/prism-django/staticfiles/pipe.css',
    ),
    on('static-dangling-link', 'static/collected'),
    on('static-fifo', 'static/collected'),
  ),
  S13: seen(
    'a style sheet names a missing file',
    says(
      'referenced-file-missing',
      "whitenoise.storage.MissingFileError: The file 'css/nope.png' could not be found with <whitenoise.storage.CompressedManifestStaticFilesStorage object at 0x7f2>.",
    ),
    on('css-names-a-missing-file', 'service/active'),
  ),
  S14: seen(
    'a source map is missing',
    says(
      'referenced-file-missing',
      "whitenoise.storage.MissingFileError: The file 'js/app.js.map' could not be found with <whitenoise.storage.CompressedManifestStaticFilesStorage object at 0x7f2>.",
    ),
  ),
  S15: seen(
    'style sheets import each other',
    says('circular-import', 'RuntimeError: Max post-process passes exceeded.'),
  ),
  S16: seen(
    'a style sheet is not UTF-8',
    says(
      'not-utf8',
      "UnicodeDecodeError: 'utf-8' codec can't decode byte 0xe9 in position 12: invalid continuation byte",
    ),
    on('css-not-utf8', 'service/active'),
  ),
  S17: seen(
    'the disk is full',
    says('disk-full', 'OSError: [Errno 28] No space left on device'),
    on('state-full', 'state/space'),
    on('state-without-inodes', 'state/space'),
  ),
  S18: seen(
    'read-only in the namespace of the service alone',
    says(
      'read-only-file-system',
      "OSError: [Errno 30] Read-only file system: '/var/lib/prism-django/staticfiles'",
    ),
    on('not-writable-in-the-sandbox', 'state/directory'),
  ),
  S19: seen(
    'half of the tree belongs to root',
    says(
      'permission-denied',
      "PermissionError: [Errno 13] Permission denied: '/var/lib/prism-django/staticfiles/css/b.7364d97d9cc5.css.br'",
    ),
    on('collected-file-owned-by-root', 'state/ownership'),
  ),
  S20: seen(
    'STATICFILES_STORAGE is ignored since Django 5.1',
    finds('static/collected', 'storage-ignored', /STATICFILES_STORAGE/, storageIgnored),
  ),
  S21: seen(
    'a compressed copy is stale',
    on('compressed-copy-stale', 'static/integrity'),
    on('healthy-with-brotli'),
  ),
  S22: seen(
    'STATIC_URL and the location of nginx differ',
    on('static-prefix-taken', 'static/served'),
    on('static-alias-wrong', 'static/served'),
  ),
  S23: seen(
    'nginx serves static files and cannot read them',
    on('static-0700-behind-nginx', 'state/modes'),
    on('state-0750-behind-nginx', 'state/modes'),
  ),
  S24: unseen(
    'an ETag made of the time of the store',
    'Two versions of an unhashed file with the same size are needed, and what a browser keeps is not on this machine.',
  ),
  D1: seen(
    'the connection is refused',
    says('unreachable', `${refused}Connection refused`),
    on('postgres-stopped', 'database/server'),
    on('postgres-without-tcp', 'database/server'),
    on('private-network', 'database/server'),
  ),
  D2: seen(
    'the socket is missing',
    says(
      'unreachable',
      'django.db.utils.OperationalError: connection to server on socket "/run/postgresql/.s.PGSQL.5432" failed: No such file or directory',
    ),
    on('postgres-socket-elsewhere', 'database/server'),
  ),
  D3: seen(
    'nobody answers',
    says('unreachable', 'django.db.utils.OperationalError: connection timeout expired'),
    on('postgres-hangs', 'database/server'),
  ),
  D4: seen(
    'the name of the server is unknown',
    says(
      'name-unknown',
      "django.db.utils.OperationalError: failed to resolve host 'db.invalid': [Errno -2] Name or service not known",
    ),
    on('postgres-host-unknown', 'database/server'),
    on('address-families', 'database/server'),
  ),
  D5: seen(
    '28P01 and its four causes',
    says('password-refused', `${refused}FATAL:  password authentication failed for user "prism"`),
    on('wrong-password', 'database/login'),
    on('role-missing', 'database/login'),
    on('role-without-password', 'database/login'),
    on('password-expired', 'database/login'),
  ),
  D6: seen('ensureUsers sets no password', on('role-without-password', 'database/login')),
  D7: seen(
    'no password is given',
    says('no-password', `${refused}fe_sendauth: no password supplied`),
    on('password-missing', 'secrets/keys'),
  ),
  D8: seen(
    'the secret and the role differ',
    on('wrong-password', 'database/login'),
    on('secrets-changed-not-restarted', 'secrets/keys'),
  ),
  D9: seen(
    'no line of pg_hba.conf',
    says(
      'not-admitted',
      `${refused}FATAL:  no pg_hba.conf entry for host "127.0.0.1", user "prism", database "otherdb", no encryption`,
    ),
    on('hba-without-entry', 'database/login'),
  ),
  D10: seen(
    'peer authentication fails',
    says(
      'peer',
      'django.db.utils.OperationalError: connection to server on socket "/run/postgresql/.s.PGSQL.5432" failed: FATAL:  Peer authentication failed for user "prism"',
    ),
    on('peer-of-another-user', 'database/login'),
    on('healthy-socket-peer'),
  ),
  D11: seen(
    'the role does not exist',
    says('role', `${refused}FATAL:  role "nobody" does not exist`),
  ),
  D12: seen(
    'the role may not log in',
    says('role', `${refused}FATAL:  role "nologin" is not permitted to log in`),
    on('role-may-not-log-in', 'database/login'),
  ),
  D13: seen(
    'the database does not exist',
    says('database-missing', `${refused}FATAL:  database "prism" does not exist`),
    on('database-missing', 'database/exists'),
    on('database-case', 'database/exists'),
  ),
  D14: seen(
    'CONNECT is revoked, or the database is closed',
    says('connect-denied', `${refused}FATAL:  permission denied for database "prism"`),
    says(
      'database-missing',
      `${refused}FATAL:  database "prism" is not currently accepting connections`,
    ),
    on('connect-revoked', 'database/privileges'),
    on('database-closed', 'database/exists'),
  ),
  D15: seen(
    'the server is starting or stopping',
    says('server-not-ready', `${refused}FATAL:  the database system is starting up`),
    finds('database/server', 'starting', /5432/, () =>
      postgresSays(fatal('57P03', 'the database system is starting up')),
    ),
  ),
  D16: seen(
    'too many connections',
    says('no-connection-left', `${refused}FATAL:  sorry, too many clients already`),
    says('no-connection-left', `${refused}FATAL:  too many connections for role "prism"`),
    on('too-many-connections', 'database/server'),
  ),
  D17: seen(
    'the schema public takes nothing',
    says(
      'may-not',
      'django.db.migrations.exceptions.MigrationSchemaMissing: Unable to create the django_migrations table (permission denied for schema public',
    ),
    on('may-not-create', 'database/privileges'),
  ),
  D18: seen("PostgreSQL's disk is full", on('postgres-full', 'state/space')),
  D19: seen(
    'the collation has another version',
    finds('database/health', 'collation', /2\.39.*2\.40/, anotherCollation),
  ),
  D20: seen(
    'the data directory is of another major version',
    finds('database/server', 'failed', /initialized by PostgreSQL version 14/, () =>
      postgresFails(
        'FATAL:  database files are incompatible with server',
        'DETAIL:  The data directory was initialized by PostgreSQL version 14, which is not compatible with this version 15.18.',
      ),
    ),
  ),
  D21: seen(
    'the service starts before the database is set up',
    says('role', `${refused}FATAL:  role "prism" does not exist`),
    finds('database/exists', 'missing', /postgresql-setup\.service/, () => notSetUp('activating')),
  ),
  D22: seen(
    'a new, empty cluster',
    on('empty-cluster', 'database/cluster'),
    on('healthy-cluster-prepared'),
  ),
  D23: seen('the data directory is open to others', on('postgres-data-mode', 'database/server')),
  D24: seen(
    'PostgreSQL cannot make its socket',
    on('postgres-socket-directory-missing', 'database/server'),
  ),
  D25: seen(
    'everything is read-only',
    says(
      'read-only',
      'django.db.utils.InternalError: cannot execute CREATE TABLE in a read-only transaction',
    ),
    on('database-read-only', 'database/health'),
  ),
  D26: seen(
    'a table belongs to another role',
    says('may-not', 'django.db.utils.ProgrammingError: must be owner of table django_migrations'),
    on('table-of-another-role', 'database/privileges'),
  ),
  D27: seen(
    'a table does not exist',
    says(
      'relation-missing',
      'django.db.utils.ProgrammingError: relation "django_session" does not exist',
    ),
    on('migration-pending', 'database/migrations'),
    on('empty-cluster', 'database/cluster'),
    on('tables-in-another-schema', 'database/migrations'),
  ),
  D28: seen(
    'there is no schema to create in',
    says('may-not', 'django.db.utils.ProgrammingError: no schema has been selected to create in'),
  ),
  D29: seen(
    'TLS is required and not there',
    says(
      'encryption',
      'django.db.utils.OperationalError: connection to server at "127.0.0.1", port 5432 failed: server does not support SSL, but SSL was required',
    ),
    finds('database/server', 'no-tls', /TLS/, () =>
      postgresSays({
        kind: 'unreachable',
        code: 'no-tls',
        message: 'The server does not support SSL connections',
      }),
    ),
  ),
  U1: seen(
    '226/NAMESPACE',
    systemd(
      'namespace-path',
      'Failed to set up mount namespacing: /var/lib/prism-django/media: No such file or directory',
    ),
    on('namespace-failure', 'state/directory'),
  ),
  U2: seen(
    'a path with "-" that was made later',
    finds('state/directory', 'stale-sandbox', /prism-django/, directoryOfLater),
  ),
  U3: seen(
    'StateDirectory= does not heal what lies below',
    on('media-owned-by-root', 'state/ownership'),
    on('upload-owned-by-root', 'state/ownership'),
  ),
  U4: seen(
    '217/USER and 216/GROUP',
    systemd('credentials-of-user', 'Failed to determine user credentials: No such process'),
    on('user-missing', 'service/user'),
    on('group-missing', 'service/user'),
  ),
  U5: seen(
    '203/EXEC',
    systemd(
      'program-missing',
      'Failed to locate executable /nix/store/x-prism/bin/prism-gunicorn: No such file or directory',
    ),
    systemd('program-not-started', 'Failed to execute /usr/local/bin/x: Exec format error'),
    on('exec-misnamed', 'service/package'),
  ),
  U6: seen('ProtectSystem=strict', on('not-writable-in-the-sandbox', 'state/directory')),
  U7: seen(
    '200/CHDIR',
    systemd(
      'working-directory',
      'Changing to the requested working directory failed: No such file or directory',
    ),
    on('package-collected-as-garbage', 'service/package'),
  ),
  U8: seen(
    '238/STATE_DIRECTORY',
    systemd(
      'special-directory',
      'Failed to set up special execution directory in /var/lib: Not a directory',
    ),
    finds('state/directory', 'not-a-directory', /\/var\/lib\/prism-django/, () =>
      stateIs({type: 'file'}),
    ),
  ),
  U9: seen(
    '243/CREDENTIALS',
    systemd('credentials', 'Failed to set up credentials: Protocol error'),
  ),
  U10: seen(
    'Result=resources',
    systemd('environment-file', 'Failed to load environment files: No such file or directory'),
    on('secrets-missing', 'secrets/file'),
    on('secrets-directory', 'secrets/file'),
  ),
  U11: seen('an optional secrets file is missing', on('optional-secrets-missing', 'secrets/keys')),
  U12: seen('ExecStartPre= fails', on('wrong-password', 'database/login')),
  U13: seen(
    'ExecStartPre= takes too long',
    systemd('start-timeout', 'start-pre operation timed out. Terminating.'),
    on('pre-start-timeout', 'service/active'),
    on('migration-waits-for-lock', 'service/active'),
  ),
  U14: seen(
    'the start limit',
    systemd('start-limit', 'Start request repeated too quickly.'),
    on('start-limit', 'service/active'),
  ),
  U15: seen('endless restarts', on('service-killed-again-and-again', 'service/active')),
  U16: seen(
    'a dependency fails',
    systemd('dependency', "Job prism-django.service/start failed with result 'dependency'."),
    on('required-unit-failed', 'service/dependencies'),
    on('required-unit-missing', 'service/dependencies'),
  ),
  U17: seen(
    'masked, missing, or with a bad setting',
    on('unit-masked', 'service/unit'),
    on('unit-missing', 'service/unit'),
    on('unit-bad-setting', 'service/unit'),
  ),
  U18: seen(
    'an edit that waits for daemon-reload',
    on('drop-in-not-loaded', 'service/unit'),
    on('switched-without-reload', 'service/unit'),
  ),
  U19: seen(
    'a condition is not met',
    systemd(
      'condition',
      'prism-django.service - Prism skipped, unmet condition check ConditionPathExists=/nosuch',
    ),
    on('condition-unmet', 'service/active'),
  ),
  U20: seen(
    'a forbidden system call',
    systemd('forbidden-call', 'Main process exited, code=killed, status=31/SYS'),
    says(
      'bad-system-call',
      '/nix/store/x-pre-start/bin/pre-start: line 3:    12 Bad system call         (core dumped) chgrp prism x',
    ),
  ),
  U21: seen(
    'out of memory, and what only looks like it',
    systemd('out-of-memory', 'A process of this unit has been killed by the OOM killer.'),
    says('worker-killed', 'Worker (pid:31) was sent SIGKILL! Perhaps out of memory?'),
  ),
  U22: seen(
    'the watchdog, and a unit that never says that it is ready',
    systemd('watchdog', 'Watchdog timeout (limit 1s)!'),
    on('never-notifies', 'service/active'),
  ),
  U23: seen('DynamicUser=', on('healthy-dynamic-user')),
  U24: seen(
    'UMask=0077 closes directories to nginx',
    on('static-0700-behind-nginx', 'state/modes'),
  ),
  U25: seen(
    'tmpfiles refuses an unsafe path',
    finds('state/directory', 'missing', /systemd-tmpfiles/, () =>
      tmpfilesRefuses(
        'Detected unsafe path transition /var/lib (owned by up) → /var/lib/prism-django (owned by root) during canonicalization of var/lib/prism-django.',
      ),
    ),
  ),
  C1: seen('sops-nix installed nothing', on('secrets-missing', 'secrets/file')),
  C2: seen('no key decrypts the secrets', on('secrets-not-decrypted', 'secrets/file')),
  C3: seen(
    'a key is missing in the file',
    finds('secrets/file', 'missing', /'prism-env'/, () =>
      noSecrets(
        "manifest is not valid: secret prism-env in /nix/store/x-secrets.yaml is not valid: the key 'prism-env' cannot be found",
      ),
    ),
    on('secret-key-missing', 'secrets/keys'),
  ),
  C4: seen(
    'SECRET_KEY is empty or missing',
    says(
      'secret-key-empty',
      'django.core.exceptions.ImproperlyConfigured: The SECRET_KEY setting must not be empty.',
    ),
    says('variable-missing', "KeyError: 'SECRET_KEY'"),
    on('secret-key-empty', 'secrets/keys'),
    on('secret-key-missing', 'secrets/keys'),
  ),
  C5: seen(
    'the owner of a secret is unknown to sops-nix',
    finds('secrets/file', 'missing', /user prism/, () =>
      noSecrets("manifest is not valid: failed to lookup user 'prism': user: unknown user prism"),
    ),
  ),
  C6: seen(
    'a secret was changed and nothing was restarted',
    on('secrets-changed-not-restarted', 'secrets/keys'),
  ),
  C7: seen(
    'the mode of the secrets',
    on('secrets-world-readable', 'secrets/file'),
    on('healthy-secrets-of-root'),
  ),
  C8: seen(
    '/run/secrets is no link',
    finds('secrets/file', 'missing', /\/run\/secrets /, () =>
      noSecrets(
        'failed to prepare new secrets directory: cannot access /run/secrets: readlink /run/secrets: invalid argument',
      ),
    ),
  ),
  C9: unseen(
    'the ciphertext was edited',
    'It is seen where the secrets are built or installed, not on the running deployment.',
  ),
  C10: unseen(
    'the secret is not in the git of the flake',
    'The evaluation stops before anything reaches the machine.',
  ),
  C11: seen('"export" before a name', on('secrets-export', 'secrets/file')),
  C12: seen('a comment behind a value', reads('A=abc #def\n# B=1\n', {A: 'abc #def'})),
  C13: seen(
    'a backslash is eaten',
    reads('A=s7@o8\\p=x\nB="s7@o8\\p"\n', {A: 's7@o8p=x', B: 's7@o8\\p'}),
  ),
  C14: seen('a quote that is not closed', on('secrets-unterminated-quote', 'secrets/file')),
  C15: seen('a byte order mark', on('secrets-bom', 'secrets/file')),
  C16: seen('not UTF-8', on('secrets-not-utf8', 'secrets/file')),
  G1: seen('500 and an empty journal', on('page-fails', 'http/app')),
  G2: seen(
    'the address is in use',
    says('address-in-use', "Connection in use: ('127.0.0.1', 8000)"),
    says('cannot-listen', "Can't connect to ('127.0.0.1', 8000)"),
    on('port-taken', 'service/active'),
  ),
  G3: seen('a worker does not boot', on('wsgi-import-error', 'app/settings')),
  G4: seen(
    'the application does not load',
    says('no-application', "Failed to find attribute 'app' in 'wsgi'."),
  ),
  G5: seen(
    'a module is missing',
    says('module-missing', "ModuleNotFoundError: No module named 'prism_metrics'"),
    on('module-missing', 'app/settings'),
  ),
  G6: seen(
    "gunicorn's own settings are wrong",
    says('server-settings', "Error: can't chdir to '/x'"),
    says('workertmp', "RuntimeError: /x doesn't exist. Can't create workertmp."),
  ),
  G7: seen(
    'the control socket is noise',
    says('control-server', "Control server error: [Errno 13] Permission denied: '/var/empty'"),
  ),
  G8: seen(
    'a worker times out',
    says('worker-timeout', 'WORKER TIMEOUT (pid:31)'),
    on('workers-hang', 'http/app'),
  ),
  G9: seen(
    'a host is not allowed',
    says(
      'disallowed-host',
      "Invalid HTTP_HOST header: 'prism.midship.local'. You may need to add 'prism.midship.local' to ALLOWED_HOSTS.",
    ),
    on('host-not-allowed', 'http/proxy'),
  ),
  G10: seen('an upstream with an underscore', on('host-not-forwarded', 'http/proxy')),
  G11: seen('502: refused', on('nginx-wrong-port', 'http/proxy')),
  G12: seen('502: no socket', on('tutorial-wrong-upstream', 'http/proxy')),
  G13: seen('502: the socket does not admit nginx', on('socket-closed-to-nginx', 'http/proxy')),
  G14: unseen(
    '502: the backlog is full',
    'It passes within seconds and leaves nothing that can be asked for later.',
  ),
  G15: seen('504', on('workers-hang', 'http/app')),
  G16: seen('502: the worker ends in the middle of a request', on('workers-hang', 'http/app')),
  G17: unseen(
    '413',
    'A body larger than the limit would have to be sent, and this program sends none.',
  ),
  G18: unseen(
    'the origin of a form is refused',
    'A form would have to be posted, and this program changes nothing.',
  ),
  G19: seen(
    'the scheme is not forwarded',
    finds('http/proxy', 'redirect-loop', /https/, redirectsForEver),
    on('healthy-https-redirect'),
  ),
  G20: seen('DEBUG is on', on('debug-on', 'app/deploy')),
  G21: seen('a migration is pending', on('migration-pending', 'database/migrations')),
  G22: seen('the database is ahead', on('database-ahead', 'database/migrations')),
  G23: seen(
    'the history of migrations is inconsistent',
    says(
      'history',
      "django.db.migrations.exceptions.InconsistentMigrationHistory: Migration auth.0001_initial is applied before its dependency contenttypes.0001_initial on database 'default'.",
    ),
    on('history-inconsistent', 'database/migrations'),
  ),
  G24: seen(
    'two leaves',
    says(
      'command-error',
      'CommandError: Conflicting migrations detected; multiple leaf nodes in the migration graph: (0002_b, 0002_c in app).',
    ),
    finds('database/migrations', 'conflict', /lighthouse\.0005_b, lighthouse\.0005_c/, () =>
      migrationsAre(({all}) => ({
        all: [...all, follows('0005_b'), follows('0005_c')],
        conflicts: {lighthouse: ['0005_b', '0005_c']},
      })),
    ),
  ),
  G25: seen(
    'a migration without its parent',
    says(
      'migration-without-parent',
      "django.db.migrations.exceptions.NodeNotFoundError: Migration app.0002_b dependencies reference nonexistent parent node ('app', '0009_gone')",
    ),
    finds(
      'database/migrations',
      'parent-missing',
      /lighthouse\.0006_x.*lighthouse\.0005_gone/,
      () =>
        migrationsAre(({all}) => ({
          all: [...all, follows('0006_x', '0005_gone')],
          error: {
            kind: 'parent-missing',
            message: 'Migration lighthouse.0006_x dependencies reference nonexistent parent node',
            node: ['lighthouse', '0005_gone'],
            origin: ['lighthouse', '0006_x'],
          },
        })),
    ),
  ),
  G26: seen(
    'a table exists already',
    says(
      'relation-missing',
      'django.db.utils.ProgrammingError: relation "prism_boat" already exists',
    ),
    on('migrations-table-gone', 'database/migrations'),
  ),
  G27: seen(
    'nobody may administer',
    on('superuser-missing', 'app/superuser'),
    on('superuser-inactive', 'app/superuser'),
  ),
  G28: seen(
    'the database is down and the service green',
    on('postgres-stopped', 'database/server'),
  ),
  N1: seen('an old generation still runs', on('old-package-running', 'service/package')),
  N2: unseen(
    'the switch goes on after a failed activation',
    'It is in the output of nixos-rebuild; what it left undone is seen as C1.',
  ),
  N3: seen(
    'collected as garbage',
    on('package-collected-as-garbage', 'service/package'),
    on('pre-start-collected-as-garbage', 'service/package'),
  ),
  N4: seen('daemon-reload is no restart', on('old-package-running', 'service/package')),
  N5: seen('edits by hand are lost', on('unit-disabled', 'service/unit')),
  N6: seen('what the wrapper sets is not in the unit', on('healthy-set-on-the-way')),
  N7: seen(
    "the wrapper's --set is stronger than the unit",
    finds('static/root', 'not-writable', /\/srv\/elsewhere/, () => wrapperSets('/srv/elsewhere')),
  ),
  N8: seen(
    'the store refuses with one errno or another',
    says(
      'store-read-only',
      "PermissionError: [Errno 13] Permission denied: '/nix/store/x-prism/share/prism-django/staticfiles'",
    ),
    on('static-root-in-store', 'static/root'),
  ),
  N9: seen('a manage.py of another version', on('database-ahead', 'database/migrations')),
  N10: seen(
    'the unit of PostgreSQL has another shape',
    finds('database/exists', 'missing', /postgresql-setup\.service.*ERROR/, () =>
      notSetUp('failed'),
    ),
  ),
  N11: seen(
    'a failing start after a deployment is a downtime',
    on('settings-syntax-error', 'app/settings'),
  ),
  N12: unseen(
    'the firewall',
    'Nothing is asked from another machine; the address where the application listens is in every report.',
  ),
}
