import type {Unit} from '../../host/unit.ts'
import type {Because} from '../../report/finding.ts'
import {failedSteps, lastEnd} from '../unit/last-end.ts'
import {isAccess} from './access-lines.ts'
import {quotesOf, understand, wordsOf} from './chain.ts'
import {type JournalLine, lastFailure} from './journal.ts'
import {type Recognised, recognise} from './signatures.ts'
import {plain, type Statement, statements} from './statements.ts'

/** Why the unit does not run, as far as its journal or systemd tell. */
export interface Reason {
  /** "the settings need SECRET_KEY, which is not set" */
  readonly text: string
  /** What was really said, for the evidence. */
  readonly quotes: readonly string[]
  /**
   * The checks that find the cause; `itself` where this is the cause, null where it is not known.
   */
  readonly because: Because | null
  readonly recognised: Recognised | null
  /** An exception that nobody described came up in the package's own code. */
  readonly inPackage?: boolean
  /** A process of an earlier start has not ended, and is in the way. */
  readonly isLeftBehind?: boolean
}

/**
 * Milliseconds before its end in which a start's last words count: gunicorn takes 30 s to give up
 * on its workers.
 */
const lastWords = 120_000

/** How a start came to its end, from its lines in the journal; null where they do not tell. */
export function reasonFromJournal(unit: Unit, journal: readonly JournalLine[]): Reason | null {
  const failure = lastFailure(journal)
  const end = failure.findLast(({by}) => by === 'systemd')?.at ?? 0
  const late = failure.filter(({at}) => at >= end - lastWords)
  // systemd tells first what it then only names again; a process tells last what it died of.
  const bySystemd = withoutAftermath(late.filter(({by}) => by === 'systemd')).map(plain)
  const said = statements(late)
    .filter(({text}) => !isAccess(text))
    .toReversed()
  return (
    firstOf(unit, bySystemd, 'cause') ??
    decisive(unit, said) ??
    firstOf(unit, said, 'hint') ??
    lastError(said) ??
    lastSaid(unit, said)
  )
}

/** Processes that outlive the main one are killed in the end: that is not why it failed. */
function withoutAftermath(lines: readonly JournalLine[]): readonly JournalLine[] {
  const end = lines.findIndex(({text}) => /^(?:Main|Control) process exited, /.test(text))
  if (end === -1) return lines
  return lines.filter(
    (line, index) => index < end || recognise(line)?.signature.name !== 'stop-timeout',
  )
}

/**
 * The last that was said of those that can be what it died of: what was caught before it is over.
 */
function decisive(unit: Unit, said: readonly Statement[]): Reason | null {
  const last = said.find(statement => {
    const kind = understand(statement)?.recognised.signature.kind
    return kind === 'cause' || (kind === undefined && statement.exception)
  })
  if (!last) return null
  const ofServer = workerClass(unit, said, last)
  if (ofServer) return ofServer
  // An exception that nobody described: what it means is open.
  return firstOf(unit, [last], 'cause') ?? {...open(last), inPackage: last.where !== null}
}

/** gunicorn quotes the exception at which it failed to import the class of its workers. */
function workerClass(unit: Unit, said: readonly Statement[], last: Statement): Reason | null {
  const at = said.indexOf(last)
  const around = said.slice(at, at + 40).filter(({pid}) => pid === last.pid)
  const worker = around.find(each => recognise(each)?.signature.name === 'worker-class')
  const reason = worker ? firstOf(unit, [worker], 'cause') : null
  if (!reason || worker === last) return reason
  const [why = ''] = quotesOf(last, 1)
  return {...reason, text: `${reason.text}: ${why}`, quotes: [...reason.quotes, why]}
}

function firstOf(
  unit: Unit,
  candidates: readonly Statement[],
  kind: 'cause' | 'hint',
): Reason | null {
  for (const statement of candidates) {
    const understood = understand(statement)
    if (understood?.recognised.signature.kind !== kind) continue
    const {recognised, link} = understood
    const {signature, match} = recognised
    return {
      text: wordsOf(statement, link, signature.meaning?.(match, unit)),
      quotes: quotesOf(statement),
      because: signature.because,
      recognised,
    }
  }
  return null
}

function lastError(said: readonly Statement[]): Reason | null {
  const found = said.find(
    statement =>
      /\b(?:error|fatal|cannot|can't|failed|denied)\b/i.test(statement.text) &&
      recognise(statement) === null,
  )
  return found ? open(found) : null
}

/** A program that calls nothing an error: how it ended, and its last words. */
function lastSaid(unit: Unit, said: readonly Statement[]): Reason | null {
  const ended = lastEnd(unit)
  const last = said.find(statement => recognise(statement) === null)
  if (ended?.how !== 'exited' || failedSteps[ended.status] || !last) return null
  const reason = open(last)
  const {program, status} = ended
  return {...reason, text: `${program} exited with ${status}; its last words: ${reason.text}`}
}

/** What was said, whatever it means. */
function open(statement: Statement): Reason {
  return {
    text: wordsOf(statement, null),
    quotes: quotesOf(statement),
    because: null,
    recognised: null,
  }
}
