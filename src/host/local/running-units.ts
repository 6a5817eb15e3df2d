import {spawn, spawnSync} from 'node:child_process'
import {environment, findProgram} from './exec.ts'

/** Transient units that run now, and how what was handed to them is removed. */
const running = new Map<string, () => void>()

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Whatever ends this process ends these units, and no file of theirs remains.
 * @param bySignal False for one who runs a command for somebody: he passes signals on, and does not
 *   end by them.
 */
export function hold(name: string, forget: () => void, bySignal: boolean): void {
  running.set(name, forget)
  if (!process.listeners('exit').includes(endAll)) process.on('exit', endAll)
  for (const signal of bySignal ? signals : [])
    if (!process.listeners(signal).includes(endBySignal)) process.on(signal, endBySignal)
}

/** The unit has ended. */
export function release(name: string): void {
  running.delete(name)
  if (running.size === 0) for (const signal of signals) process.off(signal, endBySignal)
}

/** Ends what runs, then this process as the signal would have ended it. */
function endBySignal(signal: NodeJS.Signals): void {
  endAll()
  for (const each of signals) process.off(each, endBySignal)
  process.kill(process.pid, signal)
}

function endAll(): void {
  for (const [name, forget] of running) {
    spawnSync(findProgram('systemctl'), ['stop', '--no-block', '--', name], {
      env: environment,
      stdio: 'ignore',
    })
    forget()
  }
}

/** Ends a unit with everything that it started. */
export async function stopUnit(name: string): Promise<void> {
  const child = spawn(findProgram('systemctl'), ['stop', '--', name], {
    env: environment,
    stdio: 'ignore',
    timeout: 15_000,
  })
  await new Promise<void>(resolve => {
    child.on('error', () => resolve())
    child.on('close', () => resolve())
  })
  forgetFailure(name)
}

/** One that ended badly is kept by systemd until it was asked how. */
export function forgetFailure(name: string): void {
  spawnSync(findProgram('systemctl'), ['reset-failed', '--', name], {
    env: environment,
    stdio: 'ignore',
  })
}
