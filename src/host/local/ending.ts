/** How what must not outlive this process is ended. */
const ends = new Set<() => void>()

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** False for one who runs a command for somebody: he passes signals on, and does not end by them. */
let endsBySignal = true

/**
 * Whatever ends this process but SIGKILL calls `end`, which must not wait for anything.
 * @returns what takes that back.
 */
export function endWithUs(end: () => void): () => void {
  ends.add(end)
  if (!process.listeners('exit').includes(endAll)) process.on('exit', endAll)
  for (const signal of endsBySignal ? signals : [])
    if (!process.listeners(signal).includes(endBySignal)) process.on(signal, endBySignal)
  return () => {
    ends.delete(end)
    if (ends.size === 0) for (const signal of signals) process.off(signal, endBySignal)
  }
}

/** From now on signals are somebody else's. */
export function leaveSignals(): void {
  endsBySignal = false
  for (const signal of signals) process.off(signal, endBySignal)
}

/** Ends what runs, then this process as the signal would have ended it. */
function endBySignal(signal: NodeJS.Signals): void {
  endAll()
  for (const each of signals) process.off(each, endBySignal)
  process.kill(process.pid, signal)
}

function endAll(): void {
  for (const end of ends) end()
}
