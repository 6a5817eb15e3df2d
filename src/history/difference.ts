import type {Change} from '../report/report.ts'
import {toolVersion} from '../report/version.ts'
import {isRestless, type KeptFact, type KeptPicture, type Wholes} from './kept.ts'
import type {Key} from './key.ts'
import type {VeiledFact, VeiledPicture} from './veil.ts'

/** Facts of one machine that are kept; more than that is no small picture any more. */
const maxFacts = 5000

/**
 * A picture as it is kept: of a secret only a hash, and of a value that holds one what may be shown
 * of it.
 * @param before What was kept last: what this run did not see is still as it was then.
 */
export function keptPicture(
  {facts, wholes}: VeiledPicture,
  before: KeptPicture | null,
  key: Key,
): KeptPicture {
  const isComparable = before?.key === key.id
  const known = new Map(before?.facts.map(fact => [fact.name, fact]))
  const seen = [...facts.values()].map(fact => {
    const old = known.get(fact.name)
    if (!old || (old.hash !== null && !isComparable) || isSame(old, fact, key))
      return keptFact(fact, key)
    // As it is written down, it is nothing new.
    return isRestless(old) ? old : {...keptFact(fact, key), turns: (old.turns ?? 0) + 1}
  })
  // What this run was not told, and does not know to be gone: the timer's runs may see less than
  // those by hand, and no run sees everything each time.
  const unseen = isComparable
    ? before.facts.filter(fact => !facts.has(fact.name) && !isCovered(wholes, fact))
    : []
  const prefixes = new Set(wholes.map(({prefix}) => prefix))
  const unseenWholes = (before?.wholes ?? []).filter(
    whole => !prefixes.has(whole.prefix) && unseen.some(fact => isCovered([whole], fact)),
  )
  const all = [...seen, ...unseen]
  const cut = all.slice(maxFacts)
  // Of a kind of which some are not kept, what is not there is not new.
  const kept = [...wholes, ...unseenWholes].filter(
    whole => !cut.some(fact => isCovered([whole], fact)),
  )
  return {
    version: toolVersion,
    key: key.id,
    facts: all.slice(0, maxFacts).sort((a, b) => (a.name < b.name ? -1 : 1)),
    wholes: kept.sort((a, b) => (a.prefix < b.prefix ? -1 : 1)),
  }
}

function keptFact({name, source, value, shown, checks}: VeiledFact, key: Key): KeptFact {
  const hash = shown === value ? null : key.hash(name, value)
  return {name, source, value: shown, hash, checks: [...checks]}
}

function isCovered(wholes: Wholes, {name, checks}: Pick<KeptFact, 'name' | 'checks'>): boolean {
  return wholes.some(
    whole => name.startsWith(whole.prefix) && checks.some(id => whole.checks.includes(id)),
  )
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
 * too, if it were there: not where another version of the tool took it.
 */
export function differenceOf(before: KeptPicture, now: VeiledPicture, key: Key): Difference {
  const isSameKey = before.key === key.id
  const known = new Map(before.facts.map(fact => [fact.name, fact]))
  const wasSeen = (fact: Pick<KeptFact, 'name' | 'checks'>): boolean =>
    before.version === toolVersion && isCovered(before.wholes, fact) && isCovered(now.wholes, fact)
  const changes: Change[] = []
  let compared = 0
  for (const fact of now.facts.values()) {
    const old = known.get(fact.name)
    if (!old) {
      if (wasSeen(fact)) changes.push(added(fact))
      continue
    }
    if (old.hash !== null && !isSameKey) continue
    compared += 1
    if (!isSame(old, fact, key)) changes.push(changed(old, fact))
  }
  for (const fact of before.facts)
    if (!now.facts.has(fact.name) && wasSeen(fact)) {
      compared += 1
      changes.push(removed(fact))
    }
  const restless = before.facts.filter(isRestless).map(({name}) => name)
  return {changes: withoutParts(changes), compared, restless: new Set(restless)}
}

/** With a role all of its attributes are gone: what stands above them says it. */
function withoutParts(changes: readonly Change[]): readonly Change[] {
  const whole = new Map(
    changes.flatMap(({name, kind}) => (kind === 'changed' ? [] : [[name, kind] as const])),
  )
  return changes.filter(({name, kind}) =>
    kind === 'changed' ? true : !above(name).some(each => whole.get(each) === kind),
  )
}

/** "role/prism" and "role" of "role/prism/rolcanlogin". */
function above(name: string): readonly string[] {
  const at = name.lastIndexOf('/')
  return at <= 0 ? [] : [name.slice(0, at), ...above(name.slice(0, at))]
}

/** Whatever was known to be a secret then, and is now. */
function isSame(old: KeptFact, {name, value}: VeiledFact, key: Key): boolean {
  return old.hash === null ? old.value === value : old.hash === key.hash(name, value)
}

function timeOf({at}: VeiledFact): string | null {
  const date = new Date(at ?? 0)
  return at === undefined || at <= 0 || Number.isNaN(date.getTime()) ? null : date.toISOString()
}

function added(fact: VeiledFact): Change {
  const {name, source, shown, checks} = fact
  const secret = shown === null
  const at = timeOf(fact)
  return {name, source, kind: 'added', old: null, new: shown, secret, at, checks: [...checks]}
}

function removed({name, source, value, checks}: KeptFact): Change {
  const secret = value === null
  return {
    name,
    source,
    kind: 'removed',
    old: value,
    new: null,
    secret,
    at: null,
    checks: [...checks],
  }
}

function changed(old: KeptFact, fact: VeiledFact): Change {
  const {name, source, shown, checks} = fact
  const isSecret = old.value === null || shown === null
  // What differs is hidden, or lies behind what is kept.
  const isHidden = isSecret || old.value === shown
  return {
    name,
    source,
    kind: 'changed',
    old: isHidden ? null : old.value,
    new: isHidden ? null : shown,
    secret: isSecret || (isHidden && /\bredacted\b/.test(shown)),
    at: timeOf(fact),
    checks: [...checks],
  }
}
