import {timestampOf, type Unit} from '../../host/unit.ts'
import {failedSteps, lastEnd, mainProgram} from '../unit/last-end.ts'
import type {Reason} from './reason.ts'

type Told = Pick<Reason, 'text' | 'because'>

/** What systemctl alone tells: no journal is needed. */
export function reasonFromSystemd(unit: Unit): Reason {
  const tell = results[unit.get('Result')] ?? toldByEnd
  return {...tell(unit), quotes: [], recognised: null}
}

/** By Result=, where that says more than how a process ended. */
const results: Readonly<Record<string, (unit: Unit) => Told>> = {
  resources: () => ({
    text: 'systemd could not prepare its start, as when a secrets file is missing',
    because: ['secrets/file'],
  }),
  timeout: unit => ({
    text: hadStarted(unit)
      ? 'it ran for longer than RuntimeMaxSec= allows, or did not end within TimeoutStopSec='
      : `it did not start within TimeoutStartSec=${unit.get('TimeoutStartUSec')}`,
    because: null,
  }),
  protocol: unit => ({text: protocolBroken(unit), because: 'itself'}),
  watchdog: () => ({text: 'it gave no sign of life within WatchdogSec', because: 'itself'}),
  'oom-kill': () => ({text: 'the kernel killed it because memory ran out', because: 'itself'}),
}

function toldByEnd(unit: Unit): Told {
  const result = unit.get('Result')
  const end = lastEnd(unit)
  if (!end)
    return {
      text: result === 'success' ? 'the reason is not known' : `its result is ${result}`,
      because: null,
    }
  const {program, how, status} = end
  if (how === 'signal') return {text: `${program} was ended by signal ${status}`, because: 'itself'}
  const step = failedSteps[status]
  if (step) return {text: step.text, because: step.seenBy === null ? 'itself' : [step.seenBy]}
  // The names of exit codes (3/NOTIMPLEMENTED) are labels; a program means its own.
  return {text: `${program} exited with ${status}`, because: null}
}

/** Whether the last start succeeded, whatever came after it. */
function hadStarted(unit: Unit): boolean {
  const began = timestampOf(unit, 'InactiveExitTimestamp')
  const active = timestampOf(unit, 'ActiveEnterTimestamp')
  return began !== null && active !== null && active >= began
}

/** What Type= asks of a program, and this one does not do. */
function protocolBroken(unit: Unit): string {
  const type = unit.get('Type')
  const program = mainProgram(unit)
  if (type === 'notify' || type === 'notify-reload') {
    return `${program} ended before it told systemd that it is ready (Type=${type})`
  }
  return `${program} does not start in the way that Type=${type} asks for`
}
