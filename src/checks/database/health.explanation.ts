import type {Explanation} from '../../report/finding.ts'

export const explanation = {
  why: `A read-only database still serves pages, but every login, upload and migration fails. A
database whose sort order changed underneath it looks rows up in indexes that no longer fit. One
that is down to its last connections turns the next visitor away.`,
  asks: `One question over the service's own connection asks for pg_is_in_recovery(), for
default_transaction_read_only and who set it (pg_db_role_setting), for statement_timeout, for the
limits on connections of the server, the role and the database and how many are in use, for whoever
blocks a session of the service, and for the version of the collation that the database was made
with beside the one that the system has now.`,
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
    collation: {
      means: `The database was made with another version of the system's collation (glibc or ICU),
so indexes on text may be in the wrong order. PostgreSQL warns about it in its journal at every
connection; the application does not.`,
      remedy: `Rebuild the indexes first (REINDEX DATABASE), and only then REFRESH COLLATION
VERSION.`,
    },
  },
  mistakenFor: `A collation without a version (C, C.UTF-8) has nothing to compare, whatever was
recorded. Connections that are reserved for superusers do not count as the service's. A session that
waits for an advisory lock does so on purpose. When a server has no connection left at all,
database/server says so (53300).`,
} satisfies Explanation
