import type {Explanation} from '../../report/finding.ts'

export const explanation = {
  why: `A server that answers may still refuse the service. Then every page that needs the database
fails.`,
  asks: `The server is asked with the credentials that a new process of the service would get. Over
a Unix socket a child process asks as the service's user, since peer authentication looks at who
asks. PostgreSQL reports a wrong password in four different cases (28P01); as root the difference is
looked up over its own socket, as role postgres. So is the line of pg_hba.conf that decided: the
first of pg_hba_file_rules whose kind of connection, address, database and role fit, as PostgreSQL
goes through them. Passwords are never printed and never changed.`,
  findings: {
    'wrong-password': {
      means: `The password of the role is not the one that the service has: in the secrets, in a
password file (~/.pgpass) or in a service of pg_service.conf. The message says where it stands.`,
      remedy: `Set the role's password to the one in the secrets (\\password in psql), or correct
the secret.`,
    },
    padded: {
      means: `The password has blanks or a line break around it, and without them PostgreSQL takes it.
A file that was written by an editor or by echo ends with a line break, which belongs to the
password unless the settings strip it.`,
      remedy: 'Strip what the settings read, or write the file without the line break (printf).',
    },
    'stored-as-md5': {
      means: `The role's password is stored as MD5, from before password_encryption changed, and
pg_hba.conf asks for scram-sha-256. An MD5 hash cannot answer that, whatever the password is.`,
      remedy: 'Set the same password again (\\password in psql), so that it is stored as SCRAM.',
    },
    rotated: {
      means: `The role still has the old password, which the running process uses, and the secrets
hold a new one.`,
      remedy: 'Give the role the new password, then restart the service.',
    },
    'no-password': {
      means: `The role has no password at all (NixOS's ensureUsers never sets one), and PostgreSQL
asks for one.`,
      remedy: `Give the role the password from the secrets, or use the socket, which asks for
none.`,
    },
    expired: {
      means: "The role's password has expired.",
      remedy: "Make it valid again (alter role … valid until 'infinity').",
    },
    'role-missing': {
      means: `PostgreSQL has no such role, as in a new, empty cluster. Where
postgresql-setup.service, which makes it on NixOS, failed or is still running, the message says
so.`,
      remedy: `Make sure that this is the cluster with the data, then create the role (on NixOS
declare it in ensureUsers).`,
    },
    'may-not-log-in': {
      means: 'The role is not permitted to log in.',
      remedy: 'Let it log in (alter role … login).',
    },
    'password-refused': {
      means: `PostgreSQL refuses the password, and nobody could look up which of the four cases it
is: that takes root, and a server on this machine.`,
      remedy: "Run as root to tell which, or read the server's log; then set the password.",
    },
    'no-password-sent': {
      means: `PostgreSQL asks for a password, and the service has none to send: neither the settings
state one, nor does libpq find one in a file.`,
      remedy: 'Set it in the secrets and restart, or use the socket, which asks for none.',
    },
    'no-hba-entry': {
      means: `No line of pg_hba.conf lets the role into the database. A mistyped database name ends
here as well; if there is a similar name, the message suggests it.`,
      remedy: `Correct the name of the database; or admit the role in pg_hba.conf (on NixOS
services.postgresql.authentication).`,
    },
    'hba-rejects': {
      means: 'A line of pg_hba.conf rejects the role. As root, the message says which.',
      remedy: 'Admit the role in pg_hba.conf (on NixOS services.postgresql.authentication).',
    },
    'hba-error': {
      means: `PostgreSQL cannot read a line of pg_hba.conf. Then it keeps all that it read before,
and would not start again.`,
      remedy: 'Correct the line, then reload PostgreSQL.',
    },
    'hba-not-read': {
      means: `pg_hba.conf was changed, and PostgreSQL was not reloaded: it goes by the lines that it
read before.`,
      remedy: 'Reload PostgreSQL.',
    },
    'other-method': {
      means: `The line of pg_hba.conf that decides asks for something else than a password: ident
wants a program on the service's machine that nobody runs any more, ldap or pam another directory
of users, cert a certificate. The right password helps nothing there.`,
      remedy: `Write scram-sha-256 in place of the method, in that line (on NixOS in
services.postgresql.authentication), then reload PostgreSQL.`,
    },
    peer: {
      means: `Over the socket PostgreSQL sees the service's user, and the service asks for a role
with another name.`,
      remedy: `Ask for the role that is named like the user, or map the service's user to the
role.`,
    },
    refused: {
      means: "PostgreSQL refuses the role for another reason, in the server's own words.",
      remedy: 'Read what the server logged about it.',
    },
  },
  mistakenFor: `28P01 does not always mean a wrong password: the role may not exist. "Peer
authentication failed" for root, or in your own shell, says nothing about the service. A line of
pg_hba.conf below the one that decides is never reached, whatever it says. A missing database does
not stop the login, because PostgreSQL authenticates first. On NixOS pg_hba.conf is in the store,
and a copy in the data directory is not read.`,
} satisfies Explanation
