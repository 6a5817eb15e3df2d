import {NotRecorded} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'

/** For a fact: null where nobody could look, and where a recording was not asked. */
export async function ifTold<T>(look: Promise<T>): Promise<T | null> {
  try {
    return await ifSeen(look)
  } catch (error) {
    if (error instanceof NotRecorded) return null
    throw error
  }
}
