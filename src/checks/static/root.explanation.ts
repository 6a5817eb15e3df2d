import type {Explanation} from '../../report/finding.ts'

export const explanation = {
  why: `collectstatic writes to STATIC_ROOT, and the application serves what it finds there. When
the two disagree, or nobody can write there, the service does not start or its pages have no
style.`,
  asks: `Django says what STATIC_ROOT would be in a new process of the unit, and which variables its
settings look for. Then the sandbox, the mounts and the modes of that path are judged.`,
  findings: {
    missing: {
      means: `Nothing sets it, or it is set to nothing. The settings then use a default of their
own, if they have one, and nobody can write there.`,
      remedy: `Set it in the environment of the unit to a path in the state directory, then restart
the service.`,
    },
    relative: {
      means: `It is not an absolute path, so it is looked up in the working directory, which lies in
the read-only store.`,
      remedy: 'Set it to a path in the state directory, then restart the service.',
    },
    'in-store': {
      means: 'It lies in /nix/store, and nothing was collected there when the package was built.',
      remedy: 'Set it to a path in the state directory, then restart the service.',
    },
    ignored: {
      means: `It is set, but the settings do not read it: they have a path of their own. This is
only a warning where that path works anyway.`,
      remedy: 'Make the settings read the variable, then deploy them.',
    },
    'not-writable': {
      means: 'The sandbox of the unit, a mount or a mode keeps the service from writing there.',
      remedy: `Name the path in ReadWritePaths=, or move it into the state directory, then restart
the service.`,
    },
    'restart-needed': {
      means: 'The value in the unit changed after the running process was started.',
      remedy: 'Restart the service.',
    },
  },
  mistakenFor: `A path in the store is right where the files are collected while the package is
built. A path that somebody else fills need not be writable. Root's shell can write where the
sandbox does not let the service write. Inside the state directory, state/* judges who may write.`,
} satisfies Explanation
