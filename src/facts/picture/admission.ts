import {type Seen, whole} from '../../report/fact.ts'
import {markOf} from './digest.ts'
import {discreetFact, factOf, type More} from './facts.ts'

/** Who is meant by a line ("host all all 127.0.0.1/32"), and by which method and options. */
type Line = readonly [who: string, how: string]

/** Lines whose order is told; of a file with more only the lines are. */
const most = 200

/**
 * The lines of pg_hba.conf by whom they mean, and the order of those of which the first that fits
 * decides. Another line is no other order: each fact of the order is about the same lines as long as
 * it has the same name.
 */
export function admissionFacts(
  cluster: string,
  {text, path, at}: {readonly text: string; readonly path: string; readonly at: More},
): readonly Seen[] {
  const prefix = `pg_hba/${cluster}/`
  const lines = parseAdmission(text)
  const methods = Map.groupBy(lines, ([who]) => who)
  const groups = lines.length > most ? [] : rivals(lines)
  return [
    whole(prefix),
    ...[...methods].map(([who, all]) => {
      const how = all.map(([, each]) => each).join('; ')
      // ldapbindpasswd=, radiussecrets=
      const tell = /passw|secret/i.test(how) ? discreetFact : factOf
      return tell(`${prefix}${who}`, path, how, at)
    }),
    // Not below the prefix: where a line is new or gone, so are these, and that is no news.
    ...groups.map(group => {
      const [first = '', ...others] = group.toSorted()
      const meant = `${first} and ${others.length} more`
      const mark = markOf([first, ...others].join('\n'))
      const name = `pg_hba order/${cluster}/${meant} (${mark})`
      return factOf(name, path, group.join(', then '), at)
    }),
  ]
}

/** The lines of a pg_hba.conf (hba.c, tokenize_auth_file), in which a quote may open anywhere. */
export function parseAdmission(text: string): readonly Line[] {
  return text.split('\n').flatMap(line => {
    const words = [...line.matchAll(/#.*$|(?:"[^"]*"|[^\s#"])+/g)]
      .map(([word]) => word)
      .filter(word => !word.startsWith('#'))
    const [type = ''] = words
    if (type === '') return []
    const hasMask = /^[\d.]+$/.test(words[4] ?? '')
    const end = type.startsWith('include') ? words.length : type === 'local' ? 3 : hasMask ? 5 : 4
    return [[words.slice(0, end).join(' '), words.slice(end).join(' ')] as const]
  })
}

/** Lines that may fit the same connection and treat it otherwise, near and far, in their order. */
function rivals(lines: readonly Line[]): readonly (readonly string[])[] {
  const groupOf = lines.map((_, at) => at)
  for (const [at, line] of lines.entries())
    for (const [before, other] of lines.slice(0, at).entries()) {
      if (other[1] === line[1] || !mayBothFit(other[0], line[0])) continue
      const [from, to] = [groupOf[at], groupOf[before]]
      for (const [each, group] of groupOf.entries())
        if (group === from && to !== undefined) groupOf[each] = to
    }
  const groups = Map.groupBy(lines.entries(), ([at]) => groupOf[at])
  return [...groups.values()]
    .map(group => group.map(([, [who]]) => who))
    .filter(group => new Set(group).size > 1)
}

/**
 * Whether one connection may fit both, as check_hba of hba.c has it. What only the server can look
 * up (members of a role, host names, expressions, files) may fit everything.
 */
function mayBothFit(one: string, other: string): boolean {
  const [a, b] = [partsOf(one), partsOf(other)]
  if (a.type.startsWith('include') || b.type.startsWith('include')) return true
  return (
    mayBeSameType(a.type, b.type) &&
    mayShare(a.databases, b.databases, 'replication') &&
    mayShare(a.users, b.users) &&
    mayShareAddress(a.address, b.address)
  )
}

interface Parts {
  readonly type: string
  readonly databases: readonly string[]
  readonly users: readonly string[]
  readonly address: string
}

function partsOf(who: string): Parts {
  const [type = '', databases = '', users = '', ...address] = who.match(/"[^"]*"\S*|\S+/g) ?? []
  return {
    type,
    databases: databases.split(','),
    users: users.split(','),
    address: address.join(' '),
  }
}

const opposites: Readonly<Record<string, string>> = {
  hostssl: 'hostnossl',
  hostnossl: 'hostssl',
  hostgssenc: 'hostnogssenc',
  hostnogssenc: 'hostgssenc',
}

function mayBeSameType(a: string, b: string): boolean {
  return (a === 'local') === (b === 'local') && opposites[a] !== b
}

/** @param apart a name that "all" does not mean. */
function mayShare(a: readonly string[], b: readonly string[], apart?: string): boolean {
  return a.some(one =>
    b.some(other => {
      if (one === apart || other === apart) return one === other
      return one === other || isOpen(one) || isOpen(other)
    }),
  )
}

/** What stands for more than the one of this name. */
function isOpen(name: string): boolean {
  return /^(?:all|sameuser|samerole|samegroup)$|^"?[+@/]/.test(name)
}

function mayShareAddress(a: string, b: string): boolean {
  const [one, other] = [networkOf(a), networkOf(b)]
  if (one === 'elsewhere' || other === 'elsewhere')
    // Of another family, or one that is not taken apart here.
    return one === other || one === null || other === null
  if (one === null || other === null) return true
  const mask = Math.min(one.bits, other.bits)
  const shift = 2 ** (32 - mask)
  return Math.floor(one.address / shift) === Math.floor(other.address / shift)
}

interface Network {
  readonly address: number
  readonly bits: number
}

/** Of IPv4; "elsewhere" for IPv6, and null for a name, which may be anywhere. */
function networkOf(text: string): Network | 'elsewhere' | null {
  const numbers = /^(\d+)\.(\d+)\.(\d+)\.(\d+)(?:\/(\d+)| (\d+)\.(\d+)\.(\d+)\.(\d+))?$/.exec(text)
  if (!numbers) return /^[\da-f:.]*:[\da-f:.]*(?:[/ ]|$)/i.test(text) ? 'elsewhere' : null
  const whole = (parts: readonly (string | undefined)[]): number =>
    parts.reduce((sum, part) => sum * 256 + Number(part), 0)
  const [, a, b, c, d, bits, ...mask] = numbers
  const ofMask = mask[0] === undefined ? 32 : 32 - Math.log2(2 ** 32 - whole(mask))
  return {address: whole([a, b, c, d]), bits: bits === undefined ? ofMask : Number(bits)}
}
