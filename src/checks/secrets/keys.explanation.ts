import type {Explanation} from '../../report/finding.ts'

export const explanation = {
  why: `The settings take SECRET_KEY and the database's password from the environment.
python-decouple stops the import at a name without a default. With an empty SECRET_KEY Django 5
starts, and then answers every request with 500 while the journal stays empty.`,
  asks: `What a new process would get is put together as systemd does it: Environment= of the unit,
then its EnvironmentFiles. What the settings need is seen while Django imports them in that
environment: which variables they look for, which are not there, and at which they stop. Both are
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
    'stale-process': {
      means: `The secrets file has changed since the process was started, and the process still has
the old values.`,
      remedy: 'Restart the service.',
    },
  },
  mistakenFor: `systemctl show does not print what is in the secrets file, so it is right that
SECRET_KEY does not appear there. A shell of the service's user has no secrets at all, so a manage
command that fails there proves nothing. A value may come from a wrapper in the store. The
database's password is not needed with DATABASE_URL, with PGPASSFILE, or with peer authentication
over a socket.`,
} satisfies Explanation
