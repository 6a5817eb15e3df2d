import {type Answered, answeredIn} from './access-lines.ts'
import {understand} from './chain.ts'
import type {Recognised} from './signatures.ts'
import type {Link, Statement} from './statements.ts'

/** A statement, with what is known of it. */
export interface Said extends Statement {
  readonly recognised: Recognised | null
  /** The exception of its chain that is known; null where it is known itself, or nothing is. */
  readonly link: Link | null
  /** The request that it ended, by the access log; null where that does not tell. */
  readonly answered: Answered | null
}

/** Events that say the same. */
export interface Group {
  readonly last: Said
  /** How many events: what two loggers tell of one request is one. */
  readonly count: number
  /** Each of them, the first one first. */
  readonly events: readonly Said[]
}

/**
 * What tells of a fault: messages that are known as causes, by their signature, and exceptions that
 * nobody described.
 */
export function faultsIn(statements: readonly Statement[]): readonly Group[] {
  const groups = new Map<string, Said[]>()
  for (const said of eventsIn(statements)) {
    const {recognised} = said
    const key = recognised ? recognised.signature.name : `exception ${said.text}`
    groups.set(key, [...(groups.get(key) ?? []), said])
  }
  return [...groups.values()].map(events => ({
    last: events.at(-1) as Said,
    count: events.length,
    events,
  }))
}

/** Milliseconds in which two handlers have written the same record. */
const atOnce = 20

/**
 * Each event once. A request that fails is told of by whoever logs it: by Django, by the server,
 * by two handlers of one logger; its line in the access log comes last.
 */
function eventsIn(statements: readonly Statement[]): readonly Said[] {
  const logsAccess = statements.some(({text}) => answeredIn(text) !== null)
  const events: Said[] = []
  /** By process: the events of the request that it answers, by index, with who told of them. */
  const open = new Map<number, Map<string, {index: number; loggers: Set<string | null>}>>()
  for (const statement of statements) {
    const {pid, text} = statement
    const answered = answeredIn(text)
    const ofRequest = open.get(pid) ?? new Map()
    if (answered) {
      for (const {index} of ofRequest.values()) {
        const event = events[index]
        const isIts = event && (event.path === null || event.path === answered.path)
        if (isIts && answered.status >= 500)
          events[index] = {...event, path: answered.path, answered}
      }
      open.delete(pid)
      continue
    }
    const said = faultOf(statement)
    if (!said) continue
    open.set(pid, ofRequest)
    const known = said.exception ? ofRequest.get(text) : undefined
    const before = known && events[known.index]
    const isSame =
      before &&
      (said.path === null || before.path === null || said.path === before.path) &&
      (logsAccess || !known.loggers.has(said.logger) || said.at - before.at < atOnce)
    if (isSame) {
      known.loggers.add(said.logger)
      events[known.index] = {...said, path: said.path ?? before.path}
    } else {
      ofRequest.set(text, {index: events.length, loggers: new Set([said.logger])})
      events.push(said)
    }
  }
  return events
}

function faultOf(statement: Statement): Said | null {
  const {recognised = null, link = null} = understand(statement) ?? {}
  const isFault = recognised ? recognised.signature.kind === 'cause' : statement.exception
  return isFault ? {...statement, recognised, link, answered: null} : null
}
