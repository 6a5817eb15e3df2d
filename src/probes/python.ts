/** What an expression of a settings file comes to, as far as its text tells; Python is not run. */
export type PythonValue =
  | {readonly kind: 'text'; readonly text: string}
  /** Read from the environment: `config('NAME', default=…)`, `os.environ.get('NAME', …)`. A null fallback is none. */
  | {readonly kind: 'environment'; readonly name: string; readonly fallback: PythonValue | null}
  | {readonly kind: 'unknown'}

export interface Assignment {
  readonly name: string
  /** What stands in brackets between the name and "=", as in `STORAGES['staticfiles'] = …`; else empty. */
  readonly subscript: string
  readonly expression: string
  readonly operator: '=' | '+='
  /** Inside an `if`, `try`, `with` or function: it may or may not be in force. */
  readonly conditional: boolean
}

const unknown: PythonValue = {kind: 'unknown'}

/** A comment, a string, a joined line, brackets, a newline, or one character (Python's lexical analysis). */
const token =
  /(?<comment>#[^\n]*)|(?<string>[rRbBuUfF]{0,2}(?:""".*?"""|'''.*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))|(?<joined>\\\r?\n)|(?<open>[([{])|(?<close>[)\]}])|(?<newline>\n)|\w+|./gs

/** The statements of a source, one line each, without comments; indentation is kept. */
export function statements(source: string): readonly string[] {
  const lines: string[] = []
  let line = ''
  let depth = 0
  for (const {0: text, groups = {}} of source.matchAll(token)) {
    if (groups.comment !== undefined) continue
    if (groups.open) depth += 1
    if (groups.close) depth = Math.max(0, depth - 1)
    if (groups.newline && depth === 0) {
      lines.push(line)
      line = ''
    } else line += groups.newline || groups.joined ? ' ' : text
  }
  return [...lines, line].filter(each => each.trim() !== '')
}

/** Sources that were read already: every check that asks for a setting reads the same few. */
const read = new Map<string, readonly Assignment[]>()

/** Every assignment of a source in its order. */
export function assignments(source: string): readonly Assignment[] {
  const known = read.get(source)
  if (known) return known
  const found = assignmentsOf(source)
  read.set(source, found)
  return found
}

function assignmentsOf(source: string): readonly Assignment[] {
  return statements(source).flatMap(statement => {
    const match = /^(\s*)([A-Za-z_]\w*)((?:\[[^\]]*\])*)\s*(?::[^=]*)?(\+?=)(?!=)\s*(.*?)\s*$/s.exec(statement)
    if (!match) return []
    const [, indent, name = '', subscript = '', operator, expression = ''] = match
    return [{name, subscript, expression, operator: operator === '+=' ? '+=' : '=', conditional: indent !== ''}]
  })
}

/** The parts of an expression between separators that stand in no brackets and no string. */
export function splitTop(expression: string, separator: string): readonly string[] {
  const parts: string[] = []
  let part = ''
  let depth = 0
  for (const {0: text, groups = {}} of expression.matchAll(token)) {
    if (groups.open) depth += 1
    if (groups.close) depth -= 1
    if (text === separator && depth === 0) {
      parts.push(part.trim())
      part = ''
    } else part += text
  }
  return [...parts, part.trim()]
}

/** The elements of a list or tuple literal; null when it is something else. */
export function elements(expression: string): readonly string[] | null {
  const inner = enclosed(expression, '[', ']') ?? enclosed(expression, '(', ')')
  return inner === null ? null : splitTop(inner, ',').filter(part => part !== '')
}

/** The value of a key in a dictionary literal: undefined when it has no such key, null when it is no literal. */
export function entryOf(expression: string, key: string): string | null | undefined {
  const inner = enclosed(expression, '{', '}')
  if (inner === null) return null
  const pairs = splitTop(inner, ',').filter(part => part !== '')
  // What is unpacked (**others) may hold the key.
  if (pairs.some(pair => pair.startsWith('**'))) return null
  for (const pair of pairs) {
    const [name = '', ...value] = splitTop(pair, ':')
    if (literal(name) === key) return value.join(':')
  }
  return undefined
}

