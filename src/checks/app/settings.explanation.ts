import type {Explanation} from '../../report/finding.ts'

export const explanation = {
  why: `Nobody knows the application better than Django itself: which database it uses, where its
files lie, which hosts it answers. When the settings cannot be imported, the next start of the
service fails, and nobody knows until then.`,
  asks: `The settings are imported the way a new start of the unit would import them: with the
interpreter of its server, as its user, in its environment, its directory and its sandbox, from the
WSGI or ASGI module that ExecStart= names. The configurations and the migrations of the applications
are imported, too. Nothing connects to the database and logging stays off. Where the service or its
pages fail, or with --deep, the rest of a start is made as well: the models, the URLs, the WSGI or
ASGI callable and Django's own system checks. A start that fails
is then repeated, dry, without the settings of its sandbox, and where that succeeds they are put
back by halves until the one is left that breaks it: as the same user, with no new privileges, never
for a unit of root's, and for five seconds at most. The same is done for a path that the running
service logged it was refused: a process of the unit looks what it may do with it, and opens
nothing. ask = false under [django] in the configuration
refuses all of it.`,
  findings: {
    'missing-variable': {
      means:
        'The settings stop at a variable that is not set. The message names every missing one.',
      remedy: `Set it where the unit, its secrets file or the .env file of the application has the
others; then restart.`,
    },
    'import-failed': {
      means: `The settings, the WSGI or ASGI module, an application or the configuration of the
server cannot be imported. The exception is quoted with its file and line.`,
      remedy: 'Correct what is quoted, or deploy the previous version, then restart.',
    },
    'import-swallowed': {
      means: `A part of the settings cannot be imported, and they go on without it ("except
ImportError: pass"): what they then say about databases, hosts and keys does not count. This is only
reported when pages or the service fail.`,
      remedy: 'Correct what is quoted, then restart.',
    },
    'start-failed': {
      means: `The settings can be imported, but the rest of the start fails: an application, the
URLs, the WSGI or ASGI callable.`,
      remedy: 'Correct what is quoted, or deploy the previous version, then restart.',
    },
    sandbox: {
      means: `The start fails as the unit makes it, and succeeded when it was repeated without the
setting that is named. No smaller part of the sandbox does: each was tried.`,
      remedy: `Change the setting as narrowly as the remedy says. Where it names a change, that was
tried as well, with the rest of the sandbox as it is.`,
    },
    'sandbox-part': {
      means: `The start fails as the unit makes it, and succeeded without the settings that are
named. The time was over before it was clear which of them it is.`,
      remedy: 'Look at these settings; leave out one after the other, in a drop-in.',
    },
    'sandbox-of-path': {
      means: `The service runs, and logged within the last hour that it was refused a path. A process
of the unit may not use it either, and may without the setting that is named. It is critical where
the pages fail that are asked for, else a warning.`,
      remedy: `Change the setting as narrowly as the remedy says. Where it names a change, that was
tried as well, with the rest of the sandbox as it is.`,
    },
    'system-check': {
      means: "Django's own system checks find an error, at which migrate and runserver stop.",
      remedy: 'Correct what Django says, then restart.',
    },
    'no-django': {
      means: 'The interpreter of the server has no Django.',
      remedy: 'Install Django into the environment of that interpreter.',
    },
    'no-directory': {
      means: `The directory that the server is told to change to (--chdir, chdir=) does not exist,
or the service may not enter it.`,
      remedy: 'Put the application back there, or correct the name.',
    },
    'no-interpreter': {
      means: 'The unit cannot execute the Python that it names.',
      remedy: 'Install it again, or correct the unit.',
    },
    'not-prepared': {
      means: `systemd cannot prepare a process of the unit: its user, its directory or its sandbox
is at fault.`,
      remedy: 'Correct what systemd says.',
    },
    'other-library': {
      means: `Python ends before it has started, because PYTHONHOME sends it to a directory that
does not hold its own library: an environment that was moved, or another version's.`,
      remedy: 'Take PYTHONHOME out of the unit. A virtual environment needs none.',
    },
    crashed: {
      means: 'The interpreter ended while it imported the settings, without an exception.',
      remedy: 'Run the same by hand and see what ends it: a broken library, or too little memory.',
    },
  },
  mistakenFor: `A shell of the service's user has none of its environment: that manage.py fails
there proves nothing. The running process may have been started with something else, if anything was
changed since.`,
} satisfies Explanation
