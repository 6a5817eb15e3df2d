import type {Explanation} from '../../report/finding.ts'

export const explanation = {
  why: `The settings take SECRET_KEY and the database's password from the environment.
python-decouple stops the import at a name without a default. With an empty SECRET_KEY Django 5
starts, and then answers every request with 500 while the journal stays empty.`,
  asks: `What a new process would get is put together as systemd does it: Environment= of the unit,
then its EnvironmentFiles. What the settings need is seen while Django imports them in that
environment: which variables they look for, which are not there, and at which they stop. Where they
state no password, the database driver's own libpq is asked what it finds in ~/.pgpass, PGPASSFILE
or pg_service.conf, as a process of the unit and without a connection. Variables are
compared with the environment of the running process. Names are shown, values never.`,
  findings: {
    missing: {
      means: 'A variable that the settings need is not set anywhere.',
      remedy: 'Add it to the secrets, and restart the service.',
    },
    empty: {
      means: 'A variable that the settings need is set, but has no value.',
      remedy: 'Give it its value in the secrets, and restart the service.',
    },
    misspelt: {
      means: 'A variable is missing, and one is set whose name is often written in its place.',
      remedy: 'Rename it in the secrets, and restart the service.',
    },
    unread: {
      means: `A variable is set that nobody reads, while the one that was meant is not set and falls
back to its default.`,
      remedy: 'Rename it in the secrets, and restart the service.',
    },
    'not-decrypted': {
      means: 'The value is still ciphertext, as sops writes it.',
      remedy: 'Give the variable its real value, and restart the service.',
    },
    'unreadable-url': {
      means: `DATABASE_URL breaks off at a "/", "?" or "#" in its password: what comes before is not
a host and a port, and the settings stop at it.`,
      remedy: `Write the character percent-encoded (%2F, %3F, %23) in the secrets, and restart the
service.`,
    },
    placeholder: {
      means: `The value is not a secret but a placeholder, such as "changeme" or the SECRET_KEY of
startproject, which begins with django-insecure-.`,
      remedy: 'Give the variable its real value, and restart the service.',
    },
    'passfile-open': {
      means: `libpq ignores a password file that others than its owner may read or write, and says so
on standard error alone. A file of LoadCredential= counts as one, since systemd lets the service in
by an access control list.`,
      remedy: 'Give the file to the user of the service, with mode 0600.',
    },
    'passfile-denied': {
      means: `The user of the service may not read the password file. libpq then goes on without a
word.`,
      remedy: 'Give the file to the user of the service, with mode 0600.',
    },
    'passfile-hidden': {
      means: `The password file is there, but the unit's sandbox (ProtectHome=, InaccessiblePaths=,
PrivateTmp=, TemporaryFileSystem=, RootDirectory=) hides it.`,
      remedy: 'Keep it where the service sees it, and name that place in PGPASSFILE.',
    },
    'passfile-missing': {
      means: 'PGPASSFILE or passfile in the settings names a password file that does not exist.',
      remedy: 'Write the file, or name the right one.',
    },
    'passfile-not-a-file': {
      means: 'What lies where libpq looks for the password file is no regular file.',
      remedy: 'Write a file in its place, or name the right one.',
    },
    'passfile-unmatched': {
      means: `No line of the password file is for this connection. The first four fields must be the
host, the port, the database and the role, word for word as the service states them, or "*".
"localhost" is also for the socket, but only where the service names no directory or libpq's own;
for another directory the line must name it.`,
      remedy: 'Add a line for this connection, or correct the one that was meant.',
    },
    'stale-process': {
      means: `The secrets file has changed since the process was started, and the process still has
the old values.`,
      remedy: 'Restart the service.',
    },
  },
  mistakenFor: `systemctl show does not print what is in the secrets file, so it is right that
SECRET_KEY does not appear there. A shell of the service's user has no secrets at all, so a manage
command that fails there proves nothing. A value may come from a wrapper in the store. The
database's password need not stand in the settings: it may be in DATABASE_URL, in a password file or
in a service of pg_service.conf, and peer authentication over a socket needs none. A password file
in the home of an administrator says nothing about the service, and none is looked at where
PostgreSQL asks for no password.`,
} satisfies Explanation
