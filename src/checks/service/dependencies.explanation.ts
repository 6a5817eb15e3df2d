import type {Explanation} from '../../report/finding.ts'

export const explanation = {
  why: `systemd does not start a unit while one that it requires fails, and stops it along with one
that stops. When the socket of Redis does not let the service's user in, the service starts, but
every page that needs the cache or a queue fails.`,
  asks: `systemd is asked about the services, sockets and mounts of Requires=, Requisite= and
BindsTo=, and those behind postgresql.target too; PostgreSQL itself is left to database/server. For
CACHES, CHANNEL_LAYERS and CELERY_BROKER_URL, as Django has them, the mode, owner and group of the
socket and of the directories above it are compared with the user and every group of the service.
For an address on this machine, the check looks whether anything listens there.`,
  findings: {
    missing: {
      means: 'A required unit does not exist, or cannot be loaded.',
      remedy: 'Define it, or remove it from Requires=, and restart the service.',
    },
    inactive: {
      means: 'A required unit does not run.',
      remedy: 'Start it, then the service. Where it fails, its own journal says why.',
    },
    'no-socket': {
      means: 'There is no socket, or nothing listens, where the service is told to find Redis.',
      remedy: 'Start Redis, or correct the address.',
    },
    'socket-denied': {
      means: "The socket's mode lets in neither the user nor any group of the service.",
      remedy: `Put the user into the group of the socket (SupplementaryGroups=), and restart the
service.`,
    },
  },
  mistakenFor: `Targets and slices are never the reason here, and a mount only where it failed and
the service does not run. A group that the user got since the service was started counts only after
a restart; this check goes by what the unit and the group database say, which is what counts then. A
broker on another machine is not asked.`,
} satisfies Explanation
