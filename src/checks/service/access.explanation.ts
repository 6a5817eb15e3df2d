import type {Explanation} from '../../report/finding.ts'

export const explanation = {
  why: `What root can open and the service cannot is a matter of permissions, whatever program
stumbled over it, and whatever it printed: Python calls a module missing in a directory that is
closed, and a server calls a certificate invalid.`,
  asks: `Where the service does not start, or a request ended with an exception, every path that was
named is gathered: by the exception, by systemd, by any program of the unit, and by the server's own
arguments. Then a process of the unit, with its user, groups and sandbox, follows each as the kernel
does (stat, access), and opens what is a regular file, for reading. The first component that refuses
is named, with its owner, its mode and its access control list. Nothing is asked while all is well,
and nothing that only the sandbox closes is told here.`,
  findings: {
    refused: {
      means: 'The mode of the path, or of a directory on the way to it, keeps the service out.',
      remedy: `Give it to the service's group, and that group what it needs; or move the file to where
the service may go.`,
    },
    group: {
      means: 'The group of the path has what is needed, and the service is not in that group.',
      remedy: 'Put the group into SupplementaryGroups= of the unit, then restart.',
    },
    acl: {
      means: `The access control list of the path denies it, or its mask takes away what the list
admits: chmod g-rwx changes the mask.`,
      remedy: 'Correct the list with setfacl.',
    },
    'read-only': {
      means: 'The path lies on a file system that is mounted read-only on this machine.',
      remedy: 'Find out why (the kernel does it after errors), then mount it writable.',
    },
    'no-exec': {
      means: 'The program lies on a file system that is mounted with noexec.',
      remedy: 'Move the program, or mount the file system without noexec.',
    },
    immutable: {
      means: 'The file or directory has the attribute "immutable" or "append only" (chattr).',
      remedy: 'Find out who set it; chattr takes it away.',
    },
    security: {
      means: `Mode and access control list let the service in, and the kernel refuses all the same:
a security module, such as AppArmor or SELinux, has its own rules.`,
      remedy: "Read what the kernel's log says of it, and correct the profile or the label.",
    },
    'older-groups': {
      means: `A new process of the unit may open the path, and the running one may not: it was started
before it was put into the group.`,
      remedy: 'Restart the service.',
    },
  },
  mistakenFor: `A shell of root proves nothing, and one of the service's user little: it has other
groups than the unit gives, and no sandbox. What lies in the state directory belongs to state/*, what
only the sandbox forbids to app/settings. A program that complains of a path that it does not need, and
goes on, is left alone while the service runs.`,
} satisfies Explanation
