import type {Explanation} from '../../report/finding.ts'

export const explanation = {
  why: `A full disk cuts off whatever is being written: the static manifest, an upload, PostgreSQL's
log. PostgreSQL then stops with a PANIC and its socket is gone, which looks like a server that
nobody started.`,
  asks: `stat --file-system (statfs(2)) for the state directory, MEDIA_ROOT, the log files of the
settings, /var/lib/postgresql and each cluster in it. It tells how many bytes somebody who is not
root may still write, and how many inodes are left. Each filesystem is judged once.`,
  findings: {
    full: {
      means: 'Less than 16 MiB, or fewer than 100 inodes, are left for those who are not root.',
      remedy: `Make room, then start what has stopped, PostgreSQL first. A human must say what may
go.`,
    },
    scarce: {
      means: 'Less than 5 % is left, and less than 1 GiB or 10,000 inodes.',
      remedy: 'Find out what grows before the disk is full.',
    },
  },
  mistakenFor: `Root's shell can still write where a service cannot: ext4 reserves 5 % for root. A
filesystem without a fixed number of inodes (btrfs, zfs) says 0 of 0. A quota (EDQUOT) is not seen
here.`,
} satisfies Explanation
