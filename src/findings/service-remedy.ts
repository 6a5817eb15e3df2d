import type {Remedy, Step} from '../check.ts'
import {hand, nixService, rebuild, remedy, restart, run, start} from '../remedy.ts'
import type {Target} from '../target.ts'
import {psql} from './psql.ts'
import type {Reason} from './service-reason.ts'

/** What starts the unit again, whatever state it is in. */
function startAgain(target: Target): readonly Step[] {
  const {unit} = target
  const state = unit.get('ActiveState')
  if (state === 'failed') return [run('systemctl', 'reset-failed', unit.name), start(target)]
  return [state === 'inactive' ? start(target) : restart(target)]
}

/** @param first what to look at before. */
export function correctPackage(target: Target, ...first: readonly Step[]): Remedy {
  return remedy('Correct the package, then rebuild, or roll back if it has not migrated the database', 'manual', [
    ...first,
    rebuild(target),
    hand('sudo nixos-rebuild switch --rollback'),
  ])
}

/** The remedy of a start that failed; where another check finds the cause, that one's remedy comes first. */
export function remedyOf(target: Target, {recognised, because, inPackage}: Reason): Remedy {
  const {unit} = target
  const again = startAgain(target)
  const readJournal = hand(`sudo journalctl -b _SYSTEMD_UNIT=${unit.name} + UNIT=${unit.name} -n 100 --no-pager`)
  const setting = (line: string): string => `${nixService(unit)}.serviceConfig.${line}`
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
        return remedy(
          'Run a program that tells systemd when it is ready, or let the unit not wait for it, then rebuild',
          'manual',
          [rebuild(target)],
          setting('Type = "simple";'),
        )
      }
      return remedy(
        'See what it waited for, and give it more time if it needs that, then rebuild',
        'manual',
        [psql('SELECT pid, state, wait_event_type, query FROM pg_stat_activity'), rebuild(target)],
        setting('TimeoutStartSec = "10min";'),
      )
    case 'watchdog':
      return remedy(
        'Give it more time between signs of life, then rebuild',
        'manual',
        [rebuild(target)],
        setting('WatchdogSec = "60s";'),
      )
    case 'out-of-memory':
      return remedy('Find out what took the memory, then start the service again', 'manual', [
        hand('sudo journalctl -b -k -g "out of memory|oom-kill" --no-pager'),
        ...again,
      ])
    case 'forbidden-call':
    case 'bad-system-call':
      return remedy('Admit the system call, then rebuild', 'manual', [
        hand(`systemctl show -p SystemCallFilter ${unit.name}`),
        rebuild(target),
      ])
    case 'server-settings':
    case 'workertmp':
    case 'address-refused':
    case 'program-not-started':
      return remedy('Correct how the unit starts its program, then rebuild', 'manual', [
        hand(`systemctl cat ${unit.name}`),
        rebuild(target),
      ])
    default:
  }
  if (inPackage) return correctPackage(target)
  if (because && because.length > 0)
    return remedy('Start the service again once the cause is repaired', 'disruptive', again)
  return remedy('Read what it said last, then start it again', 'manual', [readJournal, ...again])
}
