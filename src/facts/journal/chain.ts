import {type Recognised, recognise} from './signatures.ts'
import type {Link, Statement} from './statements.ts'

/** What is known of a chain, and by which of its exceptions. */
export interface Understood {
  readonly recognised: Recognised
  /** One that led to it; null where the statement itself is known. */
  readonly link: Link | null
}

/**
 * What is known of a statement: of what it says itself, else of what led to it, the nearest first.
 */
export function understand(statement: Statement): Understood | null {
  const own = recognise(statement)
  if (own) return {recognised: own, link: null}
  for (const link of statement.chain.filter(isTelling).toReversed()) {
    const recognised = recognise({by: statement.by, text: link.text})
    if (recognised?.signature.kind === 'cause') return {recognised, link}
  }
  return null
}

/**
 * A statement in a line: what was raised first, where that was, and what was made of it.
 * @param meaning what that means which was understood.
 */
export function wordsOf(statement: Statement, link: Link | null, meaning?: string): string {
  const own = withoutStop(firstLine(statement.text))
  const [first] = link || meaning === undefined ? statement.chain.filter(isTelling) : []
  const led = link ?? first ?? null
  if (led === null || own.includes(withoutType(firstLine(led.text))))
    return placed(withoutStop(meaning ?? own), statement.where)
  const said = withoutStop(meaning ?? firstLine(led.text))
  return `${placed(said, led.where ?? statement.where)}; ${own}`
}

function placed(words: string, where: string | null): string {
  return where ? `${words} (${where})` : words
}

/** What was raised, line by line, the first cause first: for the evidence. */
export function quotesOf({chain, text}: Statement, most = 4): readonly string[] {
  const lines = (said: string): readonly string[] =>
    said
      .split('\n')
      .map(line => withoutStop(line.trim()))
      .filter(line => line !== '')
  const own = lines(text).slice(0, most)
  const causes = chain.map(link => lines(link.text)[0] ?? '').filter(line => !own.includes(line))
  return [...causes.slice(0, 2), ...own].slice(0, most)
}

/**
 * What is caught in the course of things, as a key that a cache does not have, is only on the way
 * where nothing was raised from it on purpose.
 */
function isTelling({text, leads}: Link): boolean {
  return (
    leads === 'cause' ||
    !/^(?:\w+\.)*(?:KeyError|IndexError|LookupError|AttributeError|StopIteration|FileNotFoundError|\w*DoesNotExist)\b/.test(
      text,
    )
  )
}

function firstLine(text: string): string {
  return text.split('\n').find(line => line.trim() !== '') ?? ''
}

/** "psycopg2.OperationalError: x" and "django.db.utils.OperationalError: x" say the same. */
function withoutType(line: string): string {
  return line.replace(/^[\w.]+: /, '')
}

function withoutStop(text: string): string {
  return text.replace(/\.$/, '')
}
