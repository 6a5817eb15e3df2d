import {parseEnvironmentFile, parseProcessEnvironment} from '../../host/environment-file.ts'
import type {Host} from '../../host/host.ts'
import {CannotLook} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {addAssignment, addPublicWords, isSecretElsewhere, isSecretInFile} from '../../host/secrets.ts'
import {
  declaredEnvironment,
  type EnvironmentFileSetting,
  execCommands,
  setBySystemd,
  splitWords,
  type Unit,
} from '../../host/unit.ts'
import {findPlatform} from '../../platform/find.ts'
import {defaultUnit} from '../../report/step.ts'
import {askDjango, type Django, settingsKnown, textSetting} from '../django/django.ts'
import {applicationFiles, type Source} from '../django/stated.ts'
import {findJournal} from '../journal/journal.ts'
import {asServed, findServer, type Server, workingDirectoryOf} from '../program/server.ts'
import {findEnvironmentFiles} from '../unit/environment-files.ts'
import {findListeners} from '../unit/listeners.ts'
import {unitOpener} from '../unit/openers.ts'
import {showUnit} from '../unit/systemd.ts'
import {findStateDirectory} from './bounds.ts'
import {findDatabase} from './database.ts'
import type {Environments} from './listening.ts'
import {findBinds, findHosts} from './listening.ts'
import type {SecretsFile, Target, TargetSettings} from './target.ts'

/**
 * Finds the deployment of a unit.
 * @throws CannotLook where systemd cannot be asked.
 */
export async function findTarget(host: Host, settings: TargetSettings): Promise<Target> {
  const unit = await showUnit(host, settings.unit ?? defaultUnit)
  const pid = Number(unit.get('MainPID'))
  const [secretsFiles, running, platform] = await Promise.all([
    findEnvironmentFiles(host, unit).then(files => Promise.all(files.map(file => readSecretsFile(host, file)))),
    pid > 0 ? readProcessEnvironment(host, pid) : null,
    findPlatform(host, settings),
  ])
  const environment = new Map(declaredEnvironment(unit))
  for (const [name, value] of environment) addAssignment(host.secrets, name, value, isSecretElsewhere(name))
  for (const file of secretsFiles) for (const [name, value] of file.variables ?? []) environment.set(name, value)
  // Only the process tells what it was given of systemd's own environment; everything else is stronger (systemd.exec(5)).
  for (const name of splitWords(unit.get('PassEnvironment'))) {
    const value = running?.get(name)
    if (value !== undefined && !environment.has(name)) environment.set(name, value)
  }
  const server = await findServer(host, unit, environment)
  const served = asServed(unit, server)
  const user = served.get('User') || null
  const stateDirectory =
    settings.stateDirectory ?? findStateDirectory(unit) ?? (await ownDirectoryAbove(host, served, environment))
  const asking = ask(host, unit, server, {environment, running}, settings)
  // Django takes most of the time: what the checks are sure to ask as well is asked meanwhile, and answered once.
  for (const question of [findListeners(host), unitOpener(host, served), findJournal(host, unit)])
    question.catch(() => undefined)
  const django = await asking
  const binds = await findBinds(host, unit, server, django, settings)
  const workingDirectory = server.directory ?? (await workingDirectoryOf(host, unit))
  const applications = django.answer ? await applicationFiles(host, django.answer) : []
  const sources = [...sourcesOf(unit, secretsFiles), ...applications]
  const database = findDatabase(django, environment, user, workingDirectory, sources)
  const root = (name: 'STATIC_ROOT' | 'MEDIA_ROOT'): string | null =>
    settingsKnown(django) ? textSetting(django, name) || null : (environment.get(name) ?? null)
  // Whatever these are, they stand in the answer.
  const of = database === 'unknown' ? null : database
  const shown = [
    unit.name,
    user,
    served.get('Group'),
    stateDirectory,
    of?.host,
    of?.name,
    of?.user,
    django.answer?.module,
  ]
  for (const name of shown) addPublicWords(host.secrets, name ?? '')
  return {
    unit,
    served,
    user,
    group: served.get('Group') || null,
    workingDirectory,
    package: settings.package ?? findPackage(unit),
    stateDirectory,
    server,
    django,
    staticRoot: settings.staticRoot ?? root('STATIC_ROOT'),
    mediaRoot: root('MEDIA_ROOT'),
    bind: binds[0] ?? null,
    binds,
    hosts: findHosts(django, {environment, running}, settings),
    database,
    environment,
    secretsFiles,
    running,
    environmentIncomplete: secretsFiles.some(({variables}) => variables === null),
    sources,
    settings,
    platform,
  }
}

