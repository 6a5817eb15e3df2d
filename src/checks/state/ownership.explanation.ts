import type {Explanation} from '../../report/finding.ts'

const giveBack = `Give the directory and everything below to the service's user and group (find with
chown). Unlike that command, --fix also leaves alone what has file capabilities, which chown(2)
clears, lost+found, and what is mounted from elsewhere on the same filesystem.`

export const explanation = {
  why: `A collectstatic that somebody ran once as root, or a restore with sudo cp, leaves files that
the service cannot replace: its next start stops at "Permission denied".`,
  asks: `The directory is listed once, without following links, and owners and groups are compared
with those of the unit. More than 100,000 entries are counted by type, mode and owner, and the first
of each are named. The modes then tell whether what belongs to others is in the service's way.
Where they say so, the kernel is asked as the service's user.`,
  findings: {
    'locked-out': {
      means: `The service cannot use something that belongs to somebody else: a directory it may not
write to, a file it may not read, or a compressed static file that WhiteNoise must overwrite.`,
      remedy: giveBack,
    },
    'foreign-owner': {
      means: `Something belongs to somebody else, and the service can use it all the same, as it can
read an upload that belongs to root.`,
      remedy: giveBack,
    },
  },
  mistakenFor: `systemd does not repair it: StateDirectory= looks at the owner of the top directory
alone. A group that the service or nginx is in is taken as meant. lost+found belongs to root on
every filesystem. The owner of a link, a socket or a FIFO does not matter.`,
} satisfies Explanation
