import type {Check} from '../checks/check.ts'
import {checks} from '../checks/index.ts'

/** Our own checks, and those of the modules that the configuration names. */
export async function registryOf(modules: readonly string[] = []): Promise<readonly Check[]> {
  if (modules.length === 0) return checks
  const {loadChecks} = await import('./third-party.ts')
  return [...checks, ...(await loadChecks(modules, checks))]
}
