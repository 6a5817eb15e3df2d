import type {Metric} from '../finding.ts'

/** The name of a metric without its unit, which may stand at its end: "state_free" of bytes. */
export function bareName({name, unit}: Pick<Metric, 'name' | 'unit'>): string {
  const end = `_${unit}`
  return unit !== '' && name.endsWith(end) ? name.slice(0, -end.length) : name
}
