import {resolvePath} from '../../facts/files/paths.ts'
import {firstFew} from '../../facts/files/state-tree.ts'
import {olderPackage, packageName, storePath} from '../../facts/program/older-package.ts'
import {scriptText} from '../../facts/program/script.ts'
import type {Target} from '../../facts/target/target.ts'
import {showProperty} from '../../facts/unit/systemd.ts'
import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {declaredEnvironment, type ExecCommand, execCommands, splitWords, type Unit} from '../../host/unit.ts'
import {mend} from '../../remedies/remedy.ts'
import {restart, restartDue, restartWithEnvironment} from '../../remedies/service.ts'
import {critical, ok, type Verdict, warning} from '../../report/finding.ts'
import type {Check} from '../check.ts'
import {serviceUnit} from './unit.ts'

export const servicePackage: Check = {
  id: 'service/package',
  title: 'What the unit runs is there, and the process runs from it',
  fix: 'restarts the service, so that it runs what is deployed',
  explanation: {
    why: `On NixOS a unit names its programs by their paths in the store. What was collected as garbage, or what a build left out, cannot be
started; and a service that was not restarted after a deployment still runs the old code, with new static files and tables around it.`,
    asks: `Every program that ExecStart=, ExecStartPre= and ExecStartPost= name is looked at, WorkingDirectory= and each path of /nix/store
among their words: whether it is there, and whether the programs can be executed. What the main process runs from is read from /proc/PID/cwd and its environment. Where
/run/current-system has a unit of the same name, its package is compared with the one that systemd has loaded.`,
    findings: {
      missing: {
        means:
          'A path that the unit names does not exist: of the store, collected as garbage or never built here; or its directory.',
        remedy: 'Deploy it again: on NixOS a rebuild fetches or builds it.',
      },
      'not-executable': {
        means: `The program that the unit names is not there or cannot be executed, or what its first line names is not: the Python of
a virtual environment.`,
        remedy: 'Correct the name in the unit or the package, and deploy it.',
      },
      'old-package': {
        means:
          'The process runs from another package than the unit names now: it was not restarted after a deployment.',
        remedy: 'Restart the service.',
      },
      'running-gone': {
        means:
          'The process runs from a package that is no longer in the store: what it has not read yet, it cannot read.',
        remedy: 'Restart the service.',
      },
      'old-environment': {
        means: `The unit was changed and loaded (daemon-reload), and the process was not restarted: systemctl shows one environment, and
the process has another.`,
        remedy: 'Restart the service.',
      },
      'other-system': {
        means: 'The system that is current has another package in this unit than systemd has loaded.',
        remedy: 'Rebuild, or switch to the system that is meant.',
      },
    },
    mistakenFor: `An edit that waits for daemon-reload is service/unit's. A wrapper's own store path, Python's, or the locale archive's
may differ from the package's: only what is the same package by name is compared. Without /nix/store there are no packages to compare. What systemd makes
itself (/run, the state directory) is not looked at here, nor anything where the unit has a root or mounts of its own.`,
  },
  needs: [serviceUnit],
  async run({host, target}) {
    const {unit} = target
    const gone = await missingPaths(host, unit)
    const [first] = gone
    if (first) {
      return critical(
        'missing',
        `${first.property}= names ${first.path}, which is not in the store`,
        mend('Deploy it again', target.platform.redeploy(target), {after: [restart(target)]}),
        {evidence: gone.map(({property, path}) => `${property}= ${path}`), because: []},
      )
    }
    const broken = await brokenProgram(host, unit)
    if (broken) {
      return critical(
        'not-executable',
        `${broken.property}= names ${broken.path}, which ${broken.why}`,
        mend(`Correct the name in the unit or the ${target.platform.application}`, target.platform.code(target), {
          after: [restart(target)],
        }),
        {because: []},
      )
    }
    const absent = await absentOnHost(host, target)
    if (absent) return absent
    const stale = await staleProcess(host, target)
    if (stale) return stale
    const older = await olderEnvironment(host, target)
    if (older) return older
    const other = await otherSystem(host, target)
    if (other) return other
    const program = target.package ?? execCommands(unit, 'ExecStart')[0]?.path
    return ok(program ? `${unit.name} runs ${program}` : `${unit.name} names no program`)
  },
}

