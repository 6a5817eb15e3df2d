import type {Explanation} from '../../report/finding.ts'

const letRead = `Let everybody read what is served (find with chmod a+rX). Unlike that command, --fix
also leaves alone what has an access control list, whose mask chmod(2) changes.`

export const explanation = {
  why: `WhiteNoise does not start on a directory that it cannot list, and answers 500 for a file
that it cannot read. If a front (nginx, Apache, Caddy) serves the files and may not read them,
visitors get 403 for each, and pages without style.`,
  asks: `Modes, owners and supplementary groups are judged along the whole path: for the service,
and for the user of each front whose configuration serves a directory itself (alias, root). Where a
mode says no, the kernel is asked as that user, since an access control list may say yes.`,
  findings: {
    'closed-to-service': {
      means: 'The service may not read a file, or pass a directory, of its own.',
      remedy: 'Open them to their owner (chmod u+rwX).',
    },
    'closed-to-nginx': {
      means: `nginx serves a directory, and its worker may not pass through one on the way: 403 for
every file.`,
      remedy: `Give that directory its documented mode: 0751 for the state directory, 0755 below
it.`,
    },
    'unreadable-to-nginx': {
      means: 'nginx serves a directory, and its worker may not read some files: 403 for these.',
      remedy: letRead,
    },
    'closed-to-front': {
      means: 'The same as closed-to-nginx, for Apache or Caddy.',
      remedy: 'Let its user pass through that directory.',
    },
    'unreadable-to-front': {
      means: 'The same as unreadable-to-nginx, for Apache or Caddy.',
      remedy: letRead,
    },
    'tighter-than-documented': {
      means: `The mode of the static directory is tighter than the documented 0755. It works, since
only the service reads it.`,
      remedy: 'Give it the documented mode.',
    },
  },
  mistakenFor: `A state directory of 0750 is right while WhiteNoise serves the files, and wrong only
if a front does. A front lists no directory, so it only has to pass. state/ownership judges what
belongs to others.`,
} satisfies Explanation
