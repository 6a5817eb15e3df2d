import {factOf} from '../../facts/picture/facts.ts'
import {listenerFacts} from '../../facts/picture/listeners.ts'
import {settingFact} from '../../facts/picture/python.ts'
import {variablesNamed} from '../../facts/picture/variables.ts'
import {writtenBind} from '../../facts/target/bind.ts'
import type {Seen} from '../../report/fact.ts'
import type {Context} from '../check.ts'

/** The variables that usually state ALLOWED_HOSTS. */
const hosts = ['ALLOWED_HOSTS', 'DJANGO_ALLOWED_HOSTS']

/** Where the application is told to listen, for which names, and who does on this machine. */
export async function appFacts({host, target}: Context): Promise<readonly Seen[]> {
  const {binds, server} = target
  const source = server.kind ?? target.unit.name
  return [
    ...(binds.length > 0
      ? [factOf('application/binds', source, binds.map(writtenBind).join(' '))]
      : []),
    ...settingFact(target, 'ALLOWED_HOSTS'),
    ...(await variablesNamed(host, target, hosts)),
    ...(await listenerFacts(host)),
  ]
}
