import type {DiagnoseOptions} from '../engine/diagnose.ts'
import {defaultDirectory} from '../host/local/run-journal.ts'
import type {Session} from './session.ts'

/**
 * Lets root's runs on this machine remember what they find. A recorded machine is another one, and
 * who is not root may not read what is remembered.
 * @param isWhole whether every check is asked: a run that asks some only looks back.
 */
export async function remembering(
  {host, isRecorded, config}: Session,
  isWhole: boolean,
): Promise<Pick<DiagnoseOptions, 'remember'>> {
  if (isRecorded || host.uid !== 0 || config.history?.keep === false) return {}
  const {memory} = await import('../history/remember.ts')
  return {remember: memory({directory: defaultDirectory, isWhole})}
}
