import {ifSeen} from '../if-seen.ts'
import {exec} from './exec.ts'
import {forgetFailure} from './running-units.ts'
import {parseShown} from './shown.ts'

/** How a program that did not end well ended. */
export type UnitEnd =
  /** systemd-run did not get as far as a unit, and says itself why. */
  | {readonly kind: 'none'}
  | {readonly kind: 'exited'; readonly status: number}
  | {readonly kind: 'killed'; readonly signal: number}
  | {readonly kind: 'timeout'}
  /**
   * systemd failed before it reached the program: at `step`, as in 226/NAMESPACE; `said` is from
   * the journal.
   */
  | {
      readonly kind: 'not-started'
      readonly status: number
      readonly step: string
      readonly said: string
    }

/**
 * Asks systemd how a transient unit ended, and lets it forget that. systemd-run's own exit code
 * cannot tell a program that exits with 226 from a sandbox that could not be set up.
 */
export async function endOf(name: string): Promise<UnitEnd> {
  const asked = [
    'LoadState,Result,ExecMainPID,ExecMainCode,ExecMainStatus',
    'ActiveEnterTimestampMonotonic,ExecMainHandoffTimestampMonotonic',
  ].join(',')
  const answer = await exec(['systemctl', 'show', '--no-pager', `--property=${asked}`, '--', name])
  const [unit] = parseShown(answer.stdout)
  const get = (property: string): string => unit?.get(property)?.[0] ?? ''
  if (get('LoadState') !== 'loaded') return {kind: 'none'}
  await forgetFailure(name)
  const status = Number(get('ExecMainStatus'))
  if (!(Number(get('ExecMainPID')) > 0))
    return {kind: 'not-started', status: 0, step: get('Result'), said: await whyNotStarted(name)}
  // CLD_EXITED of waitid(2).
  const isExit = get('ExecMainCode') === '1'
  const wasActive = Number(get('ActiveEnterTimestampMonotonic')) > 0
  const handedOver = get('ExecMainHandoffTimestampMonotonic')
  const isHandedOver = Number(handedOver) > 0
  // Of Type=exec only what was started is ever active; before systemd 256 a program may end too
  // soon for that. Handed over is also what execve(2) then refused (203).
  if (isExit && status >= 200 && !wasActive && (!isHandedOver || status === 203)) {
    const said = await spawnFailure(name)
    const step = stepNames[status]
    if ((handedOver !== '' && !isHandedOver) || saysSo.test(said))
      return {
        kind: 'not-started',
        status,
        step: step === undefined ? `${status}` : `${status}/${step}`,
        said,
      }
  }
  if (get('Result') === 'timeout') return {kind: 'timeout'}
  return isExit ? {kind: 'exited', status} : {kind: 'killed', signal: status}
}

const saysSo = /^Failed at step \w+ spawning /m

/** Why systemd did not reach the program; the journal may be a moment behind. */
async function spawnFailure(name: string): Promise<string> {
  let said = await whyNotStarted(name)
  for (let tries = 0; tries < 3 && !saysSo.test(said); tries += 1) {
    await ifSeen(exec(['journalctl', '--sync'], {timeout: 3000}))
    await new Promise(resolve => setTimeout(resolve, 50))
    said = await whyNotStarted(name)
  }
  return said
}

/** What systemd says of every start and end. */
const ordinary =
  /^(?:Start(?:ing|ed) |Stopp(?:ing|ed) |Main process exited|Failed with result|Failed to start |Succeeded|Deactivated)/

/** systemd's own words; what never ran has logged nothing itself. */
async function whyNotStarted(unit: string): Promise<string> {
  // Not --unit=: the journal cannot tell the unit of a process that is gone before it is looked at.
  const question = [
    'journalctl',
    '--no-pager',
    '--quiet',
    '--output=cat',
    '--since=-1min',
    `UNIT=${unit}`,
  ]
  const said = await ifSeen(exec(question, {timeout: 3000}))
  const lines = said?.exitCode === 0 ? said.stdout.split('\n') : []
  return lines
    .map(line => line.replace(`${unit}: `, ''))
    .filter(line => line !== '' && !ordinary.test(line))
    .join('\n')
}

/**
 * Exit statuses of what systemd does before the program (systemd.exec(5), "Process Exit Codes").
 */
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
