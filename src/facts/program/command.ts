import {CannotLook, type Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {declaredEnvironment, execCommands, type Unit} from '../../host/unit.ts'
import {workingDirectoryOf} from './exec-start.ts'
import {defaultPath} from './locate.ts'
import {whyNobody} from './runs-as.ts'
import {findServer, type Server} from './server.ts'

/** Where a unit's programs are. */
export interface Places {
  /** The Python that runs the application; null when nothing names it. */
  readonly interpreter: string | null
  /** The directory of the program in ExecStart=, where a package has its own. */
  readonly packageBin: string | null
  readonly workingDirectory: string | null
  /** PATH of the unit; null when it states none. */
  readonly path: string | null
  /** Without the suffix: `mailman3-web`. */
  readonly unit: string
  /**
   * Whom the server becomes that the unit starts as root: what root would write, the application
   * could not.
   */
  readonly runsAs: Server['runsAs']
}

/** Directories of everybody: what stands there belongs to no package alone. */
const shared = /^\/(?:usr\/(?:local\/)?)?s?bin$/

/** As the unit's own command says it, wrappers taken off. */
export async function findPlaces(host: Host, unit: Unit): Promise<Places> {
  const server = await findServer(host, unit, declaredEnvironment(unit))
  if (server.becomesUnknown) throw new CannotLook(whyNobody(unit))
  const [start] = execCommands(unit, 'ExecStart')
  const packageBin = start?.path.startsWith('/') ? start.path.replace(/\/[^/]*$/, '') || '/' : null
  return {
    interpreter: server.interpreter,
    packageBin,
    workingDirectory: server.directory ?? (await workingDirectoryOf(host, unit)),
    path: declaredEnvironment(unit).get('PATH') ?? null,
    unit: unit.name.replace(/\.service$/, ''),
    runsAs: server.runsAs,
  }
}

/**
 * What `run` runs for the words that were typed: a path as it is, a bare name from the package's
 * bin/, the virtual environment's, the unit's PATH and systemd's own. `manage` is manage.py,
 * whatever it is called here.
 * @returns null when there is no such program.
 */
export async function findCommand(
  host: Host,
  words: readonly string[],
  places: Places,
): Promise<readonly string[] | null> {
  const [name = '', ...rest] = words
  const {interpreter, packageBin, workingDirectory, path} = places
  if (name.startsWith('/')) return words
  if (name.includes('/')) return [`${workingDirectory ?? ''}/${name}`, ...rest]
  const venv = interpreter === null ? [] : [interpreter.replace(/\/[^/]*$/, '')]
  const own = [...(packageBin === null ? [] : [packageBin]), ...venv].filter(
    bin => !shared.test(bin),
  )
  const known = await firstIn(host, own, [name])
  if (known !== undefined) return [known, ...rest]
  if (name === 'manage') {
    const manage = await findManage(host, own, places)
    if (manage) return [...manage, ...rest]
  }
  const found = await firstIn(host, [...(path ?? '').split(':'), ...defaultPath.split(':')], [name])
  return found === undefined ? null : [found, ...rest]
}

const managing = /execute_from_command_line|\bmanage(?:ment)?\b/

async function findManage(
  host: Host,
  own: readonly string[],
  places: Places,
): Promise<readonly string[] | null> {
  const {interpreter, packageBin, workingDirectory, unit} = places
  for (const bin of own) {
    const names = (await ifSeen(host.list(bin))) ?? []
    // Of a virtual environment only what was installed by the application; django-admin knows no
    // settings.
    const wrapper = names.find(name => name === 'manage.py' || /[-_]manage(?:\.py)?$/.test(name))
    if (wrapper) return [`${bin}/${wrapper}`]
  }
  if (interpreter !== null && workingDirectory !== null) {
    if ((await ifSeen(host.list(workingDirectory)))?.includes('manage.py'))
      return [interpreter, `${workingDirectory}/manage.py`]
  }
  // A package of the distribution has its own name for it, beside the server's program:
  // mailman-web, debusine-admin.
  if (packageBin !== null) {
    const stem = unit.replace(/@.*$/, '')
    const first = stem.replace(/-.*$/, '')
    const names = [stem, first]
      .flatMap(each => [each, each.replace(/\d+(?=-|$)/, '')])
      .flatMap(each => [`${each}-manage`, `${each}-admin`, `${each}-web`, `${each}-ctl`, each])
    for (const name of new Set(names)) {
      const path = `${packageBin}/${name}`
      const script = await scriptAt(host, path)
      // A console script of the package only calls a function of it.
      const words = /-(?:manage|admin)$/.test(path)
        ? /execute_from_command_line|\bmain\(\)/
        : managing
      if (script && words.test(script.text)) return [path]
    }
  }
  return interpreter === null ? null : [interpreter, '-m', 'django']
}

/** A script that Python runs: `#!/srv/app/venv/bin/python`, also with `env`. */
async function scriptAt(
  host: Host,
  path: string,
): Promise<{interpreter: string | null; text: string} | null> {
  const file = await ifSeen(host.readFile(path, {limit: 65_536}))
  if (file?.kind !== 'file') return null
  const [, interpreter, byName] =
    /^#! ?(\/\S*\/(?:python[\d.]*|env (python[\d.]*)))(?:\s|$)/.exec(file.text) ?? []
  if (interpreter === undefined) return null
  return {interpreter: byName === undefined ? interpreter : `/usr/bin/${byName}`, text: file.text}
}

async function firstIn(
  host: Host,
  directories: readonly string[],
  names: readonly string[],
): Promise<string | undefined> {
  for (const directory of directories) {
    if (!directory.startsWith('/')) continue
    const there = (await ifSeen(host.list(directory))) ?? []
    const name = names.find(name => there.includes(name))
    if (name !== undefined) return `${directory}/${name}`
  }
  return undefined
}
