import type {DjangoAnswer} from './django.ts'

/** A migration as django_migrations names it. */
export interface Migration {
  readonly app: string
  readonly name: string
}

/** The migrations that Django's loader finds on disk, with what it refuses of them. */
export type MigrationFacts = NonNullable<DjangoAnswer['migrations']>

/** Why `migrate` refuses to begin, whatever is pending. */
export type Obstacle =
  /** InconsistentMigrationHistory: `migration` is recorded as applied, and `dependency` is not. */
  | {readonly kind: 'inconsistent'; readonly migration: Migration; readonly dependency: Migration}
  /** NodeNotFoundError: the package has no such dependency. */
  | {
      readonly kind: 'parent-missing'
      readonly migration: Migration | null
      readonly dependency: Migration
    }
  /** CommandError: nothing in the application comes after either of these. */
  | {readonly kind: 'conflict'; readonly leaves: readonly Migration[]}
  /** BadMigrationError, CircularDependencyError: in Django's words. */
  | {readonly kind: 'broken'; readonly message: string}

/** `app.name` */
export function key({app, name}: Migration): string {
  return `${app}.${name}`
}

const pair = ([app, name]: readonly [string, string]): Migration => ({app, name})

/**
 * What is on disk and not recorded; a squashed migration counts as applied when all that it
 * replaces are.
 */
export function unapplied({all}: MigrationFacts, known: ReadonlySet<string>): readonly Migration[] {
  const pending = all
    .filter(each => !known.has(key(each)))
    .map(each => ({migration: {app: each.app, name: each.name}, replaced: each.replaces.map(pair)}))
    .filter(({replaced}) => replaced.length === 0 || !replaced.every(each => known.has(key(each))))
  // What a pending squashed migration replaces is not needed beside it, and it is not where those
  // are there themselves.
  const own = new Set(pending.map(({migration}) => key(migration)))
  return pending
    .filter(({replaced}) => !replaced.some(each => known.has(key(each)) || own.has(key(each))))
    .map(({migration}) => migration)
}

/**
 * What the database has of installed applications and the package lacks, unless a squashed one
 * replaces it.
 */
export function lacking(
  {all}: MigrationFacts,
  applied: readonly Migration[],
): readonly Migration[] {
  const labels = new Set(all.map(({app}) => app))
  const known = new Set(all.flatMap(each => [key(each), ...each.replaces.map(pair).map(key)]))
  return applied.filter(each => labels.has(each.app) && !known.has(key(each)))
}

/**
 * What Django's loader and executor refuse, in the order in which they look
 * (MigrationLoader.build_graph).
 */
export function findObstacle(
  {all, conflicts, error}: MigrationFacts,
  known: ReadonlySet<string>,
  pending: readonly Migration[],
): Obstacle | null {
  if (error?.kind === 'parent-missing' && error.node?.[0] !== undefined) {
    const [app = '', name = ''] = error.node
    const origin = error.origin
    return {
      kind: 'parent-missing',
      migration: origin?.[0] && origin[1] ? {app: origin[0], name: origin[1]} : null,
      dependency: {app, name},
    }
  }
  if (error) return {kind: 'broken', message: error.message}
  const standIn = new Map(
    all.flatMap(each => each.replaces.map(pair).map(one => [key(one), key(each)] as const)),
  )
  const open = new Set(pending.map(key))
  for (const migration of all) {
    if (!known.has(key(migration))) continue
    const early = migration.dependencies
      .map(pair)
      .find(
        each =>
          !/^__(?:first|latest)__$/.test(each.name) &&
          open.has(standIn.get(key(each)) ?? key(each)),
      )
    if (early)
      return {
        kind: 'inconsistent',
        migration: {app: migration.app, name: migration.name},
        dependency: early,
      }
  }
  const [conflict] = Object.entries(conflicts)
  if (conflict)
    return {kind: 'conflict', leaves: conflict[1].map(name => ({app: conflict[0], name}))}
  return null
}

/** The package's migrations beside those of the database. */
export interface Comparison {
  readonly pending: readonly Migration[]
  /** What the database has and the package lacks. */
  readonly surplus: readonly Migration[]
  /** Null also where nothing is to be applied. */
  readonly obstacle: Obstacle | null
}

export function compare(facts: MigrationFacts, applied: readonly Migration[]): Comparison {
  const known = new Set(applied.map(key))
  const pending = unapplied(facts, known)
  const surplus = lacking(facts, applied)
  if (!facts.error && pending.length + surplus.length === 0)
    return {pending, surplus, obstacle: null}
  const obstacle = findObstacle(facts, known, pending)
  if (obstacle?.kind !== 'parent-missing') return {pending, surplus, obstacle}
  // What the package lost in its middle makes nobody's database too new.
  const lost = key(obstacle.dependency)
  return {pending, surplus: surplus.filter(each => key(each) !== lost), obstacle}
}
