import type {Explanation} from '../../report/finding.ts'

export const explanation = {
  why: `A read-only database still serves pages, but every login, upload and migration fails. A
database whose sort order changed underneath it looks rows up in indexes that no longer fit. One
that is down to its last connections turns the next visitor away. Where a sequence lies behind its
table, as after a restore, every new row gets a number that another has, and is refused.`,
  asks: `One question over the service's own connection asks for pg_is_in_recovery(), for
default_transaction_read_only and who set it (pg_db_role_setting), for statement_timeout and
the other limits on time, for the limits on connections of the server, the role and the database and how many are in use, for whoever
blocks a session of the service, for the version of the collation that the database was made with
beside the one that the system has now, for the collations that columns have of
their own, for the encoding, and for extensions of which the server has
no files. A second question compares each sequence that fills a column of the role's tables (serial
or identity, by pg_depend) with that column, up to 1000 of them: whether one of its next 100 values
is there already. That is looked up in the column's own unique index; without one, nothing is
refused, and nothing is read. The service's journal tells whether a character or a file was missed
since the boot, and what a limit ended or refused within the last hour.`,
  findings: {
    recovery: {
      means: `The server is a standby or is still recovering: it answers questions and takes no
writes.`,
      remedy: `Point the service to the primary, or promote this server if it is meant to be the
primary.`,
    },
    'read-only': {
      means: `default_transaction_read_only is on for the role, the database or the whole server
(SQLSTATE 25006).`,
      remedy: `Reset the setting where it was made. Then restart the service, because a session
keeps the setting that it began with.`,
    },
    'statement-timeout': {
      means: `statement_timeout ends every statement of the service after less than a tenth of a
second (SQLSTATE 57014). Often somebody meant seconds, and PostgreSQL counts milliseconds.`,
      remedy: `Set it to what was meant, or reset it, for the role or the database; then restart the
service.`,
    },
    blocked: {
      means: `A session of the service has waited ten seconds or more for a lock that another
session holds. A session that was left open in the middle of a transaction does that: pages hang,
and a migration never ends.`,
      remedy: `See what the other session does, and end its transaction. No session is ever ended
for you.`,
    },
    'few-connections': {
      means: 'At least nine tenths of the connections that the service may have are in use.',
      remedy: `See who holds them. Then run fewer workers, lower CONN_MAX_AGE, or raise
max_connections.`,
    },
    'connections-refused': {
      means: `The service was refused connections within the last hour (SQLSTATE 53300), and the
limit that did it is still there: CONNECTION LIMIT of the role or the database, or max_connections
of the server. Some are left at the moment.`,
      remedy: `See who holds them. Then run fewer workers, lower CONN_MAX_AGE, or raise that
limit.`,
    },
    'timed-out': {
      means: `PostgreSQL ended what the service did within the last hour, since a limit on time is
set that is still there: statement_timeout, lock_timeout, idle_in_transaction_session_timeout,
idle_session_timeout or transaction_timeout. The message says its value and where it is set. It is critical where idle_session_timeout is shorter
than CONN_MAX_AGE, since every pause ends in an error then; else a warning.`,
      remedy: `See what took so long: a slow query, a lock that another session holds, a transaction
that waits for another server. Or raise the limit where it is set, and restart the service. For
idle_session_timeout set CONN_MAX_AGE below it, or CONN_HEALTH_CHECKS.`,
    },
    'collation-of-columns': {
      means: `Columns are sorted by a collation of their own (ICU, or db_collation of a field), which
the system has in another version than the one that the indexes were made with.`,
      remedy: `Rebuild the indexes first (REINDEX DATABASE), and only then ALTER COLLATION … REFRESH
VERSION.`,
    },
    collation: {
      means: `The database was made with another version of the system's collation (glibc or ICU),
so indexes on text may be in the wrong order. PostgreSQL warns about it in its journal at every
connection; the application does not.`,
      remedy: `Rebuild the indexes first (REINDEX DATABASE), and only then REFRESH COLLATION
VERSION.`,
    },
    'sequence-behind': {
      means: `A sequence gives a value next that its table already holds, so that inserts fail with
a duplicate key (SQLSTATE 23505): after a restore that left the sequences out, after rows were
copied with their ids, or after setval(). Where the next value is still free and one of the hundred
after it is taken, it is a warning.`,
      remedy: `Set the sequence to the last value in its table. That changes nothing but the
sequence, and never moves it back.`,
    },
    encoding: {
      means: `The database was made with another encoding than UTF8, and Django writes UTF8.
LATIN1 and its like refuse what they lack (SQLSTATE 22P05); SQL_ASCII takes any bytes and counts
them as characters. It is critical once the service was refused a character, else a warning.`,
      remedy: `An encoding cannot be changed: dump the database, restore it into a new one that is
encoded as UTF8, and rename that.`,
    },
    'extension-gone': {
      means: `The database has an extension, and the server has no files of it any more, as after an
upgrade of PostgreSQL or a rebuild without it. It is critical once the service missed such a file
(SQLSTATE 58P01), else a warning.`,
      remedy: `Install the extension for the PostgreSQL that runs (on NixOS
services.postgresql.extensions).`,
    },
  },
  mistakenFor: `A collation without a version (C, C.UTF-8) has nothing to compare, whatever was
recorded. Connections that are reserved for superusers do not count as the service's. A session that
waits for an advisory lock does so on purpose. A sequence ahead of its table is as it should be:
values are cached, and what was rolled back is never given again. A row that somebody numbered far
ahead by hand, a sequence that cycles, and one whose column takes the same value twice do no harm
now. When a server has no connection left at all,
database/server says so (53300).`,
} satisfies Explanation
