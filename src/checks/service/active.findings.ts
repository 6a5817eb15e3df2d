import {type CodeOf, cause, findingsOf, symptom} from '../../report/finding.ts'
import {explanation} from './active.explanation.ts'

/**
 * app/settings stands in the same layer. It explains a start that failed for a reason which nobody
 * described, as an exception of the settings themselves: "Incorrect timezone setting: Mars/Phobos".
 */
const bySettings = {explainedBy: ['app/settings']} as const

export const found = findingsOf(explanation, {
  failed: symptom('critical', (unit: string, why: string) => `${unit} failed: ${why}`, bySettings),
  'start-limit': symptom(
    'critical',
    (unit: string, why: string) =>
      `${unit} failed too often in too short a time, and systemd gave up (start limit): ${why}`,
    bySettings,
  ),
  restarting: symptom(
    'critical',
    (unit: string, pause: string, count: number, why: string) =>
      `${unit} fails and is started again every ${pause}${soFar(count)}: ${why}`,
    bySettings,
  ),
  'crash-loop': symptom(
    'critical',
    (unit: string, seconds: number, count: number, why: string) =>
      `${unit} does not stay up: it has run for ${seconds} s, and systemd has restarted it ` +
      `${times(count)}: ${why}`,
    bySettings,
  ),
  'workers-crash': cause(
    'critical',
    (unit: string, signal: string, count: number) =>
      `${unit} runs, but its workers crash (${signal}), ${times(count)} within the last minute`,
  ),
  'forked-away': cause(
    'critical',
    (unit: string, server: string, background: string, type: string) =>
      `${server} goes into the background (${background}), and ${unit} has Type=${type}: ` +
      'systemd takes it for ended, and ends what is left of it',
  ),
  'never-ready': cause(
    'critical',
    (unit: string, awaited: string, where: string) =>
      `the start of ${unit} does not end${where}: systemd waits ${awaited}`,
  ),
  starting: cause('warning', startingFor),
  'start-overdue': symptom('critical', startingFor),
  stopping: cause(
    'warning',
    (unit: string, state: string) => `${unit} is being stopped (${state})`,
  ),
  condition: cause('critical', (unit: string, words: string) => `${unit} is not started: ${words}`),
  'required-inactive': symptom(
    'critical',
    (unit: string, states: readonly string[]) =>
      `${unit} is inactive: it requires ${states.join(' and ')}`,
  ),
  dependency: cause(
    'critical',
    (unit: string) =>
      `${unit} was not started because a unit that it requires had failed; that one runs now`,
  ),
  'stopped-with-required': cause(
    'critical',
    (unit: string, required: string) =>
      `${unit} was stopped together with ${required}; that was started again, ${unit} was not`,
  ),
  conflict: cause(
    'critical',
    (unit: string, rival: string) =>
      `${unit} is inactive: ${rival} runs, and the two conflict (Conflicts=)`,
  ),
  queued: cause('critical', (unit: string, others: string) =>
    others === ''
      ? `${unit} waits to be started: its job is queued`
      : `${unit} waits to be started until ${others} has started (After=)`,
  ),
  'not-started': cause('critical', (unit: string) => `${unit} has not been started since the boot`),
  ended: cause(
    'critical',
    (unit: string, how: string, restart: string, obstacle: string | null) =>
      `${unit} ${how}; that counts as success, and Restart=${restart} does not start it again` +
      (obstacle ? `; ${obstacle}` : ''),
  ),
  stopped: cause('critical', (unit: string) => `${unit} was stopped`),
})

export type Code = CodeOf<typeof found>

/** "once", "3 times" */
export function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`
}

/** "40 s", "12 min", "5 h" */
export function ago(milliseconds: number): string {
  const seconds = Math.max(1, Math.round(milliseconds / 1000))
  if (seconds < 90) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 90 ? `${minutes} min` : `${Math.round(minutes / 60)} h`
}

function soFar(count: number): string {
  return count > 0 ? `, ${times(count)} so far` : ''
}

function startingFor(unit: string, seconds: number, state: string): string {
  return `${unit} has been starting for ${seconds} s (${state})`
}
