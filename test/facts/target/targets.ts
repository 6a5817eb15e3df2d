import type {DatabaseTarget} from '../../../src/facts/target/database.ts'
import {findTarget} from '../../../src/facts/target/find.ts'
import {databaseOf, type Target} from '../../../src/facts/target/target.ts'
import {askedSettings, cannotLook, type Edits, machine} from '../../machine.ts'

export const unit = 'prism-django.service'
export const path = '/run/secrets/prism-env'
export const settings = {unit}

export async function targetWith(edits: Edits): Promise<Target> {
  return findTarget(machine('healthy', edits), settings)
}

/** Django could not be asked, so that variables of usual names are all that is known. */
export const unasked: Edits = {
  asUnit: {[askedSettings]: cannotLook('only root can run a program as a unit', true)},
}

/**
 * Environment= of the recorded unit with these assignments alone, where Django could not be asked.
 */
export function environment(changes: Readonly<Record<string, string>>): Edits {
  const assignments = Object.entries(changes).map(([name, value]) => `${name}=${value}`)
  return {
    ...unasked,
    show: {[unit]: {Environment: assignments.join(' '), EnvironmentFiles: undefined}},
  }
}

export async function databaseWith(edits: Edits): Promise<DatabaseTarget | null> {
  return databaseOf(await targetWith(edits))
}
