import type {Explanation} from '../../report/finding.ts'

export const explanation = {
  why: `Everything else is read from the unit: without it there is nothing to look at. And a unit
that nothing wants stays down after the next boot.`,
  asks: `systemctl show is asked for the unit, and LoadState is read first, since a unit that does
not exist "is" inactive and nothing more. The unit's file and its drop-ins are read and compared
with what systemd has loaded. What systemd could not load, or ignores, it named in the
journal; a line that has been changed since does not count.`,
  findings: {
    missing: {
      means: `systemd knows no unit of that name. On NixOS usually the module that defines it is not
imported any more.`,
      remedy: `Install the unit, or on NixOS import the module that defines it. If the unit has
another name, use --unit.`,
    },
    masked: {
      means: `The unit file is a link to /dev/null, which is what enable = false makes of it on
NixOS.`,
      remedy: 'Unmask the unit, or enable it in the configuration of NixOS.',
    },
    'not-loaded': {
      means: 'systemd cannot make sense of the unit file. Its own words are quoted.',
      remedy: 'Correct what systemd-analyze verify complains of.',
    },
    reload: {
      means: `The files on disk differ from what systemd has loaded, so the next restart would not
start what was deployed.`,
      remedy: 'Run systemctl daemon-reload. The change takes effect only after a restart as well.',
    },
    ignored: {
      means: `systemd read a line of the unit and left it out: a setting that is misspelt or stands
in the wrong section, or a value that it cannot parse. The service runs without it.`,
      remedy: 'Correct the line. systemd-analyze verify says the same as the journal.',
    },
    'not-wanted': {
      means: 'Nothing pulls the unit in at boot: it runs until then, and is not started after it.',
      remedy: 'Run systemctl enable; on NixOS add multi-user.target to wantedBy of the unit.',
    },
  },
  mistakenFor: `NeedDaemonReload=no proves nothing: systemd compares only times, every file in the
Nix store has the same one, and older versions miss a first drop-in. UnitFileState=linked or static
is normal on NixOS, and a unit that a timer, a socket or another unit starts needs no target of its
own. A setting that only newer versions of systemd know is ignored as well, and is no fault. On
NixOS units are links into a read-only store: nobody edits, enables or unmasks them by
hand.`,
} satisfies Explanation
