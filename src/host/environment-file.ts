/** What systemd makes of an EnvironmentFile=, and what it ignores. */
export interface EnvironmentFile {
  /** Later assignments win, as in systemd. */
  readonly variables: ReadonlyMap<string, string>
  /** Every accepted assignment in its place, the overwritten ones too. */
  readonly assignments: readonly {
    readonly line: number
    readonly name: string
    readonly value: string
  }[]
  readonly problems: readonly EnvironmentProblem[]
}

export interface EnvironmentProblem {
  /** Counted from 1. */
  readonly line: number
  readonly kind: 'export' | 'bad-name' | 'byte-order-mark' | 'no-equals-sign' | 'unterminated-quote'
  /** The name as far as it can be told without showing a value. */
  readonly name: string
  /** Never shown: for the redactor. */
  readonly value: string
}

type State =
  | 'pre-key'
  | 'key'
  | 'pre-value'
  | 'value'
  | 'value-escape'
  | 'single'
  | 'double'
  | 'double-escape'
  | 'comment'

interface Reader {
  readonly assignments: EnvironmentFile['assignments'][number][]
  readonly problems: EnvironmentProblem[]
  key: string
  value: string
  /**
   * What was pushed since the last character that is not blank is dropped at the end of an unquoted
   * value.
   */
  solid: number
  line: number
  /** The line on which the key begins. */
  start: number
}

const blank = /[ \t\n\r]/

function isNewline(character: string): boolean {
  return character === '\n' || character === '\r'
}

/**
 * systemd's own state machine (src/basic/env-file.c, parse_env_file_internal): no expansion, no
 * inline comments, quotes may span lines, an unquoted backslash takes the next character as it is.
 */
export function parseEnvironmentFile(text: string): EnvironmentFile {
  const reader: Reader = {
    assignments: [],
    problems: [],
    key: '',
    value: '',
    solid: 0,
    line: 1,
    start: 1,
  }
  let state: State = 'pre-key'
  for (const character of text) {
    state = steps[state](reader, character)
    if (character === '\n') reader.line += 1
  }
  finish(reader, state)
  const {assignments, problems} = reader
  return {
    variables: new Map(assignments.map(({name, value}) => [name, value])),
    assignments,
    problems,
  }
}

/** What each state makes of the next character; the state after it. */
const steps: Readonly<Record<State, (reader: Reader, character: string) => State>> = {
  'pre-key'(reader, character) {
    if (character === '#' || character === ';') return 'comment'
    if (blank.test(character)) return 'pre-key'
    reader.key = character
    reader.start = reader.line
    return 'key'
  },
  key(reader, character) {
    if (isNewline(character)) return withoutEquals(reader)
    if (character === '=') return 'pre-value'
    reader.key += character
    return 'key'
  },
  'pre-value'(reader, character) {
    if (isNewline(character)) return assign(reader)
    if (character === "'") return 'single'
    if (character === '"') return 'double'
    if (character === '\\') return 'value-escape'
    return blank.test(character) ? 'pre-value' : push(reader, character, 'value')
  },
  value(reader, character) {
    if (isNewline(character)) return assign(withoutBlanks(reader))
    if (character === '\\') return 'value-escape'
    if (!blank.test(character)) return push(reader, character, 'value')
    reader.value += character
    return 'value'
  },
  'value-escape': (reader, character) =>
    push(reader, isNewline(character) ? '' : character, 'value'),
  single: (reader, character) =>
    character === "'" ? push(reader, '', 'pre-value') : push(reader, character, 'single'),
  double(reader, character) {
    if (character === '"') return push(reader, '', 'pre-value')
    if (character === '\\') return push(reader, '', 'double-escape')
    return push(reader, character, 'double')
  },
  'double-escape'(reader, character) {
    if (/["\\`$]/.test(character)) return push(reader, character, 'double')
    return push(reader, character === '\n' ? '' : `\\${character}`, 'double')
  },
  comment: (_, character) => (isNewline(character) ? 'pre-key' : 'comment'),
}

/** Adds to the value what stays in it whatever follows. */
function push(reader: Reader, text: string, next: State): State {
  reader.value += text
  reader.solid = reader.value.length
  return next
}

function withoutBlanks(reader: Reader): Reader {
  reader.value = reader.value.slice(0, reader.solid)
  return reader
}

function assign(reader: Reader): State {
  const {key, value, start: line, assignments, problems} = reader
  const name = key.trimEnd()
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) assignments.push({line, name, value})
  else
    problems.push({line, kind: kindOf(name), name: name.replace(/^export\s+|^\uFEFF/, ''), value})
  Object.assign(reader, {key: '', value: '', solid: 0})
  return 'pre-key'
}

/** Its text is not shown: a line without "=" may be nothing but a secret. */
function withoutEquals(reader: Reader): State {
  reader.problems.push({line: reader.start, kind: 'no-equals-sign', name: '', value: reader.key})
  reader.key = ''
  return 'pre-key'
}

/** At the end of the text what was begun counts, a value in quotes that nobody closed as well. */
function finish(reader: Reader, state: State): void {
  if (state === 'pre-key' || state === 'comment') return
  if (state === 'key') {
    withoutEquals(reader)
    return
  }
  if (state === 'value') withoutBlanks(reader)
  if (state === 'single' || state === 'double' || state === 'double-escape') {
    const {key, value, start: line} = reader
    reader.problems.push({line, kind: 'unterminated-quote', name: key.trimEnd(), value})
  }
  assign(reader)
}

function kindOf(name: string): EnvironmentProblem['kind'] {
  if (name.startsWith('\uFEFF')) return 'byte-order-mark'
  return /^export\s/.test(name) ? 'export' : 'bad-name'
}

/**
 * `/proc/<pid>/environ`: NUL-separated assignments; the first of a doubled name wins, as getenv(3)
 * finds it.
 */
export function parseProcessEnvironment(text: string): ReadonlyMap<string, string> {
  const variables = new Map<string, string>()
  for (const assignment of text.split('\0')) {
    const equals = assignment.indexOf('=')
    const name = assignment.slice(0, equals)
    if (equals > 0 && !variables.has(name)) variables.set(name, assignment.slice(equals + 1))
  }
  return variables
}
