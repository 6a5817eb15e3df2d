import {CannotLook, NotRecorded} from './host.ts'

/** What was seen, or why nobody could look. */
export async function seenOrWhyNot<T>(look: Promise<T>): Promise<T | CannotLook> {
  try {
    return await look
  } catch (error) {
    if (error instanceof CannotLook) return error
    throw error
  }
}

/** For what is only evidence: null where nobody could look. */
export async function ifSeen<T>(look: Promise<T>): Promise<T | null> {
  const seen = await seenOrWhyNot(look)
  return seen instanceof CannotLook ? null : seen
}

/**
 * For what only adds to a verdict: null where nobody could look, and where a recording was not
 * asked.
 */
export async function ifTold<T>(look: Promise<T>): Promise<T | null> {
  try {
    return await ifSeen(look)
  } catch (error) {
    if (error instanceof NotRecorded) return null
    throw error
  }
}
