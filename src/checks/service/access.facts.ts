import type {Seen} from '../../report/fact.ts'
import type {Context} from '../check.ts'
import {secretsFileFacts} from '../secrets/file.facts.ts'
import {directoryFacts} from '../state/directory.facts.ts'
import {userFacts} from './user.facts.ts'

/** Who the service is, and what is on the way to its directories and to its files with secrets. */
export async function accessFacts(context: Context): Promise<readonly Seen[]> {
  const looks = [userFacts, directoryFacts, secretsFileFacts].map(look => look(context))
  return (await Promise.all(looks)).flat()
}
