import {codeFacts, environmentOfPython, settingFact} from '../../facts/picture/python.ts'
import {variablesNamed} from '../../facts/picture/variables.ts'
import type {Seen} from '../../report/fact.ts'
import type {Context} from '../check.ts'

/** Of which a request is refused; the variable is often called like the setting. */
const settings = ['ALLOWED_HOSTS', 'CSRF_TRUSTED_ORIGINS']

/** What raises exceptions: the code and what is installed; and whom the settings trust. */
export async function journalFacts({host, target}: Context): Promise<readonly Seen[]> {
  const variables = settings.flatMap(name => [name, `DJANGO_${name}`])
  return [
    ...codeFacts(target),
    ...environmentOfPython(target),
    ...settings.flatMap(name => settingFact(target, name)),
    ...(await variablesNamed(host, target, variables)),
  ]
}
