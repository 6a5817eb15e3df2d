import type {Picture, PicturedFact} from '../engine/picture.ts'
import type {Secrets} from '../host/secrets.ts'
import type {Change} from '../report/report.ts'
import {isRestless, type KeptFact, type KeptPicture, type Wholes} from './kept.ts'
import type {Key} from './key.ts'

/** Characters of a value that are kept as they are. */
const longest = 300

/** Facts of one machine that are kept; more than that is no small picture any more. */
const maxFacts = 5000

/** Takes note of secrets in the values, so that none of them is kept. */
export function learnSecrets({facts}: Picture, secrets: Secrets): void {
  for (const {value, secret} of facts.values()) {
    if (secret) secrets.add(value)
    else secrets.learn(value)
  }
}

/**
 * A picture as it is kept: of a secret only a hash, and of a value that holds one what may be shown
 * of it.
 * @param before What was kept last: what this run did not see is still as it was then.
 */
export function keptPicture(
  picture: Picture,
  before: KeptPicture | null,
  key: Key,
  secrets: Secrets,
): KeptPicture {
  const isComparable = before?.key === key.id
  const known = new Map(before?.facts.map(fact => [fact.name, fact]))
  const seen = [...picture.facts.values()].flatMap(fact => {
    const old = known.get(fact.name)
    const isTurned = old && (old.hash === null || isComparable) && !isSame(old, fact, key)
    // As it is written down, it is nothing new.
    if (isTurned && isRestless(old)) return [old]
    return keptFact(fact, key, secrets).map(kept =>
      isTurned ? {...kept, turns: (old.turns ?? 0) + 1} : kept,
    )
  })
  const names = new Set(seen.map(({name}) => name))
  const unseen = isComparable ? before.facts.filter(isUnseen(picture, names)) : []
  const seenWholes = wholesOf(picture)
  const unseenWholes = (before?.wholes ?? []).filter(
    whole => !picture.wholes.has(whole.prefix) && unseen.some(fact => isCovered([whole], fact)),
  )
  return {
    key: key.id,
    facts: [...seen, ...unseen].slice(0, maxFacts).sort(byName),
    wholes: [...seenWholes, ...unseenWholes].sort((a, b) => (a.prefix < b.prefix ? -1 : 1)),
  }
}

/** Of facts whose check could not look this time; others are no longer offered. */
function isUnseen(picture: Picture, names: ReadonlySet<string>) {
  const wholes = wholesOf(picture)
  const blind = new Set<string>(picture.unseen.keys())
  return (fact: KeptFact): boolean =>
    !names.has(fact.name) && !isCovered(wholes, fact) && fact.checks.some(id => blind.has(id))
}

function wholesOf({wholes}: Picture): Wholes {
  return [...wholes].map(([prefix, checks]) => ({prefix, checks: checks.toSorted()}))
}

type Owned = Readonly<Pick<KeptFact, 'name'>> & {readonly checks: readonly string[]}

function isCovered(wholes: Wholes, {name, checks}: Owned): boolean {
  return wholes.some(
    whole => name.startsWith(whole.prefix) && checks.some(id => whole.checks.includes(id)),
  )
}

function byName(a: KeptFact, b: KeptFact): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0
}

/** Nothing where the name itself holds a secret. */
function keptFact(fact: PicturedFact, key: Key, secrets: Secrets): readonly KeptFact[] {
  const {name, source, value, secret, checks} = fact
  if (secrets.redact(name) !== name) return []
  const shown = shownOf(fact, secrets)
  return [
    {
      name,
      source: secrets.redact(source),
      value: shown,
      hash: secret || shown !== value ? key.hash(name, value) : null,
      checks: [...checks],
    },
  ]
}

/** Without the stand-ins of this run: those of the next one are others. */
function shownOf({value, secret}: PicturedFact, secrets: Secrets): string | null {
  if (secret) return null
  const shown = secrets.redact(value).replace(/redacted-[0-9a-f]{8}/g, 'redacted')
  return shown.length > longest
    ? `${shown.slice(0, longest).replace(/[\ud800-\udbff]$/, '')}…`
    : shown
}

/** What is not as it was. */
export interface Difference {
  readonly changes: readonly Change[]
  /** The names of those that are another at every look. */
  readonly restless: ReadonlySet<string>
  /** How many facts both pictures have. */
  readonly compared: number
}

/**
 * What is not as it was. A fact that only one picture has counts where the other would have it,
 * too, if it were there.
 */
export function differenceOf(
  before: KeptPicture,
  now: Picture,
  key: Key,
  secrets: Secrets,
): Difference {
  const isSameKey = before.key === key.id
  const known = new Map(before.facts.map(fact => [fact.name, fact]))
  const wholes = wholesOf(now)
  const wasSeen = (fact: Owned): boolean =>
    isCovered(before.wholes, fact) && isCovered(wholes, fact)
  const changes: Change[] = []
  let compared = 0
  for (const fact of now.facts.values()) {
    const old = known.get(fact.name)
    if (!old) {
      if (wasSeen(fact)) changes.push(added(fact, secrets))
      continue
    }
    if (old.hash !== null && !isSameKey) continue
    compared += 1
    if (!isSame(old, fact, key)) changes.push(changed(old, fact, secrets))
  }
  for (const fact of before.facts)
    if (!now.facts.has(fact.name) && wasSeen(fact)) {
      compared += 1
      changes.push(removed(fact))
    }
  const restless = before.facts.filter(isRestless).map(({name}) => name)
  return {changes, compared, restless: new Set(restless)}
}

function isSame(old: KeptFact, {name, value}: PicturedFact, key: Key): boolean {
  return old.hash === null ? old.value === value : old.hash === key.hash(name, value)
}

function timeOf({at}: PicturedFact): string | null {
  return at === undefined || !Number.isFinite(at) || at <= 0 ? null : new Date(at).toISOString()
}

function added(fact: PicturedFact, secrets: Secrets): Change {
  const {name, source, secret, checks} = fact
  return {
    name,
    source,
    kind: 'added',
    old: null,
    new: shownOf(fact, secrets),
    secret: secret === true,
    at: timeOf(fact),
    checks: [...checks],
  }
}

function removed({name, source, value, checks}: KeptFact): Change {
  const secret = value === null
  return {name, source, kind: 'removed', old: value, new: null, secret, at: null, checks}
}

function changed(old: KeptFact, fact: PicturedFact, secrets: Secrets): Change {
  const {name, source, checks} = fact
  const shown = shownOf(fact, secrets)
  // What differs is hidden, or lies behind what is kept.
  const isHidden = old.value === null || shown === null || old.value === shown
  return {
    name,
    source,
    kind: 'changed',
    old: isHidden ? null : old.value,
    new: isHidden ? null : shown,
    secret: isHidden && (old.value === null || shown === null || /\bredacted\b/.test(shown)),
    at: timeOf(fact),
    checks: [...checks],
  }
}
