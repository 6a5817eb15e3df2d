import {factOf} from '../../facts/picture/facts.ts'
import {listenerFacts} from '../../facts/picture/listeners.ts'
import {writtenBind} from '../../facts/target/bind.ts'
import type {Seen} from '../../report/fact.ts'
import type {Context} from '../check.ts'

/** Where the application is told to listen, for which names, and who listens on this machine. */
export async function appFacts({host, target}: Context): Promise<readonly Seen[]> {
  const {binds, hosts, server} = target
  const source = server.kind ?? target.unit.name
  return [
    ...(binds.length > 0
      ? [factOf('application/binds', source, binds.map(writtenBind).join(' '))]
      : []),
    ...(hosts.length > 0
      ? [factOf('application/hosts', 'ALLOWED_HOSTS', [...hosts].sort().join(' '))]
      : []),
    ...(await listenerFacts(host)),
  ]
}
