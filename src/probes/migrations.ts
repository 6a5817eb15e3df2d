import {CannotLook, type Host} from '../host/host.ts'
import type {Target} from '../target.ts'
import {findDjango, scriptText} from './django.ts'
import {assignments, entryOf, literal, strings} from './python.ts'

/** A migration as django_migrations names it. */
export interface Migration {
  readonly app: string
  readonly name: string
}

/** An installed application and the migrations that the package has of it. */
export interface MigratedApp {
  /** Its label: what django_migrations and table names begin with. */
  readonly label: string
  /** The directory of its migrations. */
  readonly directory: string
  readonly names: readonly string[]
}

/** What the package holds of migrations. */
export interface PackageMigrations {
  readonly apps: readonly MigratedApp[]
  /** False when an installed application was not found: what the package lacks cannot be said then. */
  readonly complete: boolean
}

/**
 * The migrations of every installed application, third-party ones too, by listing the package: nothing of it is run.
 * @throws CannotLook where the settings could not be read.
 */
export async function findMigrations(host: Host, target: Target): Promise<PackageMigrations> {
  const {settings, settingsComplete, roots, path} = await findDjango(host, target)
  if (settings === null) throw new CannotLook('the settings of the package could not be read')
  const all = assignments(settings)
  const installed = all.filter(({name}) => name === 'INSTALLED_APPS')
  const moved = all.findLast(({name}) => name === 'MIGRATION_MODULES')?.expression ?? '{}'
  const apps = [...new Set(installed.flatMap(({expression}) => strings(expression)))]
  if (apps.length === 0) throw new CannotLook('INSTALLED_APPS could not be read from the settings')
  const sites = path === null ? [] : [path.replace(/\/django$/, '')]
  const places = [...new Set([...roots, ...sites])]
  const found = await Promise.all(apps.map(app => findApp(host, places, app, moved)))
  const complete = settingsComplete && !installed.some(({conditional}) => conditional)
  return {
    apps: found.filter(app => app !== null && app !== 'elsewhere'),
    complete: complete && !found.includes('elsewhere'),
  }
}

/** `prism.accounts`, `prism.accounts.apps.AccountsConfig`. Null when it has no migrations. */
async function findApp(
  host: Host,
  places: readonly string[],
  app: string,
  /** MIGRATION_MODULES as the settings have it. */
  moved: string,
): Promise<MigratedApp | 'elsewhere' | null> {
  const [module = app, config] = app.split(/\.apps\.(?=\w+$)/)
  for (const place of places) {
    const directory = `${place}/${module.replaceAll('.', '/')}`
    const names = await host.list(directory)
    if (names === null) continue
    const label = await labelOf(host, directory, module, names.includes('apps.py'), config)
    const elsewhere = entryOf(moved, label)
    if (elsewhere === 'None') return null
    if (elsewhere !== undefined) return movedMigrations(host, places, label, literal(elsewhere ?? ''))
    if (!names.includes('migrations')) return null
    const files = (await host.list(`${directory}/migrations`)) ?? []
    return {label, directory: `${directory}/migrations`, names: migrationsAmong(files)}
  }
  return 'elsewhere'
}

/** MigrationLoader passes over what begins with "_" or "~". */
function migrationsAmong(files: readonly string[]): readonly string[] {
  return files.filter(name => /^[^_~.].*\.py$/.test(name)).map(name => name.slice(0, -'.py'.length))
}

/** Where MIGRATION_MODULES says that they are; elsewhere where it says nothing that can be read. */
async function movedMigrations(
  host: Host,
  places: readonly string[],
  label: string,
  module: string | null,
): Promise<MigratedApp | 'elsewhere'> {
  for (const place of module ? places : []) {
    const directory = `${place}/${module?.replaceAll('.', '/')}`
    const files = await host.list(directory)
    if (files !== null) return {label, directory, names: migrationsAmong(files)}
  }
  return 'elsewhere'
}

