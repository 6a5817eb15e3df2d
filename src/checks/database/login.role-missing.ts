import {shownStated} from '../../facts/django/stated.ts'
import {findUnfinishedSetup} from '../../facts/postgres/postgres-unit.ts'
import {findRole} from '../../facts/postgres/superuser.ts'
import type {DatabaseTarget} from '../../facts/target/database.ts'
import type {Target} from '../../facts/target/target.ts'
import type {Host} from '../../host/host.ts'
import {finishSetup, setupWords} from '../../remedies/database-setup.ts'
import {kept, mend, remedy} from '../../remedies/remedy.ts'
import {restart, restated} from '../../remedies/service.ts'
import {type Finding, finding, type Remedy} from '../../report/finding.ts'
import {byHand} from '../../report/step.ts'
import {type Code, found, setPassword} from './login.findings.ts'

/** The role does not exist: it was not made yet, it is misnamed, or it has to be created. */
export async function roleMissing(
  host: Host,
  target: Target,
  database: DatabaseTarget,
  evidence: readonly string[],
): Promise<Finding<'critical', Code>> {
  const {user} = database
  const setup = await findUnfinishedSetup(host, database)
  if (setup) {
    const details = {evidence, because: ['service/dependencies']} as const
    return finding(
      found['role-missing'](user, setupWords(setup)),
      finishSetup(target, setup),
      details,
    )
  }
  const own = target.user ?? 'root'
  // Peer authentication lets in the user's own role alone: a new role would be refused as well.
  const isPeer = own !== user && evidence.some(line => line.includes('Peer authentication failed'))
  const ownRole = isPeer ? await findRole(host, {...database, user: own}) : null
  if (ownRole !== null && ownRole !== 'missing') {
    const stated = shownStated(database.stated.user, target.unit.name)
    const but = `, which ${stated} names; over the socket it takes the user ${own} for role "${own}" (peer)`
    const cure = mend(`Ask for role "${own}"`, restated(target, database.stated.user, own))
    return finding(found['role-missing'](user, but), cure, {evidence})
  }
  return finding(found['role-missing'](user), createRole(target, database), {evidence})
}

function createRole(target: Target, {host, user, password}: DatabaseTarget): Remedy {
  const needsPassword = !host.startsWith('/') || password !== null
  const create = [
    byHand('sudo', '-u', 'postgres', 'createuser', user),
    ...(needsPassword ? [setPassword(user)] : []),
    restart(target),
  ]
  const summary = 'Make sure that this is the cluster with the data, then create the role'
  return kept(remedy(summary, 'manual', create), target.platform.role(user))
}
