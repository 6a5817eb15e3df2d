import type {Explanation} from '../../report/finding.ts'

export const explanation = {
  why: `A unit that systemd calls active proves nothing: gunicorn starts without a database and
answers every page with an error, and Django's default logging writes nothing of that to the
journal.`,
  asks: `The login pages and the front page are requested at the address where the application was
told to listen. The request uses a name that ALLOWED_HOSTS allows, and the cookie of a session that
does not exist, so that Django needs the database for its answer. uWSGI is asked in its own protocol
where its socket speaks that. Root also sees whether the process that listens belongs to the unit.
Where no answer comes, /proc tells in which system call each thread of the service is, and on which
descriptor; ss who holds the other end, /proc/locks who holds a file, and pg_stat_activity what
PostgreSQL does for it.`,
  findings: {
    'server-error': {
      means: `A page fails with a 5xx. If the journal holds the exception, that is quoted. If it
does not, a new process of the unit makes the page once more, and the exception shows itself
there.`,
      remedy: `Correct what is quoted, and deploy it. If nothing is, find the error in the journal,
or let Django log it there (LOGGING with a StreamHandler), and restart.`,
    },
    refused: {
      means: 'Nobody listens at the address, or there is no such socket.',
      remedy: 'Start the service. If it is active, restart it and see where it listens.',
    },
    starting: {
      means: 'Nobody listens yet: the service is still starting.',
      remedy: 'Wait until it has started, then look again.',
    },
    'other-address': {
      means: "The unit's own process listens at another address than it was told to.",
      remedy:
        'Let the application follow its setting, or correct the setting, and restart the service.',
    },
    'foreign-listener': {
      means: 'Another program listens at the address. What it answers does not matter.',
      remedy: 'Stop or move that program yourself, then restart the service.',
    },
    timeout: {
      means: `The connection is accepted and no answer comes: all workers hang. Where the database
says that they wait for a lock, the message says who holds it.`,
      remedy: `End the session that holds the lock. If there is none, restart the service, and see
what its workers waited for.`,
    },
    'held-by-clients': {
      means: `Connections hold the workers that wait for their requests, or for them to take the
answer: the message says whose. A worker of gunicorn's usual kind serves one connection at a time.`,
      remedy: `Restart the service to close them. A proxy in front that buffers requests (nginx does),
or threads, keep the workers free.`,
    },
    'held-by-server': {
      means: `The workers wait for somebody whom the application asks: a database, a mail server, a
name server, another site. The message says at which address, and who listens there if that is this
machine. Of PostgreSQL it says how long the statement has run.`,
      remedy: `See why that does not answer. Give the application a timeout (EMAIL_TIMEOUT,
socket_timeout, statement_timeout), so that it fails instead of waiting. A restart frees the workers.`,
    },
    'output-full': {
      means: 'The workers write into a pipe that is full, since its reader does not read.',
      remedy:
        'Restart the service, and see why the reader stands still. Log to the journal instead.',
    },
    'file-locked': {
      means: 'The workers wait for a lock on a file; the message says who holds it.',
      remedy: 'End what holds the lock, if it hangs.',
    },
    'storage-silent': {
      means:
        'The workers wait for a file system that does not answer: a dead disk, or a dead server.',
      remedy: 'Bring the server back, or unmount it (umount -l), then restart the service.',
    },
    busy: {
      means: `The workers compute or sleep in the application's own code, or wait for a program that
it has started.`,
      remedy:
        'See where it is (py-spy dump shows that), and correct it there. A restart frees the workers.',
    },
    stopped: {
      means:
        'The workers were stopped (SIGSTOP), are held by a debugger, or were frozen by systemd.',
      remedy: 'Let them go on: systemctl kill --signal=CONT, or systemctl thaw.',
    },
    'no-workers': {
      means: 'The main process accepts connections, and has no worker that answers them.',
      remedy: 'Let it start workers (--workers, WEB_CONCURRENCY), and restart the service.',
    },
    'socket-deleted': {
      means: `The service listens on a socket whose file is gone, so nobody finds it any more. If
another unit has the same RuntimeDirectory=, systemd removed it with that unit.`,
      remedy: `Restart the service, which makes the file anew. Give the other unit a directory of its
own.`,
    },
    'socket-replaced': {
      means: `Another socket lies where the service made its own: another program has bound the path
since, or was started and ended there.`,
      remedy: 'Stop or move the other program, and restart the service.',
    },
    'socket-hidden': {
      means: `The socket lies in a directory that the unit's sandbox keeps for itself, as PrivateTmp=
does with /tmp.`,
      remedy: 'Let it listen below /run, in a RuntimeDirectory=, and let the front look there.',
    },
    denied: {
      means: 'Permission to connect to the socket is denied.',
      remedy: 'Open the way to the socket; namei -l shows where it is closed.',
    },
    'empty-reply': {
      means: 'The connection ends without an answer, as when a worker dies over a request.',
      remedy: 'See in the journal what happened to the workers.',
    },
    'not-http': {
      means: 'Something answers, but not in HTTP.',
      remedy: 'See who listens (ss -ltnp), and in the journal what happened to the workers.',
    },
    'bad-request': {
      means: `The application answers 400 to a name that is in ALLOWED_HOSTS, so it does not read
that setting; or the name has an underscore, which Django rejects.`,
      remedy: 'Correct ALLOWED_HOSTS, and restart the service.',
    },
    'no-hosts': {
      means: 'ALLOWED_HOSTS is empty: the application answers 400 to everybody.',
      remedy: `Name the hosts in ALLOWED_HOSTS, and restart the service. If the unit names them
already, a restart is enough.`,
    },
    'unknown-hosts': {
      means: 'The application answers 400, and nothing says which names it allows.',
      remedy: "Name one in prism-doctor's configuration (hosts under [target]).",
    },
    'not-found': {
      means: 'The application answers, but has none of the pages that were requested.',
      remedy: 'Make sure that this is the right application.',
    },
  },
  mistakenFor: `An application that is asked by its address rightly answers 400, and static files
come for any name. A redirect to https is no fault: the page is requested again the way a proxy with
TLS would. A clean journal proves nothing. If systemd listens for a unit that its socket starts, no
other program has taken the port.`,
} satisfies Explanation
