import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {declaredEnvironment, splitWords, type Unit} from '../../host/unit.ts'
import {isBelow, resolvePath} from '../files/paths.ts'
import {unitOpener} from '../unit/openers.ts'
import {givenPaths, requiredPaths} from '../unit/sandbox-paths.ts'
import type {Target} from './target.ts'

/**
 * The directories of the deployment in which `--fix` may change files, by the unit and the
 * configuration alone. What the service's process says widens nothing, nor does an EnvironmentFile
 * that another than root may write.
 */
export async function boundsOf(
  host: Host,
  {unit, secretsFiles, settings}: Target,
): Promise<readonly string[]> {
  const environment = new Map(declaredEnvironment(unit))
  for (const {path, variables} of secretsFiles)
    if (variables && (await isRootsAlone(host, path)))
      for (const [name, value] of variables) environment.set(name, value)
  const named = [
    settings.stateDirectory ?? statedStateDirectory(unit),
    settings.staticRoot ?? environment.get('STATIC_ROOT'),
    settings.mediaRoot,
    ...requiredPaths(unit)
      .filter(({setting}) => setting !== 'InaccessiblePaths')
      .map(({path}) => path),
  ].flatMap(absolute)
  const roots = [...environment].filter(([name]) => isRootName(name)).map(([, path]) => path)
  const others = [...givenPaths(unit), ...roots]
    .flatMap(absolute)
    .filter(path => !named.some(wider => isBelow(path, wider)))
  // The widest first: what lies in another mount than that is not touched.
  return [...new Set([...named, ...others])].sort((a, b) => a.length - b.length)
}

/** Without a slash at its end; an empty or a relative path is none. */
function absolute(path: string | null | undefined): readonly string[] {
  return path?.startsWith('/') ? [path.replace(/(?<=.)\/+$/, '')] : []
}

/** DJANGO_STATIC_ROOT, MEDIA_ROOT, UPLOAD_DIR … */
function isRootName(name: string): boolean {
  return /(?:^|_)(?:STATIC|STATICFILES|MEDIA|UPLOADS?)_(?:ROOT|DIR|PATH)$/.test(name)
}

async function isRootsAlone(host: Host, path: string): Promise<boolean> {
  const {path: real, components} = await resolvePath(host, path)
  return (
    real !== null &&
    components.every(
      ({stat}) => stat.uid === 0 && (stat.type === 'symlink' || (stat.mode & 0o022) === 0),
    )
  )
}

function statedStateDirectory(unit: Unit): string | null {
  const [first] = splitWords(unit.get('StateDirectory'))
  if (first) return `/var/lib/${first.split(':')[0]}`
  const writable = splitWords(unit.get('ReadWritePaths')).map(path => path.replace(/^[-+]+/, ''))
  const below = writable.find(path => /^\/(?:var|srv)\/./.test(path))
  return below ? below.replace(/\/+$/, '') : null
}

/** By the configuration, the unit, or what lies in /var/lib. */
export async function findStateDirectory(
  host: Host,
  {
    settings,
    unit,
    served,
    environment,
  }: Pick<Target, 'settings' | 'unit' | 'served' | 'environment'>,
): Promise<string | null> {
  return (
    settings.stateDirectory ??
    statedStateDirectory(unit) ??
    ownDirectoryAbove(host, served, environment)
  )
}

/**
 * The directory in /var/lib that holds the STATIC_ROOT which the unit itself states, where it
 * belongs to the service: a unit that lost its ReadWritePaths= still keeps its state there.
 */
async function ownDirectoryAbove(
  host: Host,
  served: Unit,
  environment: ReadonlyMap<string, string>,
): Promise<string | null> {
  const above = /^\/var\/lib\/[^/]+(?=\/.)/.exec(environment.get('STATIC_ROOT') ?? '')?.[0]
  if (above === undefined) return null
  const [stat, opener] = await Promise.all([
    ifSeen(host.stat(above)),
    ifSeen(unitOpener(host, served)),
  ])
  return stat?.type === 'directory' && opener !== null && stat.uid === opener.uid ? above : null
}
