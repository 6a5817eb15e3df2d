import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {isLocal} from '../postgres/postgres.ts'
import {knownDatabase, type Target} from '../target/target.ts'

export const clusters = '/var/lib/postgresql'

/** The state directory, and where PostgreSQL keeps its data. */
export async function writtenPaths(host: Host, target: Target): Promise<readonly string[]> {
  const {stateDirectory} = target
  const database = knownDatabase(target)
  const isHere = database !== null && isLocal(database)
  const versions = isHere ? ((await ifSeen(host.list(clusters))) ?? []) : []
  const data = versions.filter(name => /^\d+$/.test(name)).map(name => `${clusters}/${name}`)
  return [
    ...(stateDirectory ? [stateDirectory] : []),
    ...(data.length > 0 ? [clusters, ...data] : []),
  ]
}

/**
 * What only the application names. Static files are left out: they are written once, and may lie
 * where nobody can write.
 */
export function saidPaths({mediaRoot, django}: Target): readonly string[] {
  const logs = (django.answer?.logFiles ?? []).map(({path}) => path)
  return [...new Set([mediaRoot ?? '', ...logs])].filter(path => path.startsWith('/'))
}
