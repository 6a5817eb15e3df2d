import {pathFacts} from '../../facts/picture/directories.ts'
import {settingFact} from '../../facts/picture/python.ts'
import {variablesNamed} from '../../facts/picture/variables.ts'
import type {Seen} from '../../report/fact.ts'
import type {Context} from '../check.ts'

/** Where static files are collected and how, and who may write there. */
export async function staticRootFacts(context: Context): Promise<readonly Seen[]> {
  const {host, target} = context
  return [
    ...settingFact(target, 'STATIC_ROOT'),
    ...settingFact(target, 'STORAGES'),
    ...(await variablesNamed(host, target, ['STATIC_ROOT', 'DJANGO_STATIC_ROOT'])),
    ...(await pathFacts(context, [target.staticRoot])),
  ]
}
