import {pathFacts} from '../../facts/picture/directories.ts'
import {onceEach} from '../../facts/picture/memo.ts'
import {findCredentialFiles} from '../../facts/unit/credential-files.ts'
import {ifTold} from '../../host/if-seen.ts'
import type {Seen} from '../../report/fact.ts'
import type {Context} from '../check.ts'

/** Who may read the files with secrets. */
export function secretsFileFacts({host, target}: Context): Promise<readonly Seen[]> {
  return look(host, target)
}

const look = onceEach(async (host, target) => {
  const credentials = (await ifTold(findCredentialFiles(host, target.unit))) ?? []
  const read = target.django.answer?.files ?? []
  const files = [...target.secretsFiles.map(({path}) => path), ...credentials, ...read]
  return pathFacts({host, target}, files)
})
