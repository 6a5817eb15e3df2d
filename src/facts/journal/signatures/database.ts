import type {Because} from '../../../report/finding.ts'
import {type Described, signaturesOf} from './signature.ts'

/**
 * What PostgreSQL answers and libpq adds, as Django's exception holds it. libpq tries each address
 * of a name and tells of all: "::1 … Connection refused", then "127.0.0.1 … FATAL: …", so a
 * server's answer is looked for before a refusal.
 */
function database<N extends string>(
  name: N,
  text: RegExp,
  because: Because,
  example: string,
): Described<N> {
  return {
    name,
    // Redis is refused in the same words.
    pattern: new RegExp(
      `^(?:django\\.db|psycopg2?|asyncpg|sqlalchemy)\\.(?:\\w+\\.)*[A-Z]\\w+: [\\s\\S]*?(${text.source})`,
    ),
    because,
    meaning: match => (match[1] ?? match[0]).replace(/\s+/g, ' ').trim(),
    example,
  }
}

const operational =
  'django.db.utils.OperationalError: connection to server at "localhost" (::1), port 5432 failed: '

export const databaseSignatures = signaturesOf('service', [
  {
    name: 'server-too-old',
    pattern:
      /^(?:[\w.]+\.)?NotSupportedError: PostgreSQL (\S+) or later is required \(found ([^)]+)\)/,
    because: 'itself',
    meaning: ([, wanted, found]) =>
      `this version of Django wants PostgreSQL ${wanted} or later, and the server is ${found}`,
    example: 'django.db.utils.NotSupportedError: PostgreSQL 12 or later is required (found 11.22).',
  },
  database(
    'password-refused',
    /FATAL: +password authentication failed for user "[^"]*"/,
    ['database/login'],
    `${operational}FATAL:  password authentication failed for user "prism"`,
  ),
  database(
    'no-password',
    /(?:fe_sendauth: )?no password supplied/,
    ['secrets/keys', 'secrets/file', 'database/login'],
    `${operational}fe_sendauth: no password supplied`,
  ),
  database(
    'not-admitted',
    /FATAL: +(?:no pg_hba\.conf entry for|pg_hba\.conf rejects connection for) [^\n]*/,
    ['database/login'],
    `${operational}FATAL:  no pg_hba.conf entry for host "::1", user "prism", database "prism", no encryption`,
  ),
  database(
    'peer',
    /FATAL: +(?:Peer|Ident) authentication failed for user "[^"]*"/,
    ['database/login'],
    'django.db.utils.OperationalError: connection to server on socket "/run/postgresql/.s.PGSQL.5432" failed: FATAL:  Peer authentication failed for user "prism"',
  ),
  database(
    'role',
    /FATAL: +role "[^"]*" (?:does not exist|is not permitted to log in)/,
    ['database/login'],
    `${operational}FATAL:  role "prism" is not permitted to log in`,
  ),
  database(
    'database-missing',
    /FATAL: +database "[^"]*" (?:does not exist|is not currently accepting connections)/,
    ['database/exists'],
    `${operational}FATAL:  database "prism" does not exist`,
  ),
  database(
    'locale-gone',
    /FATAL: +database locale is incompatible with operating system/,
    ['database/exists'],
    `${operational}FATAL:  database locale is incompatible with operating system\nDETAIL:  The database was initialized with LC_COLLATE "de_DE.UTF-8",  which is not recognized by setlocale().\nHINT:  Recreate the database with another locale or install the missing locale.`,
  ),
  database(
    'connect-denied',
    /FATAL: +permission denied for database "[^"]*"/,
    ['database/privileges', 'database/exists'],
    `${operational}FATAL:  permission denied for database "prism"\nDETAIL:  User does not have CONNECT privilege.`,
  ),
  database(
    'no-connection-left',
    /FATAL: +(?:sorry, too many clients already|remaining connection slots are reserved [^\n]*|too many connections for [^\n]*)/,
    ['database/server', 'database/health'],
    `${operational}FATAL:  too many connections for role "prism"`,
  ),
  database(
    'session-timeout',
    /terminating connection due to (?:idle-session|idle-in-transaction|transaction) timeout/,
    ['database/health'],
    'django.db.utils.OperationalError: terminating connection due to idle-session timeout\nserver closed the connection unexpectedly\n\tThis probably means the server terminated abnormally\n\tbefore or while processing the request.',
  ),
  database(
    'server-not-ready',
    /FATAL: +(?:the database system is [^\n]*|terminating connection due to administrator command)/,
    ['database/server'],
    `${operational}FATAL:  the database system is starting up`,
  ),
  database(
    'extension-missing',
    /(?:could not open extension control file "[^"]*"|extension "[^"]*" is not available|permission denied to create extension "[^"]*")/i,
    ['database/migrations'],
    'django.db.utils.NotSupportedError: extension "vector" is not available\nDETAIL:  Could not open extension control file "/usr/share/postgresql/15/extension/vector.control": No such file or directory.\nHINT:  The extension must first be installed on the system where PostgreSQL is running.',
  ),
  database(
    'extension-gone',
    /could not (?:access file|load library) "[^"]*"/,
    ['database/health'],
    'django.db.utils.OperationalError: could not access file "$libdir/vector": No such file or directory',
  ),
  database(
    'number-taken',
    // Of a primary key: any other is for the application to keep unique.
    /duplicate key value violates unique constraint "[^"]*_pkey"/,
    ['database/health'],
    'django.db.utils.IntegrityError: duplicate key value violates unique constraint "django_migrations_pkey"\nDETAIL:  Key (id)=(1) already exists.',
  ),
  database(
    'not-in-encoding',
    /character with byte sequence [^\n]{1,300} has no equivalent in encoding "[^"]*"/,
    ['database/health'],
    'django.db.utils.DataError: character with byte sequence 0xe2 0x82 0xac in encoding "UTF8" has no equivalent in encoding "LATIN2"',
  ),
  database(
    'may-not',
    /permission denied for (?:schema|table|sequence|relation|view) [^\n)]+|must be owner of [^\n)]+|no schema has been selected to create in/,
    ['database/privileges'],
    'django.db.utils.ProgrammingError: permission denied for schema public\nLINE 1: CREATE TABLE "lighthouse_log" ("id" bigint NOT NULL PRIMARY ...',
  ),
  database(
    'relation-missing',
    /(?:relation|table|column) [^\n]{1,300} (?:does not exist|already exists)/,
    ['database/migrations'],
    'django.db.utils.ProgrammingError: relation "django_session" does not exist\nLINE 1: SELECT "django_session"."session_key"',
  ),
  database(
    'history',
    /Migration \S+ is applied before its dependency \S+ on database '[^']*'/,
    ['database/migrations'],
    "django.db.migrations.exceptions.InconsistentMigrationHistory: Migration auth.0001_initial is applied before its dependency contenttypes.0001_initial on database 'default'.",
  ),
  database(
    'migration-without-parent',
    /Migration \S+ dependencies reference nonexistent parent node \([^()]*\)/,
    'itself',
    "django.db.migrations.exceptions.NodeNotFoundError: Migration app.0002_b dependencies reference nonexistent parent node ('app', '0009_gone')",
  ),
  database(
    'read-only',
    /cannot execute [A-Z ]+ in a read-only transaction/,
    ['database/health'],
    'django.db.utils.InternalError: cannot execute CREATE TABLE in a read-only transaction',
  ),
  database(
    'lock-timeout',
    /canceling statement due to lock timeout/,
    ['database/health'],
    'django.db.utils.OperationalError: canceling statement due to lock timeout\nLINE 1: SELECT "lamps"."id" FROM "lamps" FOR UPDATE',
  ),
  database(
    'statement-timeout',
    /canceling statement due to statement timeout/,
    ['database/health'],
    'django.db.utils.OperationalError: canceling statement due to statement timeout',
  ),
  {
    name: 'sqlite',
    pattern:
      /^(?:[a-z_]\w*\.)+OperationalError: (unable to open database file|attempt to write a readonly database)/,
    because: ['state/directory', 'state/ownership', 'state/modes'],
    meaning: ([, text], unit) => {
      const isMeant = /\bPOSTGRES_/.test(unit.get('Environment'))
      const other = 'the unit names a PostgreSQL that the settings do not choose (USE_POSTGRES?)'
      return `SQLite says "${text}"${isMeant ? `, and ${other}` : ''}`
    },
    example: 'django.db.utils.OperationalError: unable to open database file',
  },
  database(
    'data-full',
    /could not (?:extend|write to|write|create) [^\n]{0,500}: No space left on device/,
    ['state/space'],
    'django.db.utils.OperationalError: could not extend file "base/5/16384": No space left on device\nHINT:  Check free disk space.',
  ),
  database(
    'encryption',
    /server does not support SSL, but SSL was required/,
    ['database/server', 'database/login'],
    `${operational}server does not support SSL, but SSL was required`,
  ),
  database(
    'unreachable',
    /(?:connection to server (?:at|on socket) [^\n]{0,300} failed: )?(?:Connection refused|(?<=failed: |to server: )No such file or directory|Connection timed out|timeout expired|No route to host|Network is unreachable|server closed the connection unexpectedly|Address family not supported[^\n]*)/,
    // What lives may have been ended by a limit.
    ['database/server', 'database/health'],
    `${operational}Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?`,
  ),
  database(
    'name-unknown',
    /(?:could not translate host name|failed to resolve host) [^\n]*|connection timeout expired/,
    ['database/server'],
    'django.db.utils.OperationalError: could not translate host name "database.invalid" to address: Temporary failure in name resolution',
  ),
  {
    name: 'database-silent',
    // libpq has no words for a socket that it may not open (RestrictAddressFamilies=).
    pattern: /^(?:[a-z_]\w*\.)+OperationalError(?::|$)/,
    because: ['database/server'],
    example: 'django.db.utils.OperationalError',
  },
])
