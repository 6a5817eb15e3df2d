/** What systemd makes of an EnvironmentFile=, and what it ignores. */
export interface EnvironmentFile {
  /** Later assignments win, as in systemd. */
  readonly variables: ReadonlyMap<string, string>
  /** Every accepted assignment in its place, the overwritten ones too. */
  readonly assignments: readonly {readonly line: number; readonly name: string; readonly value: string}[]
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

const blank = /[ \t\n\r]/
const newline = /[\n\r]/

/**
 * systemd's own state machine (src/basic/env-file.c, parse_env_file_internal): no expansion, no inline comments, quotes
 * may span lines, an unquoted backslash takes the next character as it is.
 */
export function parseEnvironmentFile(text: string): EnvironmentFile {
  const assignments: EnvironmentFile['assignments'][number][] = []
  const problems: EnvironmentProblem[] = []
  let state: State = 'pre-key'
  let key = ''
  let value = ''
  // What was pushed since the last character that is not blank is dropped at the end of an unquoted value.
  let solid = 0
  let line = 1
  let start = 1

  const assign = (unterminated: boolean): void => {
    const name = key.trimEnd()
    if (unterminated) problems.push({line: start, kind: 'unterminated-quote', name, value})
    if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) assignments.push({line: start, name, value})
    else problems.push({line: start, kind: kindOf(name), name: name.replace(/^export\s+|^\uFEFF/, ''), value})
    key = ''
    value = ''
    solid = 0
  }

  for (const character of text) {
    const isNewline = newline.test(character)
    switch (state) {
      case 'pre-key':
        if (character === '#' || character === ';') state = 'comment'
        else if (!blank.test(character)) {
          state = 'key'
          key = character
          start = line
        }
        break
      case 'key':
        if (isNewline) {
          // Not shown: a line without "=" may be nothing but a secret.
          problems.push({line: start, kind: 'no-equals-sign', name: '', value: key})
          key = ''
          state = 'pre-key'
        } else if (character === '=') state = 'pre-value'
        else key += character
        break
      case 'pre-value':
        if (isNewline) {
          assign(false)
          state = 'pre-key'
        } else if (character === "'") state = 'single'
        else if (character === '"') state = 'double'
        else if (character === '\\') state = 'value-escape'
        else if (!blank.test(character)) {
          state = 'value'
          value += character
          solid = value.length
        }
        break
      case 'value':
        if (isNewline) {
          value = value.slice(0, solid)
          assign(false)
          state = 'pre-key'
        } else if (character === '\\') state = 'value-escape'
        else {
          value += character
          if (!blank.test(character)) solid = value.length
        }
        break
      case 'value-escape':
        if (!isNewline) value += character
        solid = value.length
        state = 'value'
        break
      case 'single':
        if (character === "'") state = 'pre-value'
        else value += character
        solid = value.length
        break
      case 'double':
        if (character === '"') state = 'pre-value'
        else if (character === '\\') state = 'double-escape'
        else value += character
        solid = value.length
        break
      case 'double-escape':
        if (/["\\`$]/.test(character)) value += character
        else if (character !== '\n') value += `\\${character}`
        solid = value.length
        state = 'double'
        break
      case 'comment':
        if (isNewline) state = 'pre-key'
        break
    }
    if (character === '\n') line += 1
  }
  if (state === 'key') problems.push({line: start, kind: 'no-equals-sign', name: '', value: key})
  else if (state !== 'pre-key' && state !== 'comment') {
    if (state === 'value') value = value.slice(0, solid)
    assign(state === 'single' || state === 'double' || state === 'double-escape')
  }
  return {variables: new Map(assignments.map(({name, value}) => [name, value])), assignments, problems}
}

function kindOf(name: string): EnvironmentProblem['kind'] {
  if (name.startsWith('\uFEFF')) return 'byte-order-mark'
  return /^export\s/.test(name) ? 'export' : 'bad-name'
}

/** `/proc/<pid>/environ`: NUL-separated assignments; the first of a doubled name wins, as getenv(3) finds it. */
export function parseProcessEnvironment(text: string): ReadonlyMap<string, string> {
  const variables = new Map<string, string>()
  for (const assignment of text.split('\0')) {
    const equals = assignment.indexOf('=')
    const name = assignment.slice(0, equals)
    if (equals > 0 && !variables.has(name)) variables.set(name, assignment.slice(equals + 1))
  }
  return variables
}
