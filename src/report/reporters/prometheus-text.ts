/** All samples of one name; every one is a gauge, as it is of this moment. */
export interface Family {
  readonly name: string
  readonly help: string
  readonly samples: readonly Sample[]
}

export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/**
 * Prometheus's text format 0.0.4, without timestamps: node_exporter's textfile collector skips a
 * file that has one. A name, and a name with the same labels, is written once: the first counts.
 */
export function exposition(families: readonly Family[]): string {
  const byName = new Map<string, {help: string; samples: Map<string, number>}>()
  for (const {name, help, samples} of families) {
    const family = byName.get(name) ?? {help, samples: new Map<string, number>()}
    byName.set(name, family)
    for (const {labels, value} of samples) {
      const key = labelled(labels)
      if (!family.samples.has(key)) family.samples.set(key, value)
    }
  }
  return [...byName]
    .filter(([, {samples}]) => samples.size > 0)
    .flatMap(([name, {help, samples}]) => [
      `# HELP ${name} ${escapeHelp(help)}`,
      `# TYPE ${name} gauge`,
      ...[...samples].map(([labels, value]) => `${name}${labels} ${numeral(value)}`),
    ])
    .map(line => `${line}\n`)
    .join('')
}

function labelled(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`)
  return pairs.length > 0 ? `{${pairs.join(',')}}` : ''
}

function escapeLabel(value: string): string {
  return escapeHelp(value).replaceAll('"', '\\"')
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

/** As Go's ParseFloat reads it, which knows JavaScript's exponents. */
function numeral(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  return Number.isFinite(value) ? String(value) : value > 0 ? '+Inf' : '-Inf'
}
