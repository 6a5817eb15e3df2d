import type {Explanation} from '../../report/finding.ts'

export const explanation = {
  why: 'Without an active superuser nobody can enter /admin/. Nobody notices until it is needed.',
  asks: `Over the service's own connection: the table that has the columns password, last_login,
is_superuser and is_active, whatever the project calls it, and how many of its rows are superusers,
active, staff, and have a usable password. No name, no address and no password is read.`,
  findings: {
    none: {
      means: `No account is a superuser. In a new database that is the first thing to create. In an
old one, look for the data: the message names another schema that has the table.`,
      remedy: 'Create one (manage.py createsuperuser, in the environment of the service).',
    },
    unusable: {
      means: `No active superuser has a usable password (Django's set_unusable_password), and the
settings name no other way to log in.`,
      remedy: 'Give one of them a password (manage.py changepassword), or create another.',
    },
    'not-staff': {
      means: `There are active superusers, but none of them is staff (is_staff), and /admin/ lets in
only staff.`,
      remedy: 'Make one of them staff in the shell of manage.py, or create another.',
    },
    inactive: {
      means: 'There are superusers, but none of them is active, so none may log in.',
      remedy: 'Activate one in the shell of manage.py, or create another.',
    },
  },
  mistakenFor: `An application without an admin site (django.contrib.admin, wagtail.admin) needs no
superuser. A user model of the project's own keeps its accounts in another table than auth_user.
Where AUTHENTICATION_BACKENDS names another way to log in, superusers need no password.`,
} satisfies Explanation
