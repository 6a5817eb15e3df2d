import {oncePerTarget} from '../../facts/once-per-target.ts'
import {pathFacts} from '../../facts/picture/directories.ts'
import {factOf} from '../../facts/picture/facts.ts'
import {findCredentialFiles} from '../../facts/unit/credential-files.ts'
import type {Host} from '../../host/host.ts'
import {ifTold} from '../../host/if-seen.ts'
import type {Fact, Seen} from '../../report/fact.ts'
import type {Context} from '../check.ts'

/** Who may read the files with secrets, and whether systemd takes them. */
export function secretsFileFacts({host, target}: Context): Promise<readonly Seen[]> {
  return look(host, target)
}

const look = oncePerTarget(async (host, target) => {
  const credentials = (await ifTold(findCredentialFiles(host, target.unit))) ?? []
  const read = target.django.answer?.files ?? []
  const files = target.secretsFiles.map(({path}) => path)
  const [access, texts] = await Promise.all([
    pathFacts({host, target}, [...files, ...credentials, ...read]),
    Promise.all(files.map(path => encodingFact(host, path))),
  ])
  return [...access, ...texts.flat()]
})

/** Of one that is not UTF-8 systemd reads nothing, and no variable of it is known. */
async function encodingFact(host: Host, path: string): Promise<readonly Fact[]> {
  const answer = await ifTold(host.readFile(path, {holds: 'assignments'}))
  if (answer?.kind !== 'file') return []
  return [factOf(`environment of ${path}`, path, answer.utf8 ? 'UTF-8' : 'not UTF-8')]
}