const commands = ['ExecStartPre', 'ExecStart', 'ExecStartPost'] as const

/** Commands whose failure counts: what a "-" stands before may be missing. */
const required = (unit: Unit, property: string): readonly ExecCommand[] =>
  execCommands(unit, property).filter(({ignoreErrors}) => !ignoreErrors)

interface Named {
  readonly property: string
  readonly path: string
}

function storePaths(unit: Unit): readonly Named[] {
  const named = [
    ...commands.flatMap(property =>
      required(unit, property).flatMap(({path, argv}) => [path, ...argv].map(text => ({property, text}))),
    ),
    {property: 'WorkingDirectory', text: unit.get('WorkingDirectory')},
  ]
  const found = named.flatMap(({property, text}) => [...text.matchAll(storePath)].map(([path]) => ({property, path})))
  return found.filter(({path}, at) => found.findIndex(other => other.path === path) === at)
}

async function missingPaths(host: Host, unit: Unit): Promise<readonly Named[]> {
  const named = storePaths(unit)
  const stats = await Promise.all(named.map(({path}) => host.stat(path)))
  return named.filter((_, index) => stats[index] === null)
}

/** What execve(2) would refuse, of programs that lie in the store: those of the system have other owners. */
async function brokenProgram(host: Host, unit: Unit): Promise<(Named & {readonly why: string}) | null> {
  const named = commands.flatMap(property => required(unit, property).map(({path}) => ({property, path})))
  const judged = await Promise.all(
    named
      .filter(({path}) => path.startsWith('/nix/store/'))
      .map(async each => {
        const stat = await host.stat(each.path)
        if (stat === null) return {...each, why: 'does not exist'}
        if (stat.type === 'directory') return {...each, why: 'is a directory'}
        if (stat.type === 'file' && (stat.mode & 0o111) === 0) return {...each, why: 'is not executable'}
        const interpreter = /^#!\s*(\/\S+)/.exec((await scriptText(host, each.path)) ?? '')?.[1]
        const isGone = interpreter !== undefined && (await host.stat(interpreter)) === null
        return isGone ? {...each, why: `is run by ${interpreter}, which does not exist`} : null
      }),
  )
  return judged.find(each => each !== null) ?? null
}

/** What the unit names outside of the store, of which systemd says no more than 200/CHDIR or 203/EXEC. */
async function absentOnHost(host: Host, target: Target): Promise<Verdict | null> {
  const {unit} = target
  for (const {property, path} of namedOnHost(target)) {
    const why = await whyUnusable(host, path, property === 'WorkingDirectory')
    if (why === null || (await seesOtherFiles(host, unit))) continue
    return critical(
      property === 'WorkingDirectory' ? 'missing' : 'not-executable',
      `${property}= of ${unit.name} names ${path}, which ${why}`,
      mend('Put it back, or correct the unit', target.platform.redeploy(target), {after: [restart(target)]}),
      {because: []},
    )
  }
  return null
}

/** Programs and the working directory; what lies in directories that systemd or the state's checks see to is theirs. */
function namedOnHost({unit, stateDirectory}: Target): readonly Named[] {
  const directory = unit.get('WorkingDirectory')
  const isOthers = /^\/(?:run|tmp|var\/(?:cache|log|tmp))\//.test(directory)
  const isState = stateDirectory !== null && `${directory}/`.startsWith(`${stateDirectory}/`)
  const named = [
    ...commands.flatMap(property => required(unit, property).map(({path}) => ({property, path}))),
    ...(isOthers || isState ? [] : [{property: 'WorkingDirectory', path: directory}]),
  ]
  return named.filter(({path}) => path.startsWith('/') && !path.startsWith('/nix/store/'))
}

