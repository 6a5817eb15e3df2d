import type {Picture, PicturedFact} from '../engine/picture.ts'
import type {Secrets} from '../host/secrets.ts'
import type {Wholes} from './kept.ts'

/** Characters of a value that are kept as they are. */
const longest = 300

/** A fact, and what may be shown of its value; null for a secret. */
export interface VeiledFact extends PicturedFact {
  readonly shown: string | null
}

/** A picture of which it is known what may be kept. */
export interface VeiledPicture {
  /** By name; one whose name holds a secret is not there. */
  readonly facts: ReadonlyMap<string, VeiledFact>
  readonly wholes: Wholes
}

/**
 * Takes note of the secrets in a picture, and hides them: all at once, since there may be a thousand
 * facts.
 */
export function veiled({facts, wholes}: Picture, secrets: Secrets): VeiledPicture {
  const all = [...facts.values()]
  for (const {value, secret} of all) if (secret) secrets.add(value)
  const open = all.filter(({secret}) => !secret)
  // The directive of a web server says whether its value is a secret.
  const stated = open.map(({name, value}) => `${name.slice(name.lastIndexOf('/') + 1)} ${value};`)
  secrets.learn([...open.map(({value}) => value), ...stated].join('\n'))
  // Many facts have the same source.
  const sources = [...new Set(all.map(({source}) => source))]
  const names = all.map(({name}) => name)
  const values = all.map(({value, secret}) => (secret ? '' : value))
  const hidden = secrets.redactAll([...names, ...values, ...sources])
  const sourceOf = new Map(
    sources.map((source, at) => [source, withoutStandIns(hidden[2 * all.length + at] ?? '')]),
  )
  const kept = all.flatMap((fact, at): readonly VeiledFact[] => {
    if (hidden[at] !== fact.name) return []
    const shown = fact.secret ? null : shortened(hidden[all.length + at] ?? '')
    return [{...fact, source: sourceOf.get(fact.source) ?? '', shown}]
  })
  return {
    facts: new Map(kept.map(fact => [fact.name, fact])),
    wholes: [...wholes].map(([prefix, checks]) => ({prefix, checks: checks.toSorted()})),
  }
}

/** Those of the next run are others. */
export function withoutStandIns(text: string): string {
  return text.replace(/redacted-[0-9a-f]{8}/g, 'redacted')
}

function shortened(value: string): string {
  const shown = withoutStandIns(value)
  if (shown.length <= longest) return shown
  // No half of a character that takes two units.
  return `${shown.slice(0, longest).replace(/[\ud800-\udbff]$/, '')}…`
}
