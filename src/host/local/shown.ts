import {valuesIn} from '../unit.ts'

/** What `systemctl show --all` prints of a unit, by property; one value for each line. */
export type Shown = ReadonlyMap<string, readonly string[]>

/** A setting as `systemd-run -p` takes it. */
export interface Setting {
  readonly name: string
  readonly value: string
  /** Other words for it, for a systemd-run that does not take these. */
  readonly or?: Setting
}

/** The first value of a property; "" where it has none. */
export function propertyOf(unit: Shown, property: string): string {
  return unit.get(property)?.[0] ?? ''
}

/** The blocks of `systemctl show --all UNIT …`, in the order of the units. */
export function parseShown(text: string): readonly Shown[] {
  return text
    .split(/\n\n+/)
    .filter(block => block.trim() !== '')
    .map(valuesIn)
}

/** A word as systemd's lists take it. */
export function quoted(word: string): string {
  return /[\s"'\\]/.test(word) ? `"${word.replace(/["\\]/g, '\\$&')}"` : word
}
