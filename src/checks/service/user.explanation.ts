import type {Explanation} from '../../report/finding.ts'

export const explanation = {
  why: `systemd starts nothing for a user or a group that it cannot find: the unit fails before its
program is executed.`,
  asks: `The names in User=, Group= and SupplementaryGroups= are looked up with getent, as the
system itself does, so that users from any source count.`,
  findings: {
    'user-missing': {
      means: `The user of the unit does not exist. The start ends with 217/USER, and the journal
says "Failed to determine user credentials".`,
      remedy: 'Create the user (on NixOS declare it in users.users), and restart the service.',
    },
    'group-missing': {
      means: 'A group of the unit does not exist, and the start ends with 216/GROUP.',
      remedy: 'Create the group (on NixOS declare it in users.groups), and restart the service.',
    },
  },
  mistakenFor: `With DynamicUser= systemd makes the user itself. A unit without User= runs as root,
which is no fault of this kind. A number needs no entry in the user database.`,
} satisfies Explanation
