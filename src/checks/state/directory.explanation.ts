import type {Explanation} from '../../report/finding.ts'

export const explanation = {
  why: `Static files, uploads and everything else that the service keeps lie in one directory. When
it is gone, or read-only for the service, the service does not start or fails at the first upload.`,
  asks: `The directory is the one that the unit names (StateDirectory=, ReadWritePaths=, or the one
that holds STATIC_ROOT). Its path is followed component by component. The mounts are read as the
running process sees them (/proc/PID/mountinfo). While the service does not run, the unit's settings
are judged as systemd would apply them. Every other path that the sandbox names is looked up, too.`,
  findings: {
    'not-answering': {
      means: `The directory, or another file system that the service needs, does not answer: an NFS,
CIFS or FUSE mount whose server is gone, or a disk that fails. Whoever looks there hangs, and systemd does when it prepares
the sandbox.`,
      remedy: `Bring the server back, or unmount it lazily (umount -l). Where nothing is mounted, look
in the kernel's log for a disk that fails.`,
    },
    missing: {
      means: 'The directory, or one above it, does not exist, and systemd does not make it.',
      remedy: `Make it with the owner and mode of the service; a line of systemd.tmpfiles.rules
keeps it. If systemd-tmpfiles refused to make it, the message quotes it: first give the directories
above to root.`,
    },
    'dangling-link': {
      means: `The path leads through a link whose target does not exist. Perhaps a volume is not
mounted.`,
      remedy: 'Make or mount what the link points to, or remove the link.',
    },
    'not-a-directory': {
      means: `Something else stands where the directory should be (the start ends with
238/STATE_DIRECTORY), or where MEDIA_ROOT should be in it (uploads fail).`,
      remedy: 'Move it aside, make the directory and restart.',
    },
    'not-passable': {
      means: 'The service may not pass through a directory above it.',
      remedy: 'Let others pass through that directory (chmod a+x).',
    },
    mode: {
      means: 'The directory belongs to the service, but its mode keeps the service out.',
      remedy: 'Let the owner in (chmod u+rwx).',
    },
    'path-missing': {
      means: `Another path that the sandbox names does not exist: the start ends with 226/NAMESPACE,
or the next one will. It is only a warning while the service still runs.`,
      remedy: 'Make the path, or write a "-" before it in the unit, so that it may be missing.',
    },
    sandbox: {
      means: 'ProtectSystem= or ReadOnlyPaths= makes the directory read-only for the service.',
      remedy: 'Name the directory in ReadWritePaths=, then restart the service.',
    },
    'stale-sandbox': {
      means: 'The unit allows writing by now, but the running process still has its old mounts.',
      remedy: 'Restart the service.',
    },
    replaced: {
      means: `The directory was removed and made anew while the service was running, and the service
still uses the removed one.`,
      remedy: 'Restart the service.',
    },
    'uploads-elsewhere': {
      means: `A model has a field for files, and the service cannot write to MEDIA_ROOT: its sandbox
does not allow it, or the unit does not set MEDIA_ROOT and the default of the settings lies in the
store. Every upload answers 500.`,
      remedy: `Set MEDIA_ROOT in the unit to a directory in the state directory, then restart the
service.`,
    },
    'read-only-mount': {
      means: 'The filesystem itself is mounted read-only, as the kernel does after disk errors.',
      remedy: 'Find the reason in the kernel log, then mount it writable.',
    },
  },
  mistakenFor: `What root can do proves nothing: under ProtectSystem=strict df and a touch as root
say "writable". "Read-only file system" is more often the sandbox than a disk. When a path of the
sandbox is missing, systemd blames the program: "spawning …: No such file or directory" with
226/NAMESPACE. A path with a "-" before it may be missing, and what systemd makes when it starts the
service need not be there yet. state/ownership judges who owns the directory.`,
} satisfies Explanation
