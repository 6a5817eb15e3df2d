import type {Explanation} from '../../report/finding.ts'

export const explanation = {
  why: `The models of the package and the tables of the database must match. A column that is not
there yet makes some pages answer 500, and a column that an older package does not know may make
every write fail.`,
  asks: `Django's own loader lists the migrations of every application, third-party ones included,
as a new start of the unit would see them. django_migrations is read over the service's own
connection. A squashed migration counts as applied when everything that it replaces is. The tables
that the migrations make are looked for as well. Where a migration is pending, the dependencies in
the files tell whether migrate will start at all, and which extensions of PostgreSQL it will create
(CreateExtension, and RunSQL that does the same): pg_available_extensions tells whether the server
has their files.`,
  findings: {
    pending: {
      means: 'The package has migrations that were never applied to this database.',
      remedy: `Migrate. A restart does it where the unit migrates before it starts; --fix does it
only in the right cluster.`,
    },
    ahead: {
      means: `The database has migrations that the package lacks: the package was rolled back, or an
older one was deployed.`,
      remedy: `Deploy the newer package again. Rolling back further, or deleting the rows, makes it
worse.`,
    },
    inconsistent: {
      means: `A migration is recorded as applied, but one that it depends on is not
(InconsistentMigrationHistory): migrate refuses to begin.`,
      remedy: `Find out how the row was lost. If the tables of the missing migration are there,
record it (migrate --fake); otherwise restore the backup.`,
    },
    'parent-missing': {
      means: `A migration of the package depends on one that the package lacks (NodeNotFoundError):
migrate refuses to begin.`,
      remedy: 'Put the missing migration into the package, and deploy it.',
    },
    conflict: {
      means: `Two migrations of an application follow the same one, and no migration merges them
(conflicting leaf nodes): migrate refuses to begin.`,
      remedy: 'Merge them in the repository (makemigrations --merge), and deploy.',
    },
    broken: {
      means: `A migration cannot be imported, or the migrations depend on one another in a circle:
migrate refuses to begin.`,
      remedy: 'Fix what the message quotes, and deploy again.',
    },
    'extension-missing': {
      means: `A migration that is not applied creates an extension, and this PostgreSQL has no files
of it ("extension … is not available", "could not open extension control file"): migrate fails.`,
      remedy: `Install the extension for the PostgreSQL that runs (on NixOS
services.postgresql.extensions, elsewhere a package of its own), then migrate.`,
    },
    'extension-refused': {
      means: `A migration that is not applied creates an extension that only a superuser may create
("permission denied to create extension"): it is not a trusted one, or the role may create nothing
in the database.`,
      remedy: 'Create it as the superuser, then migrate: the migration leaves it as it is.',
    },
    'other-schema': {
      means: `The tables are there, but in a schema where search_path does not look: migrating would
make them a second time.`,
      remedy: 'Let search_path lead to the schema with the tables, and restart.',
    },
    'never-migrated': {
      means: 'No schema has a table django_migrations: the database is empty.',
      remedy: 'Make sure that this is the right database, then migrate.',
    },
    'tables-gone': {
      means: `A migration is recorded as applied, but a table that it makes is not there: it was
dropped, or a restore was not complete. Every page that needs it answers 500.`,
      remedy: 'Restore the table from a backup: migrate skips what it has recorded.',
    },
    'record-lost': {
      means: `django_migrations is empty, and yet there are tables: migrating stops at "already
exists".`,
      remedy: `Restore django_migrations from a backup, or tell Django what is there (migrate
--fake) if you know it.`,
    },
  },
  mistakenFor: `Rows of applications that are no longer installed stay in django_migrations for ever
and mean nothing. An extension that the database has already is not created again, whoever may.
"relation does not exist" may also come from a search_path that leads elsewhere:
database/privileges says so.`,
} satisfies Explanation
