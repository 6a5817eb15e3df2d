import {spawnSync} from 'node:child_process'
import {ifSeen} from '../if-seen.ts'
import {endWithUs} from './ending.ts'
import {environment, exec, findProgram} from './exec.ts'

/**
 * Whatever ends this process ends a transient unit, and no file of its remains.
 * @param forget removes what was handed to it.
 * @returns what is called when it has ended.
 */
export function hold(name: string, forget: () => void): () => void {
  const release = endWithUs(() => {
    leaveToSystemd(name)
    forget()
  })
  return () => {
    release()
    forget()
  }
}

/**
 * Has systemd end a unit, and forget it: a process that no signal wakes would leave one behind that
 * has failed. That takes seconds, and we are about to go.
 */
function leaveToSystemd(name: string): void {
  const systemctl = findProgram('systemctl')
  const settings = [
    `ExecStartPre=-${systemctl} stop -- ${name}`,
    'TimeoutStartSec=30',
    'LogLevelMax=err',
    // It has not failed, and nothing is to be forgotten.
    'SuccessExitStatus=1',
  ]
  spawnSync(
    findProgram('systemd-run'),
    [
      ...['--quiet', '--collect', '--no-block', '--no-ask-password', '--service-type=oneshot'],
      `--unit=${name.replace(/\.service$/, '-end.service')}`,
      ...settings.flatMap(setting => ['-p', setting]),
      ...['--', systemctl, 'reset-failed', '--', name],
    ],
    // systemd may be what hangs.
    {env: environment, stdio: 'ignore', timeout: 300, killSignal: 'SIGKILL'},
  )
}

/**
 * Ends a unit with everything that it started.
 * @throws CannotLook where systemd has not said in time that it did.
 */
export async function stopUnit(name: string): Promise<void> {
  await exec(['systemctl', 'stop', '--', name], {timeout: 15_000})
  await forgetFailure(name)
}

/** One that ended badly is kept by systemd until it was asked how. */
export async function forgetFailure(name: string): Promise<void> {
  await ifSeen(exec(['systemctl', 'reset-failed', '--', name]))
}
