import {setMaxListeners} from 'node:events'

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
