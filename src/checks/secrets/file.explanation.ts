import type {Explanation} from '../../report/finding.ts'

export const explanation = {
  why: `systemd reads each EnvironmentFile= before it starts anything. A file that it cannot read
stops the unit, while systemctl speaks of "unavailable resources". Other faults are silent: a
variable is lost, and the unit starts without it.`,
  asks: `Each EnvironmentFile= is read with systemd's own grammar, and its path followed link by
link. The files of LoadCredential= must exist as well, and the service's user must be able to read
the files that the settings open themselves. When a file below /run/secrets is missing on NixOS, the
journal of sops-install-secrets is asked; only root's lines in it count. No value is ever shown. A
pattern is expanded as systemd does it. A pattern for directories is not looked at, and the check
then says so (unknown).`,
  findings: {
    missing: {
      means: `A file that the unit needs does not exist: the unit ends with Result=resources, or
with 243/CREDENTIALS. sops-nix installs all secrets or none: if its journal says why it failed, the
message says so.`,
      remedy: 'Write the file, or fix what sops-nix complains about, and restart the service.',
    },
    directory: {
      means: 'The path is a directory, so systemd starts nothing.',
      remedy: 'Correct the secret at its source, and restart the service.',
    },
    'not-a-file': {
      means: 'The path is a socket, a device or a FIFO.',
      remedy: 'Correct the secret at its source, and restart the service.',
    },
    'too-large': {
      means: `The file is larger than any environment file, so the check does not read it: it must
be another file.`,
      remedy: 'Correct the secret at its source, and restart the service.',
    },
    'unsafe-link': {
      means: `The path goes through a link that users other than root can change, and with it what
the service gets.`,
      remedy: 'Let the path go only through what root owns, and restart the service.',
    },
    'not-utf8': {
      means: 'The file is not UTF-8: systemd refuses all of it and starts nothing.',
      remedy: 'Correct the secret at its source, and restart the service.',
    },
    export: {
      means: 'systemd ignores a line that begins with "export", so the variable is not set.',
      remedy: 'Take the word out of the secret, and restart the service.',
    },
    'byte-order-mark': {
      means: 'A byte order mark comes before the first name, so the variable is not set.',
      remedy: 'Save the secret without it, and restart the service.',
    },
    'unterminated-quote': {
      means: `A quote is never closed: the lines that follow become part of the value, and their
variables are lost.`,
      remedy: 'Close the quote in the secret, and restart the service.',
    },
    'bad-name': {
      means: `systemd does not accept a name with a hyphen or a leading digit, and ignores the
line.`,
      remedy: 'Correct the name in the secret, and restart the service.',
    },
    'no-equals-sign': {
      means: 'systemd ignores a line without "=", and does not mention it in the journal.',
      remedy: 'Correct or remove the line in the secret, and restart the service.',
    },
    denied: {
      means: `The service's user may not read a file that the settings read themselves, such as a
.env file.`,
      remedy: `Give the file to the group of the service and let that group read it (chgrp, chmod
g+r), then restart.`,
    },
    exposed: {
      means: 'Everybody on the machine can read the file.',
      remedy: `Take the permission away (chmod o-rwx). Where sops-nix installs it, set its mode to
0400.`,
    },
  },
  mistakenFor: `A file that belongs to root with mode 0400 is right: systemd reads it, not the
service. A file with a "-" before its path may be missing; secrets/keys says what is then not set.
Windows line endings do not bother systemd, although a shell that reads the same file stumbles over
them. "unavailable resources" is not about memory.`,
} satisfies Explanation
