import {type Part, type Token, tokenize} from './shell-words.ts'

export type Word = readonly Part[]

export interface Assignment {
  readonly name: string
  readonly value: Word
  /** `NAME+=…` */
  readonly append: boolean
}

/** A command of a shell script: "Shell Commands" of POSIX (XCU 2.9). */
export type Command =
  | {readonly kind: 'simple'; readonly assignments: readonly Assignment[]; readonly words: readonly Word[]}
  | {readonly kind: 'sequence'; readonly commands: readonly Command[]}
  | {readonly kind: 'and' | 'or'; readonly left: Command; readonly right: Command}
  | {readonly kind: 'not'; readonly command: Command}
  | {
      readonly kind: 'if'
      readonly branches: readonly {readonly condition: Command; readonly body: Command}[]
      readonly otherwise: Command | null
    }
  | {
      readonly kind: 'case'
      readonly subject: Word
      readonly clauses: readonly {readonly patterns: readonly Word[]; readonly body: Command}[]
    }
  | {readonly kind: 'loop'; readonly variable: string | null; readonly body: Command}
  /** A pipe, `( … )`, or `… &`: what it sets stays in it. */
  | {readonly kind: 'apart'; readonly commands: readonly Command[]}
  | {readonly kind: 'function'; readonly name: string; readonly body: Command}

/** The words of a script that a shell takes for itself where a command begins. */
const ends: ReadonlySet<string> = new Set([
  'then',
  'else',
  'elif',
  'fi',
  'do',
  'done',
  'esac',
  '}',
  ')',
  ';;',
  ';&',
  ';;&',
])

/** Reads a script; null where its structure is not understood. */
export function parseScript(text: string): Command | null {
  const tokens = tokenize(text)
  let at = 0
  let failed = false

  const peek = (): Token | undefined => tokens[at]
  const operator = (): string | null => {
    const token = peek()
    return token?.kind === 'operator' ? token.text : null
  }
  /** The plain word that is next, or the bracket. */
  const keyword = (): string | null => {
    const token = peek()
    if (token?.kind === 'operator') return token.text
    return token?.kind === 'word' ? plain(token.parts) : null
  }
  const accept = (text: string): boolean => {
    if (keyword() !== text) return false
    at += 1
    return true
  }
  const expect = (text: string): void => {
    if (!accept(text)) failed = true
  }
  const skipLines = (): void => {
    while (operator() === '\n') at += 1
  }

  const list = (): Command => {
    const commands: Command[] = []
    while (!failed && at < tokens.length) {
      while (operator() === '\n' || operator() === ';') at += 1
      const word = keyword()
      if (at >= tokens.length || (word !== null && ends.has(word))) break
      const command = andOr()
      commands.push(accept('&') ? {kind: 'apart', commands: [command]} : command)
    }
    return {kind: 'sequence', commands}
  }

  const andOr = (): Command => {
    let left = pipeline()
    while (!failed && (operator() === '&&' || operator() === '||')) {
      const kind = operator() === '&&' ? 'and' : 'or'
      at += 1
      skipLines()
      left = {kind, left, right: pipeline()}
    }
    return left
  }

  const pipeline = (): Command => {
    if (accept('!')) return {kind: 'not', command: pipeline()}
    const commands = [command()]
    while (!failed && (operator() === '|' || operator() === '|&')) {
      at += 1
      skipLines()
      commands.push(command())
    }
    const [first] = commands
    return first && commands.length === 1 ? first : {kind: 'apart', commands}
  }

  const command = (): Command => {
    const read = compound()
    if (!read) return simple()
    while (peek()?.kind === 'redirection') at += 2
    return read
  }

  const compound = (): Command | null => {
    if (accept('if')) return conditional()
    if (accept('case')) return cases()
    if (accept('{')) {
      const body = list()
      expect('}')
      return body
    }
    if (accept('(')) {
      const body = list()
      expect(')')
      return {kind: 'apart', commands: [body]}
    }
    if (accept('while') || accept('until')) {
      const condition = list()
      return {kind: 'loop', variable: null, body: {kind: 'sequence', commands: [condition, doBody()]}}
    }
    if (accept('for') || accept('select')) {
      const name = word()
      while (at < tokens.length && keyword() !== 'do' && !failed) at += 1
      return {kind: 'loop', variable: name && plain(name), body: doBody()}
    }
    if (accept('function')) {
      const name = word()
      if (accept('(')) expect(')')
      return definition(name ? (plain(name) ?? '') : '')
    }
    const following = tokens[at + 1]
    const isDefinition = peek()?.kind === 'word' && following?.kind === 'operator' && following.text === '('
    if (!isDefinition) return null
    const name = plain(word() ?? []) ?? ''
    expect('(')
    expect(')')
    return definition(name)
  }

  const definition = (name: string): Command => {
    skipLines()
    return {kind: 'function', name, body: command()}
  }

  const doBody = (): Command => {
    expect('do')
    const body = list()
    expect('done')
    return body
  }

  const conditional = (): Command => {
    const branches: {condition: Command; body: Command}[] = []
    do {
      const condition = list()
      expect('then')
      branches.push({condition, body: list()})
    } while (!failed && accept('elif'))
    const otherwise = accept('else') ? list() : null
    expect('fi')
    return {kind: 'if', branches, otherwise}
  }

  const cases = (): Command => {
    const subject = word() ?? []
    skipLines()
    expect('in')
    const clauses: {patterns: Word[]; body: Command}[] = []
    skipLines()
    while (!failed && at < tokens.length && !accept('esac')) {
      accept('(')
      const patterns = [word() ?? []]
      while (accept('|')) patterns.push(word() ?? [])
      expect(')')
      clauses.push({patterns, body: list()})
      const closed = accept(';;') || accept(';&') || accept(';;&')
      skipLines()
      if (!closed && keyword() !== 'esac') failed = true
    }
    return {kind: 'case', subject, clauses}
  }

  const word = (): Word | null => {
    const token = peek()
    if (token?.kind !== 'word') {
      failed = true
      return null
    }
    at += 1
    return token.parts
  }

  const simple = (): Command => {
    const assignments: Assignment[] = []
    const words: Word[] = []
    const start = at
    const isTest = keyword() === '[['
    for (let token = peek(); token && !failed; token = peek()) {
      if (token.kind === 'redirection') {
        at += 1
        // What a file descriptor is joined to, a file, the delimiter of a here-document
        if (peek()?.kind === 'word') at += 1
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
      at += 1
      if (isTest && token.kind === 'word' && plain(token.parts) === ']]') break
    }
    if (at === start) failed = true
    return {kind: 'simple', assignments, words}
  }

  const script = list()
  return failed || at < tokens.length ? null : script
}

/** The text of a word that is one plain word, as a keyword or a name is. */
function plain(word: Word): string | null {
  const [part, ...others] = word
  return part?.kind === 'text' && !part.quoted && others.length === 0 ? part.text : null
}

/** `NAME=value` as one word, where a command may begin with it or `export` may take it. */
export function assignmentOf([first, ...rest]: Word): Assignment | null {
  if (first?.kind !== 'text' || first.quoted) return null
  const [start, name = '', plus] = /^([A-Za-z_]\w*)(\+?)=/.exec(first.text) ?? []
  if (start === undefined) return null
  const value = first.text.slice(start.length)
  return {name, append: plus === '+', value: [...(value === '' ? [] : [{...first, text: value}]), ...rest]}
}
