import type {Check} from '../checks/check.ts'
import type {DiagnoseOptions} from '../engine/diagnose.ts'
import {defaultDirectory} from '../host/local/run-journal.ts'
import type {Session} from './session.ts'

/**
 * Lets root's runs on this machine remember what they find. A recorded machine is another one, and
 * who is not root may not read what is remembered.
 * @param checks all that a run asks which is to be remembered; null where it asks only some.
 */
export async function remembering(
  {host, isRecorded, config}: Session,
  checks: readonly Check[] | null,
): Promise<Pick<DiagnoseOptions, 'remember'>> {
  if (isRecorded || host.uid !== 0 || config.history?.keep === false) return {}
  const {memory} = await import('../history/remember.ts')
  // What --fix asks again, to see whether a step helped, is not the whole machine either.
  const isWhole = (asked: readonly Check[]): boolean => asked.length === checks?.length
  return {remember: memory({directory: defaultDirectory, isWhole})}
}