async function labelOf(
  host: Host,
  directory: string,
  module: string,
  hasConfig: boolean,
  config: string | undefined,
): Promise<string> {
  const usual = module.split('.').at(-1) ?? module
  if (!hasConfig) return usual
  const text = (await scriptText(host, `${directory}/apps.py`)) ?? ''
  const classes = text.split(/^class /m).slice(1)
  const own = config === undefined ? undefined : classes.find(each => each.startsWith(config))
  const label = /^ +label\s*=\s*['"](\w+)['"]/m.exec(own ?? classes.join('\n'))?.[1]
  return label ?? usual
}

/** What the file of a migration says of others. */
export interface Relations {
  /** What a squashed migration stands for; none of an ordinary one. */
  readonly replaces: readonly Migration[]
  /** What must be applied before it; `__first__` and what is swappable are left out. */
  readonly dependencies: readonly Migration[]
}

/** Null where the file cannot be read as text. */
export async function relationsOf(
  host: Host,
  {directory, label}: MigratedApp,
  name: string,
): Promise<Relations | null> {
  const text = await scriptText(host, `${directory}/${name}.py`)
  if (text === null) return null
  const all = assignments(text)
  const listed = (attribute: string): readonly Migration[] => {
    const list = all.find(each => each.name === attribute)?.expression ?? ''
    return [...list.matchAll(/\(\s*['"](\w+)['"]\s*,\s*['"](\w+)['"]\s*,?\s*\)/g)].map(
      ([, app = label, other = '']) => ({app, name: other}),
    )
  }
  return {
    replaces: listed('replaces'),
    dependencies: listed('dependencies').filter(each => !/^__(?:first|latest)__$/.test(each.name)),
  }
}

/** The migrations that a squashed one stands for; none of an ordinary one. */
export async function replacedBy(host: Host, app: MigratedApp, name: string): Promise<readonly Migration[]> {
  return (await relationsOf(host, app, name))?.replaces ?? []
}

/** What the files of an application's migrations hold, in the order of their names; null of one that is no text. */
export function textsOf(
  host: Host,
  {directory, names}: Pick<MigratedApp, 'directory' | 'names'>,
): Promise<readonly (string | null)[]> {
  return Promise.all(names.map(name => scriptText(host, `${directory}/${name}.py`)))
}

/** What may have renamed or removed a table that a CreateModel made. */
const undoing =
  /\b(?:DeleteModel|RenameModel|AlterModelTable|SeparateDatabaseAndState)\(|\bdelete_model\b|\bdrop\s+table\b|\brename\s+to\b/i

/**
 * The tables of applications by their CreateModel operations; none of one where something else may have renamed or removed one.
 * A proxy, a model that is not managed, and one that may be swapped for another have none of their own.
 */
export async function tablesOf(host: Host, target: Target, apps: readonly MigratedApp[]): Promise<readonly string[]> {
  const {settings, settingsComplete} = await findDjango(host, target)
  if (settings === null || !settingsComplete || /^\s*DATABASE_ROUTERS\b/m.test(settings)) return []
  const usesDjangosUser = !/^\s*AUTH_USER_MODEL\b/m.test(settings)
  const found = await Promise.all(
    apps.map(async ({label, ...app}) => tablesIn(label, await textsOf(host, app), usesDjangosUser)),
  )
  return found.flat()
}

function tablesIn(label: string, texts: readonly (string | null)[], usesDjangosUser: boolean): readonly string[] {
  if (texts.some(text => text === null || undoing.test(text))) return []
  const operations = texts.flatMap(text => (text ?? '').split(/\bmigrations\.(?=[A-Z]\w*\()/).slice(1))
  return operations.flatMap(text => {
    const model = /^CreateModel\(\s*(?:name\s*=\s*)?['"](\w+)['"]/.exec(text)?.[1]
    if (!model || /['"](?:proxy['"]\s*:\s*True|managed['"]\s*:\s*False)/.test(text)) return []
    const swappable = /['"]swappable['"]\s*:\s*(?:['"](\w+)['"])?/.exec(text)
    if (swappable && !(swappable[1] === 'AUTH_USER_MODEL' && usesDjangosUser)) return []
    const named = /['"]db_table['"]\s*:\s*(?:['"](\w+)['"])?/.exec(text)
    const table = named ? named[1] : `${label}_${model.toLowerCase()}`
    return table && /^\w{1,63}$/.test(table) ? [table] : []
  })
}
