import {parseEnvironmentFile} from '../../host/environment-file.ts'
import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {addAssignment} from '../../host/secrecy/assignments.ts'
import type {Program} from './program.ts'
import type {Told} from './servers/told.ts'
import {type Start, untold} from './shell/start.ts'

/**
 * What wrappers and the server's own options set; each value that may be a secret is known to the
 * redactor then.
 */
export async function setByServer(
  host: Host,
  start: Start,
  program: Program,
  said: Told | null,
): Promise<ReadonlyMap<string, string>> {
  const changed = [...program.environment].filter(
    ([name, value]) => start.environment.get(name) !== value,
  )
  const environment = new Map(changed.filter(([, value]) => !value.includes(untold)))
  for (const [name, value] of said?.environment ?? []) environment.set(name, value)
  for (const file of said?.environmentFiles ?? [])
    await addFile(host, file, start.environment, environment)
  for (const [name, value] of environment) addAssignment(host.secrets, name, value, 'environment')
  return environment
}

/** `--env-file`: what python-dotenv adds where a name is not set. */
async function addFile(
  host: Host,
  path: string,
  given: ReadonlyMap<string, string>,
  environment: Map<string, string>,
): Promise<void> {
  if (path.includes(untold)) return
  const answer = await ifSeen(host.readFile(path, {holds: 'assignments'}))
  if (answer?.kind !== 'file' || !answer.utf8) return
  for (const [name, value] of parseEnvironmentFile(answer.text.replace(/^export\s+/gm, ''))
    .variables) {
    addAssignment(host.secrets, name, value, 'file')
    if (!given.has(name) && !environment.has(name)) environment.set(name, value)
  }
}
