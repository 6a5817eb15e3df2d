import {type Filesystem, findFilesystems} from '../../facts/files/space.ts'
import {saidPaths, writtenPaths} from '../../facts/files/written-paths.ts'
import {factOf} from '../../facts/picture/facts.ts'
import {ifTold} from '../../host/if-seen.ts'
import type {Seen} from '../../report/fact.ts'
import type {Context} from '../check.ts'
import {judge} from './space.findings.ts'

/** What is left, in the steps in which the check speaks of it. */
export async function spaceFacts({host, target}: Context): Promise<readonly Seen[]> {
  const paths = [...(await writtenPaths(host, target)), ...saidPaths(target)]
  const filesystems = (await ifTold(findFilesystems(host, paths))) ?? []
  return filesystems.map(each => factOf(`space/${each.path}`, 'statfs', step(each)))
}

function step(filesystem: Filesystem): string {
  const verdict = judge(filesystem)
  return verdict === null ? 'enough' : verdict.code
}
