import type {Explanation} from '../../report/finding.ts'

export const explanation = {
  why: `A role that may log in may still not be allowed to do anything: since PostgreSQL 15 only the
owner of a database may create in its schema public, and a migration that somebody ran as postgres
leaves tables that the service cannot use.`,
  asks: `One question over the service's own connection: the schema that search_path leads to,
whether the role may create there, who owns the database, and which tables and sequences of that
schema the role may not use, or belong to a role that it is not a member of. Tables that came with
an extension are left out.`,
  findings: {
    connect: {
      means: 'The role may log in, but has no CONNECT privilege on the database (SQLSTATE 42501).',
      remedy: 'Grant CONNECT, or let the role own the database (ensureDBOwnership).',
    },
    'no-schema': {
      means: `search_path names no schema that exists, so nothing can be created or found (SQLSTATE
3F000).`,
      remedy: 'Create the schema, or reset search_path of the role or the database.',
    },
    'may-not-create': {
      means: `The role may not create in its schema: the next migration that makes a table ends with
"permission denied for schema public". This is critical while the service does not run, since a
migration may be what it stops at; otherwise it is a warning.`,
      remedy: 'Let the role own the database; on NixOS ensureDBOwnership does it.',
    },
    'foreign-tables': {
      means: `Tables or sequences belong to another role, or their owner's own privileges were
revoked. This is critical where the service may not even read or write them. Otherwise it is a
warning: the next migration that changes one ends with "must be owner of table".`,
      remedy: `Give each of them to the role (ALTER TABLE … OWNER TO, or GRANT where the role owns
it). Do not use REASSIGN OWNED BY postgres: it takes the system's objects along.`,
    },
  },
  mistakenFor: `"relation does not exist" is not about privileges, but about a migration or a
search_path. A role that may read and write its tables but do nothing more works until the next
migration: that is worth a warning.`,
} satisfies Explanation
