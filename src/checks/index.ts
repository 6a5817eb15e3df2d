import type {CheckId} from '../report/finding.ts'
import {appDeploy} from './app/deploy.ts'
import {appSettings} from './app/settings.ts'
import {appSuperuser} from './app/superuser.ts'
import type {Check} from './check.ts'
import {databaseCluster} from './database/cluster.ts'
import {databaseExists} from './database/exists.ts'
import {databaseHealth} from './database/health.ts'
import {databaseLogin} from './database/login.ts'
import {databaseMigrations} from './database/migrations.ts'
import {databasePrivileges} from './database/privileges.ts'
import {databaseServer} from './database/server.ts'
import {httpApp} from './http/app.ts'
import {httpLog} from './http/log.ts'
import {httpProxy} from './http/proxy.ts'
import {secretsFile} from './secrets/file.ts'
import {secretsKeys} from './secrets/keys.ts'
import {serviceAccess} from './service/access.ts'
import {serviceActive} from './service/active.ts'
import {serviceDependencies} from './service/dependencies.ts'
import {serviceJournal} from './service/journal.ts'
import {servicePackage} from './service/package.ts'
import {serviceUnit} from './service/unit.ts'
import {serviceUser} from './service/user.ts'
import {stateDirectory} from './state/directory.ts'
import {stateModes} from './state/modes.ts'
import {stateOwnership} from './state/ownership.ts'
import {stateSpace} from './state/space.ts'
import {staticCollected} from './static/collected.ts'
import {staticFresh} from './static/fresh.ts'
import {staticIntegrity} from './static/integrity.ts'
import {staticManifest} from './static/manifest.ts'
import {staticRoot} from './static/root.ts'
import {staticServed} from './static/served.ts'

/**
 * Every check, from the ground up: a symptom may be the consequence of any check in a lower layer,
 * never of one in its own or above. The order was tried on the reports of every fault of the real
 * hosts in test/midship and test/hosts.
 */
export const layers: readonly (readonly Check[])[] = [
  [serviceUnit, stateSpace],
  [serviceUser, servicePackage, secretsFile, secretsKeys],
  [stateDirectory, stateOwnership, stateModes],
  [staticRoot],
  [staticCollected],
  [staticManifest, staticIntegrity, staticFresh],
  [databaseServer, databaseCluster, databaseLogin, databaseExists, serviceDependencies],
  [databasePrivileges, databaseHealth],
  [databaseMigrations],
  [serviceAccess],
  [appSettings, serviceActive],
  [httpApp],
  [httpProxy, appDeploy, appSuperuser],
  [staticServed, serviceJournal],
  [httpLog],
]

const groups = ['service', 'secrets', 'state', 'static', 'database', 'http', 'app']

/** Every check, in the order in which they are shown. */
export const checks: readonly Check[] = groups.flatMap(group =>
  layers.flat().filter(({id}) => id.startsWith(`${group}/`)),
)

/**
 * The layer of a check, counted from the ground; checks of other people's stand above all of ours.
 */
export function layerOf(id: CheckId): number {
  const layer = layers.findIndex(row => row.some(check => check.id === id))
  return layer < 0 ? layers.length : layer
}
