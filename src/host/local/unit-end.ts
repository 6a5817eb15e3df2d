import {ifSeen} from '../if-seen.ts'
import {exec} from './exec.ts'
import {forgetFailure} from './transient.ts'
import {parseShown} from './unit-properties.ts'

/** How a program that did not end well ended. */
export type UnitEnd =
  /** systemd-run did not get as far as a unit, and says itself why. */
  | {readonly kind: 'none'}
  | {readonly kind: 'exited'; readonly status: number}
  | {readonly kind: 'killed'; readonly signal: number}
  | {readonly kind: 'timeout'}
  /** systemd failed before it reached the program: at `step`, as in 226/NAMESPACE; `said` is from the journal. */
  | {readonly kind: 'not-started'; readonly status: number; readonly step: string; readonly said: string}

/**
 * Asks systemd how a transient unit ended, and lets it forget that. systemd-run's own exit code cannot tell a program that
 * exits with 226 from a sandbox that could not be set up; but of Type=exec only what was started was ever active.
 */
export async function endOf(name: string): Promise<UnitEnd> {
  const asked = 'LoadState,Result,ActiveEnterTimestampMonotonic,ExecMainPID,ExecMainCode,ExecMainStatus'
  const answer = await exec(['systemctl', 'show', '--no-pager', `--property=${asked}`, '--', name])
  const [unit] = parseShown(answer.stdout)
  const get = (property: string): string => unit?.get(property)?.[0] ?? ''
  if (get('LoadState') !== 'loaded') return {kind: 'none'}
  forgetFailure(name)
  const status = Number(get('ExecMainStatus'))
  const wasStarted = Number(get('ActiveEnterTimestampMonotonic')) > 0
  if (!wasStarted) {
    // Without a process it failed before that: a mount or the slice that it needs.
    const step = Number(get('ExecMainPID')) > 0 ? [status, stepNames[status]].filter(Boolean).join('/') : get('Result')
    return {kind: 'not-started', status, step, said: await whyNotStarted(name)}
  }
  if (get('Result') === 'timeout') return {kind: 'timeout'}
  // CLD_EXITED of waitid(2).
  return get('ExecMainCode') === '1' ? {kind: 'exited', status} : {kind: 'killed', signal: status}
}

/** systemd's own words; what never ran has logged nothing itself. */
async function whyNotStarted(unit: string): Promise<string> {
  const question = ['journalctl', '--no-pager', '--quiet', '--output=cat', '--since=-1min', `--unit=${unit}`]
  const said = await ifSeen(exec(question, {timeout: 3000}))
  const lines = said?.exitCode === 0 ? said.stdout.split('\n') : []
  return lines
    .map(line => line.replace(`${unit}: `, ''))
    .filter(line => line !== '' && !line.startsWith(`Failed to start ${unit}`))
    .join('\n')
}

/** Exit statuses of what systemd does before the program (systemd.exec(5), "Process Exit Codes"). */
const stepNames: Readonly<Record<number, string>> = {
  200: 'CHDIR',
  201: 'NICE',
  202: 'FDS',
  203: 'EXEC',
  204: 'MEMORY',
  205: 'LIMITS',
  206: 'OOM_ADJUST',
  207: 'SIGNAL_MASK',
  208: 'STDIN',
  209: 'STDOUT',
  210: 'CHROOT',
  211: 'IOPRIO',
  212: 'TIMERSLACK',
  213: 'SECUREBITS',
  214: 'SETSCHEDULER',
  215: 'CPUAFFINITY',
  216: 'GROUP',
  217: 'USER',
  218: 'CAPABILITIES',
  219: 'CGROUP',
  220: 'SETSID',
  221: 'CONFIRM',
  222: 'STDERR',
  224: 'PAM',
  225: 'NETWORK',
  226: 'NAMESPACE',
  227: 'NO_NEW_PRIVILEGES',
  228: 'SECCOMP',
  229: 'SELINUX_CONTEXT',
  230: 'PERSONALITY',
  231: 'APPARMOR_PROFILE',
  232: 'ADDRESS_FAMILIES',
  233: 'RUNTIME_DIRECTORY',
  235: 'CHOWN',
  236: 'SMACK_PROCESS_LABEL',
  237: 'KEYRING',
  238: 'STATE_DIRECTORY',
  239: 'CACHE_DIRECTORY',
  240: 'LOGS_DIRECTORY',
  241: 'CONFIGURATION_DIRECTORY',
  242: 'NUMA_POLICY',
  243: 'CREDENTIALS',
  245: 'BPF',
}
