import type {Check} from './check.ts'
import {checks} from './checks/index.ts'
import type {Config} from './config.ts'

/** Our own checks, and those of the modules that the configuration names. */
export async function registryOf({checks: modules = []}: Config): Promise<readonly Check[]> {
  if (modules.length === 0) return checks
  const {loadChecks} = await import('./third-party.ts')
  return [...checks, ...(await loadChecks(modules, checks))]
}
