import type {Reason} from '../../facts/journal/reason.ts'
import type {Target} from '../../facts/target/target.ts'
import {psql} from '../../remedies/psql.ts'
import {mend, remedy} from '../../remedies/remedy.ts'
import {restart, start} from '../../remedies/service.ts'
import type {Remedy, Step} from '../../report/finding.ts'
import {hand, run} from '../../report/step.ts'

/** What starts the unit again, whatever state it is in. */
function startAgain(target: Target): readonly Step[] {
  const {unit} = target
  const state = unit.get('ActiveState')
  if (state === 'failed') return [run('systemctl', 'reset-failed', unit.name), start(target)]
  return [state === 'inactive' ? start(target) : restart(target)]
}

/** @param first what to look at before. */
export function correctPackage(target: Target, ...first: readonly Step[]): Remedy {
  const {application, rollback} = target.platform
  const means = target.platform.code(target)
  const back = rollback ? 'roll back' : 'deploy the version before'
  const summary = `Correct the ${application}, then ${means.next}, or ${back} if it has not migrated the database`
  return mend(summary, means, {first, whole: true, after: rollback ? [rollback] : []})
}

/** The remedy of a start that failed; where another check finds the cause, that one's remedy comes first. */
export function remedyOf(target: Target, {recognised, because, inPackage}: Reason): Remedy {
  const {unit} = target
  const again = startAgain(target)
  const readJournal = hand(`sudo journalctl -b _SYSTEMD_UNIT=${unit.name} + UNIT=${unit.name} -n 100 --no-pager`)
  const {platform} = target
  const phase = recognised?.match[1] ?? ''
  switch (recognised?.signature.name) {
    case 'address-in-use': {
      const port = target.bind && 'port' in target.bind ? `'sport = :${target.bind.port}'` : ''
      return remedy('End or move the other program, then start the service again', 'manual', [
        hand(`sudo ss -ltnxp ${port}`.trimEnd()),
        ...again,
      ])
    }
    case 'module-missing':
    case 'code-broken':
    case 'no-application':
    case 'command-error':
    case 'settings-not-configured':
    case 'referenced-file-missing':
    case 'circular-import':
    case 'migration-without-parent':
      return correctPackage(target)
    case 'not-utf8':
      if (because?.length === 0) return correctPackage(target)
      break
    case 'start-timeout':
      if (phase === 'start' && unit.get('Type') === 'notify') {
        return mend(
          'Run a program that tells systemd when it is ready, or let the unit not wait for it',
          platform.unitSetting(unit.name, {Type: 'simple'}),
        )
      }
      return mend(
        'See what it waited for, and give it more time if it needs that',
        platform.unitSetting(unit.name, {TimeoutStartSec: '10min'}),
        {first: [psql('SELECT pid, state, wait_event_type, query FROM pg_stat_activity')]},
      )
    case 'watchdog':
      return mend('Give it more time between signs of life', platform.unitSetting(unit.name, {WatchdogSec: '60s'}))
    case 'out-of-memory':
      return remedy('Find out what took the memory, then start the service again', 'manual', [
        hand('sudo journalctl -b -k -g "out of memory|oom-kill" --no-pager'),
        ...again,
      ])
    case 'forbidden-call':
    case 'bad-system-call':
      return mend('Admit the system call', platform.unitChange(unit.name), {
        first: [hand(`systemctl show -p SystemCallFilter ${unit.name}`)],
      })
    case 'server-settings':
    case 'workertmp':
    case 'address-refused':
    case 'program-not-started':
      return mend('Correct how the unit starts its program', platform.unitChange(unit.name), {
        first: [hand(`systemctl cat ${unit.name}`)],
      })
    default:
  }
  if (inPackage) return correctPackage(target)
  if (because && because.length > 0)
    return remedy('Start the service again once the cause is repaired', 'disruptive', again)
  return remedy('Read what it said last, then start it again', 'manual', [readJournal, ...again])
}
