import type {UnitSettings} from './platform.ts'

/** A value of a setting as Nix must be given it. */
export function nixValue(value: UnitSettings[string]): string {
  if (typeof value === 'boolean') return String(value)
  return typeof value === 'string' ? nixText(value) : `[ ${value.map(nixText).join(' ')} ]`
}

/** A string as Nix must be given it. */
export function nixText(value: string): string {
  return `"${value.replace(/["\\]/g, '\\$&').replaceAll('${', '\\${')}"`
}