/** Null where it can be used, or where nobody can tell. */
async function whyUnusable(host: Host, path: string, isDirectory: boolean): Promise<string | null> {
  const found = await ifSeen(resolvePath(host, path))
  if (found === null) return null
  const {stat, missing} = found
  if (stat === null) return missing === path ? 'does not exist' : `does not exist: there is no ${missing}`
  if (isDirectory) return stat.type === 'directory' ? null : 'is no directory'
  if (stat.type === 'file' && (stat.mode & 0o111) === 0) return 'is not executable'
  const interpreter = /^#!\s*(\/\S+)/.exec((await scriptText(host, path)) ?? '')?.[1]
  const its = interpreter === undefined ? null : await ifSeen(resolvePath(host, interpreter))
  return its !== null && its.stat === null ? `is run by ${interpreter}, which does not exist` : null
}

/** Whether the unit has a root or mounts of its own, in which it may be there all the same. */
async function seesOtherFiles(host: Host, unit: Unit): Promise<boolean> {
  const shown = ['RootDirectory', 'BindPaths', 'BindReadOnlyPaths', 'TemporaryFileSystem']
  if (shown.some(property => unit.get(property) !== '')) return true
  const others = ['RootImage', 'MountImages', 'ExtensionImages', 'ExtensionDirectories']
  const said = await Promise.all(others.map(property => showProperty(host, unit, property)))
  return said.some(value => value !== null)
}

async function staleProcess(host: Host, target: Target): Promise<Verdict | null> {
  const {unit, package: store} = target
  const old = await olderPackage(host, target)
  if (old === null) return null
  const cure = restartDue(target)
  const evidence = [`MainPID=${unit.get('MainPID')} ${old}`, `unit ${store}`]
  if ((await host.stat(old)) === null) {
    return critical('running-gone', `the process runs from ${old}, which is no longer in the store`, cure, {evidence})
  }
  return warning('old-package', `the process still runs ${old}; the unit names ${store}`, cure, {evidence})
}

/** Names that a wrapper extends on the way, or that belong to the system rather than to the application. */
const ofTheSystem = /^(?:\w*PATH|\w*_DIRS|LOCALE_ARCHIVE|TZDIR|LANG|LC_\w+|PYTHON\w+|LD_\w+)$/

/** After daemon-reload systemctl shows the new environment, and the process still has the old one. */
async function olderEnvironment(host: Host, target: Target): Promise<Verdict | null> {
  const {unit, running, secretsFiles, server} = target
  if (!running) return null
  const isJudgedElsewhere = (name: string): boolean =>
    name === 'STATIC_ROOT' || secretsFiles.some(({variables}) => variables === null || variables.has(name))
  const older = [...declaredEnvironment(unit)]
    .filter(([name, value]) => running.get(name) !== value)
    .map(([name]) => name)
    .filter(name => !ofTheSystem.test(name) && !server.touched.has(name) && !isJudgedElsewhere(name))
  const absent = older.some(name => !running.has(name))
  const removed = absent ? splitWords((await showProperty(host, unit, 'UnsetEnvironment')) ?? '') : []
  const left = older.filter(name => !removed.some(each => each.split('=')[0] === name))
  if (left.length === 0) return null
  return warning(
    'old-environment',
    `the process still has another environment than the unit says: ${firstFew(left)}`,
    restartWithEnvironment(target),
    {evidence: left.map(name => `${name} differs`)},
  )
}

async function otherSystem(host: Host, target: Target): Promise<Verdict | null> {
  const {unit, package: store} = target
  if (!store) return null
  const text = await scriptText(host, `/run/current-system/etc/systemd/system/${unit.name}`)
  const meant = text?.match(storePath)?.find(path => packageName(path) === packageName(store))
  if (meant === undefined || meant === store || text?.includes(store)) return null
  return warning(
    'other-system',
    `systemd has loaded ${store}, and the current system has ${meant}`,
    mend('Switch to the system that is meant', target.platform.code(target), {whole: true}),
  )
}
