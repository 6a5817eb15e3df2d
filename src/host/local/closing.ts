import {setMaxListeners} from 'node:events'
import {CannotLook} from '../host.ts'

const controller = new AbortController()
// As many questions as are open at the same time listen to it.
setMaxListeners(0, controller.signal)

/**
 * Aborted when the answer is given: what is still being asked then must not keep the process
 * waiting.
 */
export const closing: AbortSignal = controller.signal

export function close(): void {
  controller.abort()
}

/** @throws CannotLook when the answer is given: nothing is begun any more. */
export function assertOpen(): void {
  if (closing.aborted) throw new CannotLook('nobody waits for the answer any more')
}
