import type {Explanation} from '../../report/finding.ts'

export const explanation = {
  why: `Without its database the service cannot start, or answers every page with an error. When a
database has disappeared, look for the data before you create anything.`,
  asks: `The service's own connection shows it: after the login PostgreSQL opens the database. It
says 3D000 when there is no database of that name, 55000 when it is closed, and in its DETAIL which locale it lacks. The clusters in
/var/lib/postgresql are listed beside it.`,
  findings: {
    missing: {
      means: `There is no database of that name. Perhaps nobody made it. After a change of
PostgreSQL's major version there may be a new, empty cluster beside the old one that still holds
everything; or a volume is not mounted. Where postgresql-setup.service failed or is still running,
the message says so.`,
      remedy: `Make sure that no other cluster holds the data. Only then create the database, or
declare it in ensureDatabases, and restart.`,
    },
    'no-locale': {
      means: `The database was made with a locale that the system does not have (any more), so that
PostgreSQL opens it for nobody: after an upgrade, or a restore on another machine.`,
      remedy: `Make the locale (locale-gen; on NixOS i18n.extraLocales), then restart PostgreSQL and the
service.`,
    },
    closed: {
      means: 'The database is there and accepts no connections.',
      remedy: 'Open it (alter database … allow_connections true).',
    },
  },
  mistakenFor: `A role that may not connect to an existing database is for database/privileges. A
mistyped name may be refused earlier, when no line of pg_hba.conf covers it: database/login says
so.`,
} satisfies Explanation
