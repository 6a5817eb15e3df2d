import type {Host} from '../../host/host.ts'
import {addPublicWords, type Secrets} from '../../host/secrets.ts'
import {execCommands, type Unit} from '../../host/unit.ts'
import {findPlatform} from '../../platform/find.ts'
import {defaultUnit} from '../../report/step.ts'
import {askDjango} from '../django/ask.ts'
import {type Django, settingsKnown, textSetting} from '../django/django.ts'
import {resolvePath} from '../files/paths.ts'
import {findJournal} from '../journal/journal.ts'
import {workingDirectoryOf} from '../program/exec-start.ts'
import {asServed} from '../program/runs-as.ts'
import {findServer} from '../program/server.ts'
import {findListeners} from '../unit/listeners.ts'
import {unitOpener} from '../unit/openers.ts'
import {showUnit} from '../unit/systemd.ts'
import {findStateDirectory} from './bounds.ts'
import {findDatabase} from './database.ts'
import {type Environments, findEnvironments, findSources, setOnTheWay} from './environment.ts'
import {findBinds, findHosts} from './listening.ts'
import {knownDatabase, type Target, type TargetSettings} from './target.ts'

/**
 * Finds the deployment of a unit.
 * @param meanwhile Called once Django is being asked, which takes most of the time.
 * @throws CannotLook where systemd cannot be asked.
 */
export async function findTarget(
  host: Host,
  settings: TargetSettings,
  meanwhile?: (unit: Unit) => void,
): Promise<Target> {
  const unit = await showUnit(host, settings.unit ?? defaultUnit)
  const [environments, platform] = await Promise.all([
    findEnvironments(host, unit),
    findPlatform(host, settings),
  ])
  for (const name of [unit.name, unit.get('User'), unit.get('Group')])
    addPublicWords(host.secrets, name)
  const {environment, secretsFiles} = environments
  const server = await findServer(host, unit, environment)
  const served = asServed(unit, server)
  const stateDirectory = await findStateDirectory(host, {settings, unit, served, environment})
  const asked = {unit, served, server, settings, environments, stateDirectory, meanwhile}
  const django = await ask(host, asked)
  const user = served.get('User') || null
  const workingDirectory = server.directory ?? (await workingDirectoryOf(host, unit))
  const sources = await findSources(host, unit, secretsFiles, django)
  const binds = await findBinds(host, unit, server, django, settings)
  const target: Target = {
    ...environments,
    unit,
    served,
    user,
    group: served.get('Group') || null,
    workingDirectory,
    package: settings.package ?? findPackage(unit),
    stateDirectory,
    server,
    django,
    staticRoot: settings.staticRoot ?? rootOf('STATIC_ROOT', django, environment),
    mediaRoot: settings.mediaRoot ?? rootOf('MEDIA_ROOT', django, environment),
    bind: binds[0] ?? null,
    binds,
    hosts: findHosts(django, environments, settings),
    database: findDatabase({django, environment, user, directory: workingDirectory, sources}),
    sources,
    settings,
    platform,
  }
  addNames(host.secrets, target)
  return target
}

interface Asked extends Pick<Target, 'unit' | 'served' | 'server' | 'settings' | 'stateDirectory'> {
  readonly environments: Environments
  readonly meanwhile: ((unit: Unit) => void) | undefined
}

async function ask(host: Host, asked: Asked): Promise<Django> {
  const {unit, server, settings, environments} = asked
  if (settings.ask === false)
    return {
      answer: null,
      unasked: {kind: 'refused', why: 'the configuration says ask = false', evidence: []},
    }
  const asking = askDjango(host, unit, server, {depth: 'settings'})
  askMeanwhile(host, asked)
  const first = await asking
  const {unset = [], missing = []} = first.answer ?? {}
  const passed = setOnTheWay(
    [...unset, ...missing.map(({name}) => name)],
    unit,
    server,
    environments,
  )
  if (passed.length === 0) return first
  const completed = {...server, environment: new Map([...server.environment, ...passed])}
  return askDjango(host, unit, completed, {depth: 'settings', passed: passed.map(([name]) => name)})
}

/**
 * Django takes most of the time: what the checks are sure to ask as well is asked meanwhile, and
 * answered once.
 */
function askMeanwhile(host: Host, asked: Asked): void {
  const {unit, served, environments, stateDirectory, meanwhile} = asked
  // A file system that hangs is known as such by then.
  const paths = [stateDirectory, environments.environment.get('MEDIA_ROOT')]
  const questions = [
    findListeners(host),
    unitOpener(host, served),
    findJournal(host, unit),
    ...paths.flatMap(path => (path?.startsWith('/') ? [resolvePath(host, path)] : [])),
  ]
  Promise.allSettled(questions).then(() => meanwhile?.(unit))
}

function rootOf(
  name: 'STATIC_ROOT' | 'MEDIA_ROOT',
  django: Django,
  environment: ReadonlyMap<string, string>,
): string | null {
  return settingsKnown(django) ? textSetting(django, name) || null : (environment.get(name) ?? null)
}

const storePath = /\/nix\/store\/[0-9a-z]{32}-[^/\s]+/

function findPackage(unit: Unit): string | null {
  const places = [
    unit.get('WorkingDirectory'),
    ...execCommands(unit, 'ExecStart').map(({path}) => path),
  ]
  for (const place of places) {
    const found = storePath.exec(place)
    if (found) return found[0]
  }
  return null
}

/** Every answer shows these, whatever they are. */
function addNames(secrets: Secrets, target: Target): void {
  const {unit, user, group, stateDirectory, django} = target
  const database = knownDatabase(target)
  const names = [
    unit.name,
    user,
    group,
    stateDirectory,
    database?.host,
    database?.name,
    database?.user,
  ]
  for (const name of [...names, django.answer?.module]) addPublicWords(secrets, name ?? '')
}
