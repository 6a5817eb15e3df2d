import {pathFacts} from '../../facts/picture/directories.ts'
import {findCredentialFiles} from '../../facts/unit/credential-files.ts'
import {ifTold} from '../../host/if-seen.ts'
import type {Seen} from '../../report/fact.ts'
import type {Context} from '../check.ts'

/** Who may read the files with secrets. */
export async function secretsFileFacts(context: Context): Promise<readonly Seen[]> {
  const {host, target} = context
  const credentials = (await ifTold(findCredentialFiles(host, target.unit))) ?? []
  const read = target.django.answer?.files ?? []
  return pathFacts(context, [...target.secretsFiles.map(({path}) => path), ...credentials, ...read])
}
