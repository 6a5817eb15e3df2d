import type {Host} from '../host/host.ts'
import {type MigratedApp, type Migration, relationsOf} from './migrations.ts'

/** Why `migrate` refuses to begin, whatever is pending. */
export type Obstacle =
  /** InconsistentMigrationHistory: `migration` is recorded as applied, and `dependency` is not. */
  | {readonly kind: 'inconsistent'; readonly migration: Migration; readonly dependency: Migration}
  /** NodeNotFoundError: the package has no such dependency. */
  | {readonly kind: 'parent-missing'; readonly migration: Migration; readonly dependency: Migration}
  /** CommandError: nothing in the application comes after either of these. */
  | {readonly kind: 'conflict'; readonly leaves: readonly Migration[]}

/** `app.name` */
export function key({app, name}: Migration): string {
  return `${app}.${name}`
}

/**
 * What Django's loader and executor refuse, in the order in which they look (MigrationLoader.build_graph); null also
 * where the files do not tell.
 */
export async function findObstacle(
  host: Host,
  apps: readonly MigratedApp[],
  known: ReadonlySet<string>,
  pending: readonly Migration[],
): Promise<Obstacle | null> {
  const all = await Promise.all(
    apps.flatMap(app =>
      app.names.map(async name => ({migration: {app: app.label, name}, relations: await relationsOf(host, app, name)})),
    ),
  )
  // What a squashed migration replaces is another name for it.
  const standIn = new Map(
    all.flatMap(({migration, relations}) => (relations?.replaces ?? []).map(each => [key(each), migration] as const)),
  )
  const present = new Set(all.map(({migration}) => key(migration)))
  const installed = new Set(apps.map(({label}) => label))
  const links = all.flatMap(({migration, relations}) =>
    (relations?.dependencies ?? []).map(dependency => ({migration, dependency})),
  )
  const lost = links.find(({dependency}) => {
    const isThere = present.has(key(dependency)) || standIn.has(key(dependency))
    return !isThere && installed.has(dependency.app)
  })
  if (lost) return {kind: 'parent-missing', ...lost}
  const open = new Set(pending.map(key))
  const early = links.find(({migration, dependency}) => known.has(key(migration)) && open.has(key(dependency)))
  if (early) return {kind: 'inconsistent', ...early}
  const within = links.filter(({migration, dependency}) => migration.app === dependency.app)
  const followed = new Set(within.map(({dependency}) => key(standIn.get(key(dependency)) ?? dependency)))
  const following = new Set(within.map(({migration}) => key(migration)))
  for (const app of installed) {
    const own = all.filter(({migration}) => migration.app === app && !standIn.has(key(migration)))
    const leaves = own.map(({migration}) => migration).filter(each => !followed.has(key(each)))
    // Only the first follows none; where another seems to, its file does not tell all.
    const isKnown = own.filter(({migration}) => !following.has(key(migration))).length <= 1
    if (leaves.length > 1 && isKnown) return {kind: 'conflict', leaves}
  }
  return null
}
