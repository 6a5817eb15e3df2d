import {
  accept,
  expect,
  isAtEnd,
  isOperator,
  keyword,
  peek,
  type Reader,
  readWord,
  skipOperators,
} from './reader.ts'
import {simpleCommand} from './simple-command.ts'
import {type Command, plain, type Word} from './syntax.ts'
import {tokenize} from './tokens.ts'

/** The words of a script that a shell takes for itself where a command begins. */
const ends: ReadonlySet<string> = new Set([
  'then', 'else', 'elif', 'fi', 'do', 'done', 'esac', '}', ')', ';;', ';&', ';;&',
]) // biome-ignore format: a list of words

/** Reads a script; null where its structure is not understood. */
export function parseScript(text: string): Command | null {
  const reader: Reader = {tokens: tokenize(text), at: 0, failed: false}
  const script = list(reader)
  return reader.failed || !isAtEnd(reader) ? null : script
}

function list(reader: Reader): Command {
  const commands: Command[] = []
  while (!reader.failed && !isAtEnd(reader)) {
    skipOperators(reader, '\n', ';')
    const word = keyword(reader)
    if (isAtEnd(reader) || (word !== null && ends.has(word))) break
    const command = andOr(reader)
    commands.push(accept(reader, '&') ? {kind: 'apart', commands: [command]} : command)
  }
  return {kind: 'sequence', commands}
}

function andOr(reader: Reader): Command {
  let left = pipeline(reader)
  while (!reader.failed && isOperator(reader, '&&', '||')) {
    const kind = isOperator(reader, '&&') ? 'and' : 'or'
    reader.at += 1
    skipOperators(reader, '\n')
    left = {kind, left, right: pipeline(reader)}
  }
  return left
}

function pipeline(reader: Reader): Command {
  if (accept(reader, '!')) return {kind: 'not', command: pipeline(reader)}
  const first = command(reader)
  const others: Command[] = []
  while (!reader.failed && isOperator(reader, '|', '|&')) {
    reader.at += 1
    skipOperators(reader, '\n')
    others.push(command(reader))
  }
  return others.length === 0 ? first : {kind: 'apart', commands: [first, ...others]}
}

function command(reader: Reader): Command {
  const read = compound(reader)
  if (!read) return simpleCommand(reader)
  while (peek(reader)?.kind === 'redirection') reader.at += 2
  return read
}

/** Null where a simple command begins. */
function compound(reader: Reader): Command | null {
  if (accept(reader, 'if')) return conditional(reader)
  if (accept(reader, 'case')) return cases(reader)
  if (accept(reader, '{')) return closed(reader, '}')
  if (accept(reader, '(')) return {kind: 'apart', commands: [closed(reader, ')')]}
  if (accept(reader, 'while') || accept(reader, 'until')) {
    const condition = list(reader)
    return {
      kind: 'loop',
      variable: null,
      body: {kind: 'sequence', commands: [condition, doBody(reader)]},
    }
  }
  if (accept(reader, 'for') || accept(reader, 'select')) {
    const variable = plain(readWord(reader))
    while (!isAtEnd(reader) && keyword(reader) !== 'do' && !reader.failed) reader.at += 1
    return {kind: 'loop', variable, body: doBody(reader)}
  }
  return definition(reader)
}

/** `function NAME`, `NAME ()` */
function definition(reader: Reader): Command | null {
  const isNamed = accept(reader, 'function')
  const following = reader.tokens[reader.at + 1]
  const isDefinition =
    peek(reader)?.kind === 'word' && following?.kind === 'operator' && following.text === '('
  if (!isNamed && !isDefinition) return null
  const name = plain(readWord(reader)) ?? ''
  if (accept(reader, '(')) expect(reader, ')')
  skipOperators(reader, '\n')
  return {kind: 'function', name, body: command(reader)}
}

function closed(reader: Reader, bracket: '}' | ')'): Command {
  const body = list(reader)
  expect(reader, bracket)
  return body
}

function doBody(reader: Reader): Command {
  expect(reader, 'do')
  const body = list(reader)
  expect(reader, 'done')
  return body
}

function conditional(reader: Reader): Command {
  const branches: {condition: Command; body: Command}[] = []
  do {
    const condition = list(reader)
    expect(reader, 'then')
    branches.push({condition, body: list(reader)})
  } while (!reader.failed && accept(reader, 'elif'))
  const otherwise = accept(reader, 'else') ? list(reader) : null
  expect(reader, 'fi')
  return {kind: 'if', branches, otherwise}
}

function cases(reader: Reader): Command {
  const subject = readWord(reader)
  skipOperators(reader, '\n')
  expect(reader, 'in')
  const clauses: {patterns: Word[]; body: Command}[] = []
  skipOperators(reader, '\n')
  while (!reader.failed && !isAtEnd(reader) && !accept(reader, 'esac')) {
    accept(reader, '(')
    const patterns = [readWord(reader)]
    while (accept(reader, '|')) patterns.push(readWord(reader))
    expect(reader, ')')
    clauses.push({patterns, body: list(reader)})
    const isClosed = accept(reader, ';;') || accept(reader, ';&') || accept(reader, ';;&')
    skipOperators(reader, '\n')
    if (!isClosed && keyword(reader) !== 'esac') reader.failed = true
  }
  return {kind: 'case', subject, clauses}
}
