import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {launchesOf} from './shell/launches.ts'
import type {ScriptWorld, Start} from './shell/start.ts'

/**
 * The command with which nixpkgs' makeBinaryWrapper was called: it stands in the program as text,
 * for people and tools (pkgs/build-support/setup-hooks/make-binary-wrapper).
 * @returns what it runs; null for any other program.
 */
export async function wrappedByBinary(host: Host, start: Start): Promise<Start | null> {
  const [path = '', ...rest] = start.argv
  if (!path.startsWith('/nix/store/')) return null
  const answer = await ifSeen(host.readFile(path, {binary: true}))
  const text = answer?.kind === 'file' ? callIn(answer.text) : null
  if (text === null) return null
  const [call] = (await launchesOf(text, {...start, environment: new Map()}, nowhere)) ?? []
  const [, wrapped, ...words] = call?.argv ?? []
  if (wrapped === undefined) return null
  const made: Made = {
    environment: new Map(start.environment),
    flags: [],
    appended: [],
    directory: start.directory,
  }
  for (let at = 0; at < words.length; ) {
    const [option = '', ...values] = words.slice(at)
    apply(made, option, values)
    at += counts[option] ?? 2
  }
  const {environment, directory, flags, appended} = made
  return {argv: [wrapped, ...flags, ...rest, ...appended], environment, directory}
}

const nowhere: ScriptWorld = {read: async () => null, typeOf: async () => null}

/** The call as it stands between other text of the program. */
function callIn(text: string): string | null {
  const at = text.indexOf("makeCWrapper '")
  if (at < 0) return null
  const end = text.indexOf('\n\n', at)
  return text.slice(at, end < 0 ? at + 65_536 : end)
}

interface Made {
  readonly environment: Map<string, string>
  readonly flags: string[]
  readonly appended: string[]
  directory: string
}

/** Words that an option takes up, itself among them, where they are not two. */
const counts: Readonly<Record<string, number>> = {
  '--set': 3,
  '--set-default': 3,
  '--prefix': 4,
  '--suffix': 4,
  '--inherit-argv0': 1,
  '--resolve-argv0': 1,
}

function apply(
  made: Made,
  option: string,
  [one = '', two = '', three = '']: readonly string[],
): void {
  const {environment, flags, appended} = made
  const value = environment.get(one)
  if (option === '--set') environment.set(one, two)
  else if (option === '--set-default') environment.set(one, value ?? two)
  else if (option === '--unset') environment.delete(one)
  else if (option === '--prefix') environment.set(one, value ? `${three}${two}${value}` : three)
  else if (option === '--suffix') environment.set(one, value ? `${value}${two}${three}` : three)
  else if (option === '--chdir') made.directory = one
  else if (option === '--add-flags' || option === '--add-flag') flags.push(...one.split(/\s+/))
  else if (option === '--append-flags' || option === '--append-flag')
    appended.push(...one.split(/\s+/))
}
