import type {Explanation} from '../../report/finding.ts'

export const explanation = {
  why: `Without its database the service answers every page that matters with an error, or does not
start at all.`,
  asks: `The host, port or socket come from the service's own environment, and are asked with its
own credentials; over a Unix socket, as its user. Any answer from the server shows that it takes
connections. When nobody answers, PostgreSQL's unit is looked at (on Debian the one of the cluster:
its state, since when, its last fatal words), and who listens on this machine. The sandbox of the
unit is checked as well, since it may keep the service from what everybody else can reach.`,
  findings: {
    refused: {
      means: 'Nobody listens at the address where the service looks for PostgreSQL.',
      remedy: `Start PostgreSQL, and the service if it stopped along with it. On NixOS
services.postgresql.enable keeps PostgreSQL running.`,
    },
    'no-socket': {
      means: `There is no socket where the service looks for it: PostgreSQL does not run, or has its
socket elsewhere.`,
      remedy: `Start PostgreSQL, and the service if it stopped along with it; or see where
PostgreSQL listens.`,
    },
    elsewhere: {
      means: 'PostgreSQL listens on another port or another socket than the service asks.',
      remedy: 'Make both use the same address in the configuration.',
    },
    'no-port': {
      means: 'The database port that the service is given is not a number from 1 to 65535.',
      remedy: 'Correct it in the environment of the service, and restart the service.',
    },
    'unusable-service': {
      means: `The settings or PGSERVICE name a service of pg_service.conf, and libpq cannot use it: it
is not defined there, or the file has a line that libpq does not understand.`,
      remedy:
        'Define the service in pg_service.conf, or name the right one; then restart the service.',
    },
    'not-postgres': {
      means: 'Another program listens at the address of the database.',
      remedy: 'Give PostgreSQL its port back, or tell the service the right one.',
    },
    'not-installed': {
      means: 'Nobody listens, and this machine has no unit for PostgreSQL.',
      remedy: 'Install or enable PostgreSQL, or correct the address that the service asks.',
    },
    masked: {
      means: "Nobody listens, and PostgreSQL's unit is masked.",
      remedy: 'Unmask it, or enable PostgreSQL in the configuration.',
    },
    failed: {
      means: `PostgreSQL's unit failed, or fails again and again. The message quotes its last fatal
words.`,
      remedy: `Fix what its journal says. Then start it, and the service if it stopped along with
it.`,
    },
    starting: {
      means: `PostgreSQL is starting, or recovering after a crash, and does not let anybody in
yet.`,
      remedy: 'Wait until it has recovered, then look again.',
    },
    'shutting-down': {
      means: 'PostgreSQL is being stopped, and lets nobody in any more.',
      remedy: 'Wait until it has stopped, then start it.',
    },
    'not-ready': {
      means: 'PostgreSQL runs but lets nobody in, like a standby that takes no queries.',
      remedy: 'Read its journal, and wait until it has recovered.',
    },
    'crash-loop': {
      means: 'PostgreSQL is restarted again and again and never becomes ready.',
      remedy: 'Find out from its journal why it does not stay up.',
    },
    'too-many-connections': {
      means: 'Every connection is in use, or every one that the role or the database may have.',
      remedy: `See who holds the connections. Then use fewer, or raise max_connections or the
connection limit of the role. No session is ever ended for you.`,
    },
    'no-resources': {
      means: 'PostgreSQL has run out of memory or of disk.',
      remedy: 'Give it what it lacks: look at df and at its journal.',
    },
    'unknown-host': {
      means: "The name of the database's host does not resolve, or no name server answers.",
      remedy: 'Correct the name, or the resolver.',
    },
    timeout: {
      means: 'The address accepts the connection and does not answer, or drops it.',
      remedy: `Find out what keeps it from answering: its journal, a firewall, another program on
the port.`,
    },
    'no-tls': {
      means: 'The service insists on TLS, and PostgreSQL does not offer it.',
      remedy: 'Give PostgreSQL a certificate, or let the service connect without TLS.',
    },
    denied: {
      means: "The service's user may not reach the socket.",
      remedy: 'Let the user through to it; namei -l shows where the way is closed.',
    },
    'no-answer': {
      means: 'The connection failed in another way. The message quotes the error.',
      remedy: 'Find out from its journal what happened to PostgreSQL.',
    },
    'name-closed': {
      means: `The name of the database's machine is found by root and not by the service, which may
not read what names are looked up in: /etc/hosts, /etc/resolv.conf or /etc/nsswitch.conf, as after a
script that wrote them under a tight umask.`,
      remedy: 'Let everybody read the file, and restart the service.',
    },
    sandboxed: {
      means: `PostgreSQL answers everybody but the service, because the service's unit closes the
network to it (PrivateNetwork=, RestrictAddressFamilies=, IPAddressDeny=).`,
      remedy: 'Take that setting out of the unit, and restart the service.',
    },
  },
  mistakenFor: `A missing socket may come from a full disk, on which PostgreSQL cannot start.
"Connection refused" may come from the sandbox of the service rather than a stopped server. On
Debian postgresql.service only wraps the clusters, and is active (exited) whatever they do. A server
that refuses a password does answer: that is for database/login. A kernel without BPF does not
enforce IPAddressDeny=: there a page of the application proves that it reaches its database.`,
} satisfies Explanation