/** The text of a string literal; null when it is something else. */
export function literal(expression: string): string | null {
  const match = /^([rRuUbBfF]{0,2})("""|'''|"|')(.*)\2$/s.exec(expression.trim())
  if (!match) return null
  const [, prefix = '', quote = '', text = ''] = match
  if (/[bB]/.test(prefix) || (/[fF]/.test(prefix) && text.includes('{'))) return null
  if (quote.length === 1 && new RegExp(`(?<!\\\\)${quote}`).test(text)) return null
  return /[rR]/.test(prefix) ? text : text.replace(/\\(['"\\])/g, '$1')
}

/** Every string in an expression, wherever it stands. */
export function strings(expression: string): readonly string[] {
  return [...expression.matchAll(token)].flatMap(({groups = {}}) => {
    const text = groups.string === undefined ? null : literal(groups.string)
    return text === null ? [] : [text]
  })
}

function enclosed(expression: string, open: string, close: string): string | null {
  const text = expression.trim()
  if (!text.startsWith(open) || !text.endsWith(close)) return null
  let depth = 0
  let read = 0
  for (const {0: part, groups = {}} of text.matchAll(token)) {
    read += part.length
    if (groups.open) depth += 1
    if (groups.close) depth -= 1
    if (depth === 0 && read < text.length) return null
  }
  return depth === 0 ? text.slice(1, -1) : null
}

/** Names that hand their first argument on. */
const sameText = /^(?:str|Path|pathlib\.Path|os\.fspath|os\.path\.(?:abspath|realpath|normpath|expanduser))$/
const fromEnvironment = /^(?:config|decouple\.config|os\.environ\.get|os\.getenv|environ\.get|getenv|env(?:\.\w+)?)$/

/** Evaluates paths as settings files build them: literals, `/`, os.path.join, `.parent`, and reading the environment. */
export function evaluate(expression: string, lookUp: (name: string) => PythonValue, depth = 0): PythonValue {
  if (depth > 20) return unknown
  const inner = (text: string): PythonValue => evaluate(text, lookUp, depth + 1)
  const text = expression.trim()
  const string = literal(text)
  if (string !== null) return {kind: 'text', text: string}
  if (text === 'None') return {kind: 'text', text: ''}
  if (/^[A-Za-z_]\w*$/.test(text)) return lookUp(text)
  const parenthesised = enclosed(text, '(', ')')
  if (parenthesised !== null && splitTop(parenthesised, ',').length === 1) return inner(parenthesised)
  const [first = '', ...others] = splitTop(text, 'or')
  if (others.length > 0) {
    const value = inner(first)
    return value.kind === 'environment' ? {...value, fallback: inner(others.join(' or '))} : unknown
  }
  if (splitTop(text, 'if').length > 1) return unknown
  const operands = splitTop(text, '/')
  if (operands.length > 1) return joined(operands.map(inner))
  const subscripted = /^(?:os\.)?environ\[(.*)\]$/s.exec(text)
  const name = subscripted ? literal(subscripted[1] ?? '') : null
  if (name !== null) return {kind: 'environment', name, fallback: null}
  const parent = /^(.*)\.parent$/s.exec(text) ?? /^(.*)\.parents\[(\d+)\]$/s.exec(text)
  if (parent) return mapText(inner(parent[1] ?? ''), path => above(path, Number(parent[2] ?? 0) + 1))
  const method = /^(.*)\.(?:resolve|absolute|as_posix|expanduser)\([^()]*\)$/s.exec(text)
  if (method) return inner(method[1] ?? '')
  const call = /^([A-Za-z_][\w.]*)\((.*)\)$/s.exec(text)
  return call ? called(call[1] ?? '', splitTop(call[2] ?? '', ','), inner) : unknown
}

function called(name: string, parts: readonly string[], inner: (text: string) => PythonValue): PythonValue {
  const given = parts.filter(part => part !== '')
  if (fromEnvironment.test(name)) {
    const variable = literal(given[0] ?? '')
    if (variable === null) return unknown
    const keyword = given.find(part => /^default\s*=/.test(part))
    const positional = given.slice(1).find(part => !/^\w+\s*=[^=]/.test(part))
    const otherwise = keyword?.replace(/^default\s*=\s*/, '') ?? positional
    const none: PythonValue | null = /^(?:os\.environ\.get|os\.getenv|environ\.get|getenv)$/.test(name)
      ? {kind: 'text', text: ''}
      : null
    return {kind: 'environment', name: variable, fallback: otherwise === undefined ? none : inner(otherwise)}
  }
  if (name === 'os.path.dirname') return mapText(inner(given[0] ?? ''), path => above(path, 1))
  if (name === 'os.path.join' || (sameText.test(name) && given.length > 1)) return joined(given.map(inner))
  return sameText.test(name) && given.length === 1 ? inner(given[0] ?? '') : unknown
}

function mapText(value: PythonValue, change: (text: string) => string): PythonValue {
  return value.kind === 'text' ? {kind: 'text', text: change(value.text)} : unknown
}

function above(path: string, levels: number): string {
  let directory = path
  for (let level = 0; level < levels; level += 1) directory = directory.slice(0, directory.lastIndexOf('/')) || '/'
  return directory
}

/** As os.path.join: an absolute part replaces what stands before it. */
function joined(values: readonly PythonValue[]): PythonValue {
  let path = ''
  for (const value of values) {
    if (value.kind !== 'text') return unknown
    path = value.text.startsWith('/') || path === '' ? value.text : `${path.replace(/\/+$/, '')}/${value.text}`
  }
  return {kind: 'text', text: path}
}
