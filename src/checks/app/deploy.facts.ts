import {settingFacts} from '../../facts/picture/python.ts'
import type {Seen} from '../../report/fact.ts'
import type {Context} from '../check.ts'

/** Every setting that the project makes: Django's own checks look at many of them. */
export async function deployFacts({target}: Context): Promise<readonly Seen[]> {
  return settingFacts(target)
}
