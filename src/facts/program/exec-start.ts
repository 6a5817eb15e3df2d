import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {execCommands, splitWords, statedDirectory, type Unit} from '../../host/unit.ts'
import {unitPath} from '../../host/unit-path.ts'
import {homeOf} from '../files/identity.ts'
import {defaultPath} from './locate.ts'
import type {Start} from './shell/start.ts'

/** How systemd starts a unit. @param environment What a new process of the unit gets. */
export async function startOf(
  host: Host,
  unit: Unit,
  environment: ReadonlyMap<string, string>,
): Promise<Start> {
  const [directory, command] = await Promise.all([
    workingDirectoryOf(host, unit),
    commandOf(host, unit),
  ])
  const base = await withSystemd(host, unit, environment)
  return {argv: substituted(command, base), environment: base, directory: directory ?? '/'}
}

/** `~` is the home of the unit's user (systemd.exec(5)); null where nothing is said. */
export async function workingDirectoryOf(host: Host, unit: Unit): Promise<string | null> {
  const stated = statedDirectory(unit)
  if (stated !== '~') return stated || null
  return ifSeen(homeOf(host, unit.get('User') || 'root'))
}

/**
 * What systemd sets besides (systemd.exec(5)); the home is asked for only where the unit works in
 * one.
 */
async function withSystemd(
  host: Host,
  unit: Unit,
  environment: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, string>> {
  const own = new Map([['PATH', defaultPath]])
  for (const [kind, parent] of Object.entries(directories)) {
    const paths = splitWords(unit.get(`${kind}Directory`)).map(
      path => `${parent}/${path.split(':')[0]}`,
    )
    if (paths.length > 0) own.set(`${kind.toUpperCase()}_DIRECTORY`, paths.join(':'))
  }
  const user = unit.get('User')
  if (user !== '') {
    const home = /^!?(?:\/home\/|~)/.test(unit.get('WorkingDirectory'))
      ? await ifSeen(homeOf(host, user))
      : null
    for (const [name, value] of [
      ['USER', user],
      ['LOGNAME', user],
      ['HOME', home],
    ] as const)
      if (value) own.set(name, value)
  }
  return new Map([...own, ...environment])
}

const directories: Readonly<Record<string, string>> = {
  Runtime: '/run',
  State: '/var/lib',
  Cache: '/var/cache',
  Logs: '/var/log',
}

/**
 * The words of ExecStart=. `systemctl show` prints them without quotes, so that a word with a blank
 * reads as several: the same property is asked for over D-Bus, which keeps them apart.
 */
async function commandOf(host: Host, unit: Unit): Promise<readonly string[]> {
  const command = execCommands(unit, 'ExecStart').at(-1)
  if (!command) return []
  const argv =
    command.argv.length > 1 ? ((await askedArgv(host, unit)) ?? command.argv) : command.argv
  // argv[0] is another name for the program where ExecStart= begins with "@".
  return [command.path, ...argv.slice(1)]
}

async function askedArgv(host: Host, unit: Unit): Promise<readonly string[] | null> {
  const service = 'org.freedesktop.systemd1'
  const argv = [
    'busctl',
    '--json=short',
    'get-property',
    service,
    unitPath(unit.name),
    `${service}.Service`,
    'ExecStart',
  ]
  const answer = await ifSeen(host.exec(argv, {question: `words of ExecStart= of ${unit.name}`}))
  if (answer?.exitCode !== 0) return null
  try {
    const parsed = JSON.parse(answer.stdout) as {data?: unknown}
    const commands = Array.isArray(parsed.data) ? (parsed.data as readonly unknown[]) : []
    const last = commands.at(-1)
    const words: unknown = Array.isArray(last) ? last[1] : null
    return Array.isArray(words) && words.every(word => typeof word === 'string')
      ? (words as readonly string[])
      : null
  } catch {
    return null
  }
}

/**
 * `${NAME}` stands for its value in a word, `$NAME` alone for its value's words, `$$` for `$`
 * (systemd.service(5)).
 */
function substituted(
  words: readonly string[],
  environment: ReadonlyMap<string, string>,
): readonly string[] {
  const [program = '', ...rest] = words
  const value = (name: string): string => environment.get(name) ?? ''
  return [
    program,
    ...rest.flatMap(word => {
      const [, alone] = /^\$([A-Za-z_]\w*)$/.exec(word) ?? []
      if (alone !== undefined) return splitWords(value(alone))
      return [
        word.replace(/\$(?:\$|\{([A-Za-z_]\w*)\})/g, (_, name?: string) =>
          name === undefined ? '$' : value(name),
        ),
      ]
    }),
  ]
}
