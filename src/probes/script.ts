import type {Host} from '../host/host.ts'
import {ifSeen} from '../host/if-seen.ts'

/** A script's text, or null where there is no text. */
export async function scriptText(host: Host, path: string): Promise<string | null> {
  const answer = await ifSeen(host.readFile(path))
  return answer?.kind === 'file' && answer.utf8 ? answer.text : null
}
