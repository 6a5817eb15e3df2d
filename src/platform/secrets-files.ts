import {declaredEnvironment} from '../host/unit.ts'
import type {Configured} from './platform.ts'

/**
 * The file that states a variable of the unit, else the last one, which would win. Null where the
 * unit itself states it or has no file.
 */
export function variablesFile(
  {unit, secretsFiles}: Configured,
  name: string | null,
): string | null {
  const named = secretsFiles.filter(({path}) => !/[*?[]/.test(path))
  const stating = name === null ? undefined : named.findLast(({variables}) => variables?.has(name))
  if (stating) return stating.path
  if (name !== null && declaredEnvironment(unit).has(name)) return null
  return named.at(-1)?.path ?? null
}
