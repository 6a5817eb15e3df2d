import {clusterHome} from '../../facts/postgres/cluster.ts'
import type {Explanation} from '../../report/finding.ts'

export const explanation = {
  why: `PostgreSQL keeps each major version in a directory of its own. A rebuild with another
version starts a new, empty cluster beside the old one. A volume that is not mounted leaves an empty
directory where the data was. The service then migrates the empty database and everything seems to
work, but every account and upload is gone. Creating the database there makes it worse.`,
  asks: `As root the role postgres is asked over its local socket for the data directory, and for
when the cluster was made (the upper half of its system identifier). The other directories of
${clusterHome} are listed. Where an older one lies beside it, the oldest row of django_migrations
tells: data that was carried over was written before the cluster was made. systemd is asked whether
a volume for the data directory is declared and not mounted.`,
  findings: {
    'new-cluster': {
      means: `Another cluster lies beside the running one, and everything in the running one is
newer than the cluster itself: the data is still in the other one.`,
      remedy: `Go back to the version of the old cluster (on NixOS services.postgresql.package),
then upgrade as the system's manual says. Do not create the database or migrate here.`,
    },
    'not-mounted': {
      means: `A volume is declared for the data directory and is not mounted: PostgreSQL runs in an
empty cluster below it.`,
      remedy: 'Stop PostgreSQL, mount the volume, start PostgreSQL again.',
    },
  },
  mistakenFor: `After a successful upgrade the old directory stays for a while, too; rows older than
the new cluster show that the data came along. A cluster that was made after the running one, for an
upgrade that is prepared or was taken back, does not hold its data. A first installation is new as
well, and has no other cluster beside it.`,
} satisfies Explanation
