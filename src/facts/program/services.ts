import {CannotLook, type Host, NotRecorded} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {declaredEnvironment, execCommands, type Unit, unitOf} from '../../host/unit.ts'
import {didYouMean, nearest} from '../../report/nearest.ts'
import {defaultUnit} from '../../report/step.ts'
import {UsageError} from '../../report/usage-error.ts'
import {showUnit, showUnits} from '../unit/systemd.ts'
import {isDjangoService} from './django-service.ts'
import {findServer, type Server} from './server.ts'

/** More services than are looked at, to bound what a crowded machine costs. */
const maxCandidates = 200

/** A service that serves a Django application, or another behind WSGI or ASGI. */
export interface DjangoService {
  readonly unit: Unit
  readonly server: Server
}

/** Which unit is looked at, and what the reader should know of the choice. */
export interface Choice {
  readonly unit: string
  /** One line for stderr; null where there is nothing to say. */
  readonly note: string | null
}

/** What the environment of a unit says of its server, its files with secrets left aside. */
async function serverOf(host: Host, unit: Unit): Promise<Server> {
  return findServer(host, unit, declaredEnvironment(unit))
}

/**
 * The services of this machine that serve a Django application; with `installed` also those that
 * systemd has not loaded, since nothing starts them.
 * @throws CannotLook where systemd cannot be asked.
 */
export async function findDjangoServices(
  host: Host,
  {installed = false}: {readonly installed?: boolean} = {},
): Promise<readonly DjangoService[]> {
  const names = await serviceNames(host, installed)
  if (names.length === 0) return []
  const units = await showUnits(host, await candidates(host, names.slice(0, maxCandidates)))
  const found = await Promise.all(
    units.map(async unit => {
      const server = await serverOf(host, unit)
      return (await isDjangoService(host, unit, server)) === true ? [{unit, server}] : []
    }),
  )
  return found.flat()
}

/** By name; those that are systemd's own are left out. */
async function serviceNames(host: Host, installed: boolean): Promise<readonly string[]> {
  const plain = ['--no-legend', '--no-pager']
  const argv = installed
    ? [
        'systemctl',
        'list-unit-files',
        '--type=service',
        '--state=enabled,enabled-runtime,disabled',
        ...plain,
      ]
    : ['systemctl', 'list-units', '--type=service', '--all', '--state=loaded', '--plain', ...plain]
  const answer = await host.exec(argv, {question: installed ? 'installed services' : 'services'})
  if (answer.exitCode !== 0) throw new CannotLook('systemctl cannot list the units')
  return answer.stdout.split('\n').flatMap(line => {
    const [name = '', state = ''] = line.trim().split(/\s+/)
    const counts = installed
      ? /^(?:enabled|disabled)/.test(state) && !name.includes('@.')
      : state === 'loaded'
    return counts && !/^(?:systemd-|user@|getty@|dbus)/.test(name) ? [name] : []
  })
}

/**
 * By little that is asked of all: what ends by itself and what lies where no server of Python does
 * is left out.
 */
async function candidates(host: Host, names: readonly string[]): Promise<readonly string[]> {
  const shown = await host.units(names, ['Type', 'ExecStart'])
  return names.filter((name, index) => isCandidate(unitOf(name, shown[index] ?? {})))
}

function isCandidate(unit: Unit): boolean {
  const command = execCommands(unit, 'ExecStart').at(-1)
  if (!command || unit.get('Type') === 'oneshot') return false
  return !/^(?:\/usr)?\/(?:sbin|lib\/systemd)\//.test(command.path)
}

/**
 * The unit to look at: the one that is named, if it may serve an application; else
 * prism-django.service; else the only one that does.
 * @throws UsageError for a unit that is something else, and where several could be meant.
 */
export async function chooseUnit(
  host: Host,
  wanted: string | null,
  usual = defaultUnit,
): Promise<Choice> {
  const choice = await ifSeen(wanted === null ? foundUnit(host, usual) : namedUnit(host, wanted))
  // Where nobody could ask systemd the checks say so.
  return choice ?? {unit: wanted ?? usual, note: null}
}

async function namedUnit(host: Host, name: string): Promise<Choice> {
  const choice = {unit: name, note: null}
  const unit = await showUnit(host, name)
  if (unit.get('LoadState') === 'not-found') return {unit: name, note: await suggestion(host, name)}
  if (name === defaultUnit || unit.get('LoadState') !== 'loaded') return choice
  const server = await serverOf(host, unit)
  if ((await isDjangoService(host, unit, server)) !== false) return choice
  const program = execCommands(unit, 'ExecStart').at(-1)?.path
  const runs = program === undefined ? 'it runs nothing' : `it runs ${program}`
  const others = await findDjangoServices(host)
  const names = others.map(other => other.unit.name)
  const rest =
    names.length === 0
      ? 'no Django service was found here; give the unit that serves the application'
      : `Django services here: ${names.join(', ')}; run ${names.map(commandFor).join(' or ')}`
  throw new UsageError(`${name} is not a Django service (${runs}); ${rest}`)
}

/** The services of nearly that name; empty where there are none, or nobody tells. */
export async function nearestServices(host: Host, name: string): Promise<readonly string[]> {
  const listed = await Promise.all(
    [false, true].map(installed => ifSeen(serviceNames(host, installed))),
  ).catch((error: unknown) => {
    // A recording was never asked.
    if (error instanceof NotRecorded) return []
    throw error
  })
  const stem = (unit: string): string => unit.replace(/\.service$/, '')
  const known = [...new Set(listed.flatMap(names => (names ?? []).map(stem)))]
  const typed = stem(name)
  const whole = nearest(typed, known)
  // "shop.servce" became "shop.servce.service".
  const meant = whole.length > 0 ? whole : nearest(typed.replace(/\.[^.]*$/, ''), known)
  return meant.map(each => `${each}.service`)
}

async function suggestion(host: Host, name: string): Promise<string | null> {
  const meant = await nearestServices(host, name)
  return meant.length === 0
    ? null
    : `no ${name} here; ${didYouMean(meant)}run ${meant.map(commandFor).join(' or ')}`
}

async function foundUnit(host: Host, usual: string): Promise<Choice> {
  const unit = await showUnit(host, usual)
  if (unit.get('LoadState') !== 'not-found') return {unit: usual, note: null}
  const names = (await findDjangoServices(host)).map(service => service.unit.name)
  const [only, ...others] = names
  if (only === undefined) {
    return {
      unit: usual,
      note: `no ${usual} here, and no other Django service was found; name yours with --unit`,
    }
  }
  if (others.length === 0) return {unit: only, note: `no ${usual} here: looking at ${only}`}
  throw new UsageError(
    [
      `no ${usual} here, and several Django services; choose one:`,
      ...names.map(name => `  ${commandFor(name)}`),
    ].join('\n'),
  )
}

function commandFor(name: string): string {
  return `prism-doctor --unit ${name}`
}
