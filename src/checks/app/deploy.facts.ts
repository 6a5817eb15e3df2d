import {settingFacts} from '../../facts/picture/python.ts'
import {variablesNamed} from '../../facts/picture/variables.ts'
import type {Seen} from '../../report/fact.ts'
import type {Context} from '../check.ts'

/** The variables that usually state DEBUG. */
const debug = ['DEBUG', 'DJANGO_DEBUG']

/** Every setting that the project makes: Django's own checks look at many of them. */
export async function deployFacts({host, target}: Context): Promise<readonly Seen[]> {
  return [...settingFacts(target), ...(await variablesNamed(host, target, debug))]
}
