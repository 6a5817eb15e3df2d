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
    spawnSync(findProgram('systemctl'), ['stop', '--no-block', '--', name], {
      env: environment,
      stdio: 'ignore',
      // systemd may be what hangs.
      timeout: 300,
      killSignal: 'SIGKILL',
    })
    forget()
  })
  return () => {
    release()
    forget()
  }
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
