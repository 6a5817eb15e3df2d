import {pathFacts} from '../../facts/picture/directories.ts'
import {factOf} from '../../facts/picture/facts.ts'
import type {Seen} from '../../report/fact.ts'
import type {Context} from '../check.ts'

/** Where static files are collected, and who may write there. */
export async function staticRootFacts({host, target}: Context): Promise<readonly Seen[]> {
  const {staticRoot, django} = target
  const storage = django.answer?.static?.storage ?? null
  return [
    ...(staticRoot === null ? [] : [factOf('static/root', 'STATIC_ROOT', staticRoot)]),
    ...(storage ? [factOf('static/storage', 'the settings', storage.backend)] : []),
    ...(await pathFacts(host, [staticRoot])),
  ]
}
