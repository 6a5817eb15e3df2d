import {isAccess} from './access-lines.ts'
import {quotesOf} from './chain.ts'
import {type JournalLine, lastFailure} from './journal.ts'
import {recognise} from './signatures.ts'
import {statements} from './statements.ts'

/** So many lines are shown. */
const most = 5

/** What the last start that failed said at its end, without what is known to mean nothing. */
export function lastWords(journal: readonly JournalLine[]): readonly string[] {
  return wordsOf(lastFailure(journal))
}

/** The same of whatever runs, from these lines. */
export function wordsOf(lines: readonly JournalLine[]): readonly string[] {
  return statements(lines)
    .filter(({text, by}) => !isAccess(text) && recognise({by, text})?.signature.kind !== 'noise')
    .flatMap(statement => quotesOf(statement))
    .slice(-most)
}
