import type {Picture, PicturedFact} from '../engine/picture.ts'
import type {Secrets} from '../host/secrets.ts'
import {toolVersion} from '../report/version.ts'
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

/** All that a picture says: the same text for two that are equal. */
export function textOf({facts, wholes}: Picture): string {
  const said = [...facts.values()].map(({at: _, ...fact}) => fact)
  return JSON.stringify([toolVersion, said, [...wholes]])
}

/**
 * Takes note of the secrets in a picture, and hides them: all at once, since there may be a thousand
 * facts.
 */
export function veiled({facts, wholes}: Picture, secrets: Secrets): VeiledPicture {
  const all = [...facts.values()]
  for (const {value, secret} of all) if (secret && !isDigest(value)) secrets.add(value)
  const open = all.filter(({secret}) => !secret)
  // The directive of a web server says whether its value is a secret.
  const stated = open.map(({name, value}) => `${name.slice(name.lastIndexOf('/') + 1)} ${value};`)
  secrets.learn([...new Set([...open.map(({value}) => value), ...stated])].join('\n'))
  // Many are of the same source, and say the same: "no".
  const texts = [
    ...new Set([
      ...all.flatMap(({name, source}) => [name, source]),
      ...open.map(({value}) => value),
    ]),
  ]
  const redacted = secrets.redactAll(texts)
  const hidden = new Map(texts.map((text, at) => [text, redacted[at] ?? '']))
  const kept = all.flatMap((fact): readonly VeiledFact[] => {
    const {name, source, value, secret} = fact
    if (hidden.get(name) !== name) return []
    const shown = secret ? null : shortened(hidden.get(value) ?? '')
    return [{...fact, source: withoutStandIns(hidden.get(source) ?? ''), shown}]
  })
  return {
    facts: new Map(kept.map(fact => [fact.name, fact])),
    wholes: [...wholes].map(([prefix, checks]) => ({prefix, checks: checks.toSorted()})),
  }
}

/** What a file holds is told by its digest, which nobody has to look for anywhere. */
function isDigest(value: string): boolean {
  return /^(?:[0-9a-f]{32}){1,2}$/.test(value)
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
