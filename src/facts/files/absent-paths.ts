import type {Host} from '../../host/host.ts'
import type {Target} from '../target/target.ts'
import {requiredPaths, type SandboxPath} from '../unit/sandbox-paths.ts'
import {resolvePath} from './paths.ts'

/** The paths that the sandbox names, the state directory aside, without which nothing starts. */
export async function findAbsentPaths(
  host: Host,
  {unit, stateDirectory}: Target,
): Promise<readonly SandboxPath[]> {
  const required = requiredPaths(unit).filter(({path}) => path !== stateDirectory)
  const resolved = await Promise.all(required.map(({path}) => resolvePath(host, path)))
  return required.filter((_, index) => !resolved[index]?.path)
}
