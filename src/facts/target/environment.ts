import {parseEnvironmentFile, parseProcessEnvironment} from '../../host/environment-file.ts'
import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {addAssignment} from '../../host/secrecy/assignments.ts'
import {
  declaredEnvironment,
  type EnvironmentFileSetting,
  setBySystemd,
  splitWords,
  type Unit,
} from '../../host/unit.ts'
import type {Django} from '../django/django.ts'
import {applicationFiles, type Source} from '../django/stated.ts'
import type {Server} from '../program/server.ts'
import {findEnvironmentFiles} from '../unit/environment-files.ts'
import type {SecretsFile, Target} from './target.ts'

/** The environment of a new process, and of the one that runs. */
export interface Environments {
  readonly environment: ReadonlyMap<string, string>
  readonly running: ReadonlyMap<string, string> | null
}

type UnitEnvironments = Pick<
  Target,
  'environment' | 'running' | 'secretsFiles' | 'environmentIncomplete'
>

/**
 * What a new process of the unit gets, the files that say so, and what the running process has.
 * Every value that may be a secret is known to the redactor afterwards.
 */
export async function findEnvironments(host: Host, unit: Unit): Promise<UnitEnvironments> {
  const pid = Number(unit.get('MainPID'))
  const [secretsFiles, running] = await Promise.all([
    readSecretsFiles(host, unit),
    pid > 0 ? readProcessEnvironment(host, pid) : null,
  ])
  for (const [name, value] of declaredEnvironment(unit))
    addAssignment(host.secrets, name, value, 'environment')
  const environment = environmentOf(unit, secretsFiles, running)
  const environmentIncomplete = secretsFiles.some(({variables}) => variables === null)
  return {environment, running, secretsFiles, environmentIncomplete}
}

/** Environment=, overridden by the files in their order; then what PassEnvironment= adds. */
function environmentOf(
  unit: Unit,
  files: readonly SecretsFile[],
  running: ReadonlyMap<string, string> | null,
): ReadonlyMap<string, string> {
  const environment = new Map(declaredEnvironment(unit))
  for (const {variables} of files)
    for (const [name, value] of variables ?? []) environment.set(name, value)
  // Only the process tells what systemd's own environment passed on; all else overrides it
  // (systemd.exec(5)).
  for (const name of splitWords(unit.get('PassEnvironment'))) {
    const value = running?.get(name)
    if (value !== undefined && !environment.has(name)) environment.set(name, value)
  }
  return environment
}

async function readSecretsFiles(host: Host, unit: Unit): Promise<readonly SecretsFile[]> {
  const files = await findEnvironmentFiles(host, unit)
  return Promise.all(files.map(file => readSecretsFile(host, file)))
}

async function readSecretsFile(host: Host, setting: EnvironmentFileSetting): Promise<SecretsFile> {
  const answer = await ifSeen(host.readFile(setting.path, {holds: 'assignments'}))
  if (answer?.kind === 'file' && answer.utf8) {
    const {variables, problems} = parseEnvironmentFile(answer.text)
    for (const [name, value] of variables) addAssignment(host.secrets, name, value, 'file')
    for (const {name, value} of problems) addAssignment(host.secrets, name, value, 'secret')
    return {...setting, variables}
  }
  // An optional file that is not there adds nothing, and hides nothing.
  const isAbsent = answer?.kind === 'missing' || answer?.kind === 'dangling'
  return {...setting, variables: setting.optional && isAbsent ? new Map() : null}
}

async function readProcessEnvironment(
  host: Host,
  pid: number,
): Promise<ReadonlyMap<string, string> | null> {
  const answer = await ifSeen(
    host.readFile(`/proc/${pid}/environ`, {holds: 'assignments', binary: true}),
  )
  if (answer?.kind !== 'file') return null
  const variables = parseProcessEnvironment(Buffer.from(answer.text, 'latin1').toString('utf8'))
  for (const [name, value] of variables) addAssignment(host.secrets, name, value, 'environment')
  // systemd sets it for every process. Without it we read something else, as gunicorn's title
  // (setproctitle).
  return variables.has('INVOCATION_ID') ? variables : null
}

/**
 * Every place that states variables, the one that counts first: the last EnvironmentFile=, those
 * before it, the unit's own Environment=; then the files that the settings read.
 */
export async function findSources(
  host: Host,
  unit: Unit,
  files: readonly SecretsFile[],
  {answer}: Django,
): Promise<readonly Source[]> {
  const read = files.flatMap(({path, variables}) => (variables ? [{file: path, variables}] : []))
  const applications = answer ? await applicationFiles(host, answer) : []
  return [...read.reverse(), {file: null, variables: declaredEnvironment(unit)}, ...applications]
}

/**
 * Of these names, what the running process got from a script on the way: neither the unit nor a
 * wrapper shows it.
 */
export function setOnTheWay(
  names: readonly string[],
  unit: Unit,
  server: Server,
  {environment, running}: Environments,
): readonly (readonly [string, string])[] {
  return [...new Set(names)].flatMap(name => {
    const value = running?.get(name)
    const isShown =
      environment.has(name) || server.environment.has(name) || setBySystemd(unit, name)
    return value === undefined || isShown || isOfTheShell(name) ? [] : [[name, value] as const]
  })
}

/** What every shell sets, whatever it starts. */
function isOfTheShell(name: string): boolean {
  return /^(?:_|PWD|OLDPWD|SHLVL|HOME|PATH|LANG|LANGUAGE|LC_\w+|COLUMNS|LINES|TERM|USER|LOGNAME|SHELL)$/.test(
    name,
  )
}