async function ask(
  host: Host,
  unit: Unit,
  server: Server,
  {environment, running}: Environments,
  settings: TargetSettings,
): Promise<Django> {
  if (settings.ask === false)
    return {answer: null, unasked: {kind: 'refused', why: 'the configuration says ask = false', evidence: []}}
  const first = await askDjango(host, unit, server, {depth: 'settings'})
  // A script on the way sets what no unit shows, and the settings look for it: the process that runs has it.
  const wanted = [...(first.answer?.unset ?? []), ...(first.answer?.missing ?? []).map(({name}) => name)]
  const passed = [...new Set(wanted)].flatMap(name => {
    const value = running?.get(name)
    const isOwn = !environment.has(name) && !server.environment.has(name) && !setBySystemd(unit, name)
    return value === undefined || !isOwn || isOfTheShell(name) ? [] : [[name, value] as const]
  })
  if (passed.length === 0) return first
  const completed = {...server, environment: new Map([...server.environment, ...passed])}
  return askDjango(host, unit, completed, {depth: 'settings', passed: passed.map(([name]) => name)})
}

/** What every shell sets, whatever it starts. */
function isOfTheShell(name: string): boolean {
  return /^(?:_|PWD|OLDPWD|SHLVL|HOME|PATH|LANG|LANGUAGE|LC_\w+|COLUMNS|LINES|TERM|USER|LOGNAME|SHELL)$/.test(name)
}

async function readSecretsFile(host: Host, setting: EnvironmentFileSetting): Promise<SecretsFile> {
  const answer = await host.readFile(setting.path, {holds: 'assignments'}).catch((error: unknown) => {
    if (error instanceof CannotLook) return null
    throw error
  })
  if (answer?.kind !== 'file' || !answer.utf8) {
    // An optional file that is not there adds nothing, and hides nothing.
    return {
      ...setting,
      variables: setting.optional && (answer?.kind === 'missing' || answer?.kind === 'dangling') ? new Map() : null,
    }
  }
  const {variables, problems} = parseEnvironmentFile(answer.text)
  for (const [name, value] of variables) addAssignment(host.secrets, name, value, isSecretInFile(name))
  for (const {name, value} of problems) addAssignment(host.secrets, name, value, true)
  return {...setting, variables}
}

async function readProcessEnvironment(host: Host, pid: number): Promise<ReadonlyMap<string, string> | null> {
  const answer = await host
    .readFile(`/proc/${pid}/environ`, {holds: 'assignments', binary: true})
    .catch((error: unknown) => {
      if (error instanceof CannotLook) return null
      throw error
    })
  if (answer?.kind !== 'file') return null
  const variables = parseProcessEnvironment(Buffer.from(answer.text, 'latin1').toString('utf8'))
  for (const [name, value] of variables) addAssignment(host.secrets, name, value, isSecretElsewhere(name))
  // systemd gives it to every process: without it something else stands there, as gunicorn's title does (setproctitle).
  return variables.has('INVOCATION_ID') ? variables : null
}

const storePath = /\/nix\/store\/[0-9a-z]{32}-[^/\s]+/

function findPackage(unit: Unit): string | null {
  const places = [unit.get('WorkingDirectory'), ...execCommands(unit, 'ExecStart').map(({path}) => path)]
  for (const place of places) {
    const found = storePath.exec(place)
    if (found) return found[0]
  }
  return null
}

/**
 * The directory in /var/lib that holds the STATIC_ROOT which the unit itself states, where it is the service's own: a unit
 * that lost its ReadWritePaths= still keeps its state there.
 */
async function ownDirectoryAbove(
  host: Host,
  unit: Unit,
  environment: ReadonlyMap<string, string>,
): Promise<string | null> {
  const above = /^\/var\/lib\/[^/]+(?=\/.)/.exec(environment.get('STATIC_ROOT') ?? '')?.[0]
  if (above === undefined) return null
  const [stat, opener] = await Promise.all([ifSeen(host.stat(above)), ifSeen(unitOpener(host, unit))])
  return stat?.type === 'directory' && opener !== null && stat.uid === opener.uid ? above : null
}

/** What is read last wins: the last EnvironmentFile= comes first here, and the unit's own Environment= after them. */
function sourcesOf(unit: Unit, files: readonly SecretsFile[]): readonly Source[] {
  const read = files.flatMap(({path, variables}) => (variables ? [{file: path, variables}] : []))
  return [...read.reverse(), {file: null, variables: declaredEnvironment(unit)}]
}
