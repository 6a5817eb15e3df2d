import type {Explanation} from '../../report/finding.ts'

export const explanation = {
  why: `While the service is down, visitors get nothing, or an error page from the proxy. To repair
it you have to know why it does not run, and systemctl status seldom says so.`,
  asks: `systemctl show tells whether the service runs; the journal tells why not. The lines of the
last start that failed are asked for by their fields, since journalctl -u loses "Failed at step …".
The last exception with what led to it, or what systemd said, is quoted and, where it is known,
traced to the check that finds its cause. Where every such check passes, no cause is known: that is
said first, then what was ruled out, and the last lines. A user who may not read the journal learns only what systemctl tells.`,
  findings: {
    failed: {
      means: `The last start, or the running service, ended with an error, and systemd does not try
again.`,
      remedy: `Repair the cause that is quoted, then run systemctl reset-failed and start the unit.
Some causes have a remedy of their own: correct a broken package, free the address, allow a system
call, give a start more time.`,
    },
    'start-limit': {
      means: 'It failed too often in too short a time, and systemd gave up.',
      remedy: `Repair the cause that is quoted, then run systemctl reset-failed and start the
unit.`,
    },
    restarting: {
      means: `It fails and is started again, for ever. systemd calls this "activating"
(auto-restart), and never "failed".`,
      remedy: 'Repair the cause that is quoted; a restart only saves you the wait.',
    },
    'crash-loop': {
      means: `It runs at the moment you look, but does not stay up: systemd has restarted it, and
since then it has run for less than ten times RestartSec=, or it was restarted three times in ten
minutes.`,
      remedy: 'Repair the cause that is quoted, then restart the unit.',
    },
    'workers-crash': {
      means: `The main process runs, but its workers crash again and again, ended by a signal of
their own doing (SIGSEGV). systemd sees no failure.`,
      remedy: `Correct the package, or what it links to, and deploy it, or go back to the version
before.`,
    },
    'forked-away': {
      means: `The server goes into the background (daemon = True, --daemon, uWSGI's daemonize), and
Type= says that it stays: the process that systemd started has ended, so systemd ends the rest.`,
      remedy: `Let it stay in the foreground, which is what systemd is made for. Otherwise set
Type=forking.`,
    },
    'never-ready': {
      means: `systemd waits for what the server never does: fork (Type=forking), say that it is ready
(Type=notify), or write PIDFile=. The start runs into its time limit, though the server is up.`,
      remedy: 'Set the Type= that fits the server, or name the same PID file in both places.',
    },
    starting: {
      means: `It has been starting for less time than TimeoutStartSec= allows, and may still
succeed.`,
      remedy: 'Wait, then look again.',
    },
    'start-overdue': {
      means: `It has been starting for longer than TimeoutStartSec= allows for all of its
commands.`,
      remedy: 'See in systemctl status what it waits for.',
    },
    stopping: {
      means: 'It is being stopped.',
      remedy: 'Wait until it has stopped, then look again.',
    },
    condition: {
      means: `A condition or an assertion of the unit is not met, so systemctl start succeeds and
does nothing.`,
      remedy: 'Meet the condition, or remove it from the unit.',
    },
    'required-inactive': {
      means: `A unit that it requires does not run, or does not exist, so systemd does not start
this one either.`,
      remedy: `Start the required unit, then this one. Where the required unit does not exist,
define it, or remove it from Requires=.`,
    },
    dependency: {
      means: `It was not started because a unit that it requires had failed. That unit runs by
now.`,
      remedy: 'Start it.',
    },
    'stopped-with-required': {
      means: `It was stopped along with a unit that it requires. That unit runs again; Restart= does
not bring this one back.`,
      remedy: 'Start it.',
    },
    conflict: {
      means: 'It was stopped because a unit was started that it conflicts with (Conflicts=).',
      remedy: 'Stop the other unit, then start this one; starting this one alone stops the other.',
    },
    queued: {
      means: `Its start waits for another unit, which it is ordered after (After=), to finish
starting.`,
      remedy: 'See what the other unit waits for; if nothing needs that unit, cancel its job.',
    },
    'not-started': {
      means: 'Nothing has started it since the boot.',
      remedy: 'Start it, and see service/unit for what should have started it.',
    },
    ended: {
      means: `Nobody stopped it: its main process ended with success, and Restart= does not start it
again after that.`,
      remedy: 'See in the journal why it ended, and start it.',
    },
    stopped: {
      means: 'Somebody stopped it.',
      remedy: 'Start it.',
    },
  },
  mistakenFor: `"active" does not prove that pages come: http/app asks for one. "inactive" with
Result=success does not prove that an operator stopped it. A unit whose ExecStartPre= fails has
ExecMainStatus=0, and one that ran into its start limit may keep its earlier Result=. The names of
exit codes (3/NOTIMPLEMENTED, 4/NOPERMISSION) are labels that mean nothing for gunicorn. gunicorn
says "Perhaps out of memory?" after every SIGKILL, "Control server error" does no harm, and lines of
the access log may imitate any message. One or two restarts, long ago, are not a crash loop.`,
} satisfies Explanation
