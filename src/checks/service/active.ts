import {findJournal} from '../../facts/journal/journal.ts'
import {crashLoop, failing, restartsMetric, starting, stopping, workersCrash} from '../../findings/service-active.ts'
import {inactive} from '../../findings/service-inactive.ts'
import {isFirstStart, timestampOf} from '../../host/unit.ts'
import {ok} from '../../report/finding.ts'
import type {Check} from '../check.ts'
import {serviceUnit} from './unit.ts'

export const serviceActive: Check = {
  id: 'service/active',
  title: 'The service runs and keeps running',
  fix: 'starts the service again once no other cause is left',
  explanation: {
    why: `While the service does not run, visitors get nothing, or an error of the proxy. Why it does not run is what one
has to know to repair it, and systemctl status seldom says it.`,
    asks: `systemctl show tells whether it runs; the journal tells why not. Of the last start that failed, the lines are asked for
by their fields, since journalctl -u loses "Failed at step …". The last exception, or what systemd said, is quoted
and, where it is known, traced to the check that finds its cause. Who may not read the journal is told what
systemctl alone tells.`,
    findings: {
      failed: {
        means: 'The last start, or the running service, ended with an error; systemd does not try again.',
        remedy: `Repair the cause that is quoted, then run systemctl reset-failed and start the unit. Some causes have a
remedy of their own: roll back a broken package, free the address, admit a system call, give a start more time.`,
      },
      'start-limit': {
        means: 'It failed too often in too short a time, and systemd gave up.',
        remedy: 'Repair the cause that is quoted, then run systemctl reset-failed and start the unit.',
      },
      restarting: {
        means: `It fails and is started again, for ever. systemd calls this "activating" (auto-restart) and never
"failed".`,
        remedy: 'Repair the cause that is quoted; a restart only spares the wait.',
      },
      'crash-loop': {
        means: `It runs when one looks, and does not stay up: systemd has restarted it, and it has run for less than ten times
RestartSec=, or was restarted three times in ten minutes.`,
        remedy: 'Repair the cause that is quoted, then restart the unit.',
      },
      'workers-crash': {
        means: `The main process runs, but its workers are ended by a signal of their own doing (SIGSEGV), again and again: systemd
sees no failure.`,
        remedy: 'Correct the package or what it links to and deploy it, or go back to the version before.',
      },
      starting: {
        means: 'It has been starting for less than TimeoutStartSec= allows, and may still succeed.',
        remedy: 'Wait, then look again.',
      },
      'start-overdue': {
        means: 'It has been starting for longer than TimeoutStartSec= allows for all of its commands.',
        remedy: 'See in systemctl status what it waits for.',
      },
      stopping: {
        means: 'It is being stopped.',
        remedy: 'Wait until it has stopped, then look again.',
      },
      condition: {
        means: 'A condition or an assertion of the unit is not met: systemctl start succeeds and does nothing.',
        remedy: 'Fulfil it, or take it out of the unit.',
      },
      'required-inactive': {
        means: 'A unit that it requires does not run, or does not exist, so that systemd does not start it either.',
        remedy: 'Start the required unit, then this one; define the one that does not exist, or require it no more.',
      },
      dependency: {
        means: 'It was not started because a unit that it requires had failed; that one runs by now.',
        remedy: 'Start it.',
      },
      'stopped-with-required': {
        means: 'It was stopped along with a unit that it requires, which runs again; Restart= does not bring it back.',
        remedy: 'Start it.',
      },
      conflict: {
        means: 'It was stopped because a unit was started that it may not run beside (Conflicts=).',
        remedy: 'Stop the other unit, then start this one; starting this one alone stops the other.',
      },
      queued: {
        means: 'Its start waits for another unit to finish starting, which it is ordered after (After=).',
        remedy: 'See what the other unit waits for; if nothing needs it, cancel its job.',
      },
      'not-started': {
        means: 'Nothing has started it since the boot.',
        remedy: 'Start it, and see service/unit for what should have.',
      },
      ended: {
        means: 'Nobody stopped it: its main process ended with success, and Restart= does not start it again for that.',
        remedy: 'See in the journal why it ended, and start it.',
      },
      stopped: {
        means: 'Somebody stopped it.',
        remedy: 'Start it.',
      },
    },
    mistakenFor: `"active" does not prove that pages come: http/app asks for one. "inactive" with Result=success is not only
what an operator stopped. A unit whose ExecStartPre= fails has ExecMainStatus=0, and one that ran into its start limit may
keep its earlier Result=. The names of exit codes (3/NOTIMPLEMENTED, 4/NOPERMISSION) are labels that mean nothing for
gunicorn. "Perhaps out of memory?" is what it says of every SIGKILL, "Control server error" does no harm, and lines
of the access log may imitate any message. A restart or two, long ago, is no crash loop.`,
  },
  needs: [serviceUnit],
  explainedBy: [
    'service/user',
    'service/package',
    'service/dependencies',
    'app/settings',
    'secrets/*',
    'state/*',
    'static/root',
    'static/manifest',
    'database/server',
    'database/login',
    'database/exists',
    'database/cluster',
    'database/privileges',
    'database/health',
  ],
  async run({host, target}) {
    const {unit} = target
    const state = unit.get('ActiveState')
    const restarts = Number(unit.get('NRestarts')) || 0
    const metrics = [restartsMetric(restarts)]
    const since = timestampOf(unit, 'ActiveEnterTimestamp')
    const journal = await findJournal(host, unit)
    switch (state) {
      case 'active':
      case 'reloading': {
        const loop = restarts > 0 ? await crashLoop(host, target, journal) : null
        const crash = loop ?? workersCrash(host, target, journal)
        if (crash) return crash
        const times = restarts === 1 ? 'once' : `${restarts} times`
        const restarted = restarts > 0 ? `; systemd has restarted it ${times}` : ''
        return ok(`${unit.name} is ${state} (${unit.get('SubState')})${restarted}`, {since, metrics})
      }
      case 'inactive':
        return inactive(host, target, journal)
      case 'activating':
        if (isFirstStart(unit)) return starting(host, target)
        return failing(host, target, journal)
      case 'deactivating':
        if (restarts === 0 && unit.get('Result') === 'success') return stopping(target)
        return failing(host, target, journal)
      default:
        return failing(host, target, journal)
    }
  },
}
