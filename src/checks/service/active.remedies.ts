import {listens} from '../../facts/journal/find-reason.ts'
import type {Reason} from '../../facts/journal/reason.ts'
import type {SignatureName} from '../../facts/journal/signatures.ts'
import type {Target} from '../../facts/target/target.ts'
import {failedCommand} from '../../host/unit.ts'
import {psql} from '../../remedies/psql.ts'
import {kept, mend, remedy} from '../../remedies/remedy.ts'
import {restart, start} from '../../remedies/service.ts'
import type {Open, Remedy, Step} from '../../report/finding.ts'
import {byHand, hand, run, runAs} from '../../report/step.ts'

/**
 * The remedy of a start that failed. Where another check finds the cause, that one's remedy comes
 * first.
 */
export function remedyOf(target: Target, reason: Reason): Remedy {
  const {recognised, because, inPackage} = reason
  const known = recognised ? cures[recognised.signature.name]?.(target, reason) : null
  if (known) return known
  if (inPackage) return correctPackage(target)
  const again = startAgain(target)
  if (because !== null && because !== 'itself') {
    return remedy('Start the service', 'disruptive', again)
  }
  const look = readAll(target)
  return remedy('Read what it said last, then start it again', 'manual', [look, ...again])
}

/**
 * What is left to do where nothing explains why it failed; null where the reason itself says what.
 * @param lines what it said last.
 */
export function openOf(target: Target, reason: Reason, lines: readonly string[]): Open | null {
  const {recognised, because, inPackage} = reason
  if (because === 'itself' || inPackage) return null
  if (recognised && cures[recognised.signature.name]?.(target, reason)) return null
  const {unit} = target
  // systemd has given up: what it failed at may be well by now, and a start tells.
  if (because !== null && unit.get('ActiveState') === 'failed') {
    const summary = 'Start it, and look again if it fails'
    return {lines, look: remedy(summary, 'disruptive', startAgain(target))}
  }
  const failed = lines.length === 0 ? failedCommand(unit) : null
  const look = failed
    ? remedy('It said nothing: see what it says as the unit runs it', 'manual', [
        hand(runAs(unit, ...failed.argv).shell),
      ])
    : remedy('See all that it said', 'manual', [readAll(target)])
  return {lines, look}
}

/** With the lines of systemd's child, which `journalctl -u` loses. */
function readAll({unit: {name}}: Target): Step {
  const told = [`_SYSTEMD_UNIT=${name}`, '+', `UNIT=${name}`]
  return byHand('sudo', 'journalctl', '-b', ...told, '-n', '100', '--no-pager')
}

/** Null where what was said is not enough to know a remedy. */
type Cure = (target: Target, reason: Reason) => Remedy | null

const correct: Cure = target => correctPackage(target)

/**
 * By the message that tells why; one that is not here has another check that finds its cause, or no
 * remedy of its own.
 */
const cures: Readonly<Partial<Record<SignatureName, Cure>>> = {
  'address-in-use': freeAddress,
  'module-missing': correct,
  'code-broken': correct,
  'no-application': correct,
  'command-error': correct,
  asks: ({platform, unit}) =>
    mend('Give the command that asks --noinput', platform.unitChange(unit.name), {
      first: [byHand('systemctl', 'cat', unit.name)],
    }),
  'server-too-old': target => correctPackage(target, [psql('show server_version')]),
  'plugin-missing': correctCommand,
  'changes-user': correctCommand,
  'settings-not-configured': correct,
  'referenced-file-missing': correct,
  'circular-import': correct,
  'migration-without-parent': correct,
  // The package is at fault where the file was found in it; else static/manifest may be.
  'not-utf8': (target, {because}) => (because === 'itself' ? correctPackage(target) : null),
  'start-timeout': giveTime,
  watchdog: ({platform, unit}) =>
    mend(
      'Give it more time between signs of life',
      platform.unitSetting(unit.name, {WatchdogSec: '60s'}),
    ),
  'out-of-memory': findMemory,
  'forbidden-call': allowCall,
  'bad-system-call': allowCall,
  'server-settings': correctCommand,
  'server-options': correctCommand,
  'worker-class': installWorker,
  'certificate-missing': correctCommand,
  workertmp: correctCommand,
  'address-refused': correctCommand,
  'program-not-started': correctCommand,
}

