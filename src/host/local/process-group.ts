import type {ChildProcess} from 'node:child_process'

/** Signals a child that leads a process group (`detached`), and all that it started in it. */
export function signalGroup(
  {pid, exitCode, signalCode}: ChildProcess,
  signal: 'SIGTERM' | 'SIGKILL',
): void {
  // Its number may be another's by then.
  if (pid === undefined || exitCode !== null || signalCode !== null) return
  try {
    process.kill(-pid, signal)
  } catch {
    // It has ended.
  }
}
