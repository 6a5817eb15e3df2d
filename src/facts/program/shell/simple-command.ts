import {keyword, peek, type Reader} from './reader.ts'
import {type Assignment, assignmentOf, type Command, plain, type Word} from './syntax.ts'

/** Assignments, words and redirections; within `[[ … ]]` operators are words as well. */
export function simpleCommand(reader: Reader): Command {
  const assignments: Assignment[] = []
  const words: Word[] = []
  const start = reader.at
  const isTest = keyword(reader) === '[['
  for (let token = peek(reader); token && !reader.failed; token = peek(reader)) {
    if (token.kind === 'redirection') {
      skipRedirection(reader)
      continue
    }
    if (token.kind === 'operator') {
      if (!isTest || token.text === '\n' || token.text === ';') break
      words.push([{kind: 'text', text: token.text, quoted: false}])
    } else {
      const assignment = words.length === 0 ? assignmentOf(token.parts) : null
      if (assignment) assignments.push(assignment)
      else words.push(token.parts)
    }
    reader.at += 1
    if (isTest && token.kind === 'word' && plain(token.parts) === ']]') break
  }
  if (reader.at === start) reader.failed = true
  return {kind: 'simple', assignments, words}
}

/** With what a file descriptor is joined to: a file, the delimiter of a here-document. */
function skipRedirection(reader: Reader): void {
  reader.at += 1
  if (peek(reader)?.kind === 'word') reader.at += 1
}
