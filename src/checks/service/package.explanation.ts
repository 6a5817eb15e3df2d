import type {Explanation} from '../../report/finding.ts'

export const explanation = {
  why: `On NixOS a unit names its programs by their paths in the store. What was collected as
garbage, or what a build left out, cannot be started. And a service that was not restarted after a
deployment still runs the old code, with new static files and tables around it.`,
  asks: `Every program that ExecStart=, ExecStartPre=, ExecStartPost= and ExecReload= name is looked at,
WorkingDirectory=, and each path of /nix/store among their words: whether it is there, and whether
the programs can be executed. What the main process runs from is read from /proc/PID/cwd and its
environment. Where /run/current-system has a unit of the same name, its package is compared with the
one that systemd has loaded.`,
  findings: {
    missing: {
      means: `A path that the unit names does not exist: either a path of the store, which was
collected as garbage or never built here, or the working directory.`,
      remedy: 'Deploy it again: on NixOS a rebuild fetches or builds it.',
    },
    'not-executable': {
      means: `The program that the unit names does not exist or cannot be executed, or its first
line names one that does not exist, such as the Python of a virtual environment. A script may have
the line ends of Windows, or no first line with "#!". A program may be one for another machine, or
its loader is not here: execve(2) says "No such file or directory" of it then.`,
      remedy: 'Correct the name in the unit or the package, and deploy it.',
    },
    'reload-unusable': {
      means: `The program of ExecReload= cannot be executed. The service starts all the same; what
reloads it after a deployment fails, and the old code goes on.`,
      remedy: 'Correct ExecReload= of the unit.',
    },
    'old-package': {
      means: `The process runs from another package than the unit names now: it was not restarted
after a deployment.`,
      remedy: 'Restart the service.',
    },
    'running-gone': {
      means: `The process runs from a package that is no longer in the store. What it has not read
yet, it cannot read.`,
      remedy: 'Restart the service.',
    },
    'old-environment': {
      means: `The unit was changed and loaded (daemon-reload), but the process was not restarted:
systemctl shows one environment, and the process has another.`,
      remedy: 'Restart the service.',
    },
    'other-system': {
      means: 'The current system has another package in this unit than systemd has loaded.',
      remedy: 'Rebuild, or switch to the system that you want.',
    },
  },
  mistakenFor: `A change that waits for daemon-reload belongs to service/unit. A wrapper's own store
path, Python's, or the locale archive's may differ from the package's: only packages of the same
name are compared. Without /nix/store there are no packages to compare. What systemd makes itself
(/run, the state directory) is not looked at here, nor anything where the unit has a root or mounts
of its own.`,
} satisfies Explanation
