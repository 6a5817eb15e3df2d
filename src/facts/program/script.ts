import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'

/**
 * Bytes: nobody starts a service by a longer one, and it is another's text that is taken apart as
 * root.
 */
export const maxScript = 64 * 1024

/** A script's text, or null where there is no text. */
export async function scriptText(host: Host, path: string): Promise<string | null> {
  const answer = await ifSeen(host.readFile(path, {limit: maxScript}))
  return answer?.kind === 'file' && answer.utf8 ? answer.text : null
}