/** @param first what to look at before. */
export function correctPackage(target: Target, first: readonly Step[] = []): Remedy {
  const {application, generations} = target.platform
  const means = target.platform.code(target)
  const summary = `Correct the ${application}, then ${means.next}`
  // Whether the generation before was well is for the history to know, which then offers it.
  const orBack = generations
    ? ''
    : ', or deploy the version before if it has not migrated the database'
  return mend(`${summary}${orBack}`, means, {first, whole: true})
}

function freeAddress(target: Target, {isLeftBehind = false}: Reason): Remedy {
  const {unit, platform} = target
  if (isLeftBehind)
    return kept(
      remedy('End what is left of the earlier start, then start it again', 'disruptive', [
        run('systemctl', 'kill', '--signal=KILL', unit.name),
        ...startAgain(target),
      ]),
      platform.unitSetting(unit.name, {KillMode: 'control-group'}, {force: true}),
    )
  const port = target.bind && 'port' in target.bind ? [`sport = :${target.bind.port}`] : []
  return remedy('End or move the other program, then start the service again', 'manual', [
    byHand('sudo', 'ss', '-ltnxp', ...port),
    ...startAgain(target),
  ])
}

function giveTime({platform, unit}: Target, {recognised, quotes}: Reason): Remedy {
  const phase = recognised?.match[1]
  if (phase === 'start' && quotes.some(line => listens.test(line)))
    return mend(
      'Let systemd hear every process of the unit, or start the server with exec',
      platform.unitSetting(unit.name, {NotifyAccess: 'all'}),
    )
  if (phase === 'start' && unit.get('Type') === 'forking' && unit.get('PIDFile') === '')
    return mend(
      'Let the unit expect a program that stays in the foreground',
      platform.unitSetting(unit.name, {Type: 'simple'}),
    )
  if (phase === 'start' && unit.get('Type') === 'notify') {
    return mend(
      'Run a program that tells systemd when it is ready, or do not let the unit wait for that',
      platform.unitSetting(unit.name, {Type: 'simple'}),
    )
  }
  return mend(
    'See what it waited for, and give it more time if it needs that',
    platform.unitSetting(unit.name, {TimeoutStartSec: '10min'}),
    {first: [psql('SELECT pid, state, wait_event_type, query FROM pg_stat_activity')]},
  )
}

function findMemory(target: Target): Remedy {
  return remedy('Find out what took the memory, then start the service again', 'manual', [
    hand('sudo journalctl -b -k -g "out of memory|oom-kill" --no-pager'),
    ...startAgain(target),
  ])
}

function allowCall({platform, unit}: Target): Remedy {
  return mend('Allow the system call', platform.unitChange(unit.name), {
    first: [byHand('systemctl', 'show', '-p', 'SystemCallFilter', unit.name)],
  })
}

function installWorker(target: Target): Remedy {
  return mend(
    'Install the package of the worker class, or name another class',
    target.platform.code(target),
    {first: [byHand('systemctl', 'cat', target.unit.name)]},
  )
}

function correctCommand({platform, unit}: Target): Remedy {
  return mend('Correct how the unit starts its program', platform.unitChange(unit.name), {
    first: [byHand('systemctl', 'cat', unit.name)],
  })
}

/** Nothing keeps it from running any more. */
export function startIt(target: Target): Remedy {
  return remedy('Start the service', 'disruptive', [start(target)])
}

/** What starts the unit again, whatever state it is in. */
function startAgain(target: Target): readonly Step[] {
  const {unit} = target
  const state = unit.get('ActiveState')
  if (state === 'failed') return [run('systemctl', 'reset-failed', unit.name), start(target)]
  return [state === 'inactive' ? start(target) : restart(target)]
}
