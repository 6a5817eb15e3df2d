/** One piece of a word of a POSIX shell script, before it is expanded. */
export type Part =
  | {readonly kind: 'text'; readonly text: string; readonly quoted: boolean}
  /** `$NAME`, `${NAME:-operand}`; of `${NAME/pattern/replacement}` the operand is the pattern. */
  | {
      readonly kind: 'variable'
      readonly name: string
      readonly operator: string
      readonly operand: readonly Part[]
      readonly replacement: readonly Part[]
      readonly quoted: boolean
    }
  /** `$(…)`, with its text. */
  | {readonly kind: 'command'; readonly text: string; readonly quoted: boolean}
  /** What is not understood: arithmetic, process substitution, arrays, a quote without its end. */
  | {readonly kind: 'unknown'; readonly quoted: boolean}

export type Word = readonly Part[]

export interface Assignment {
  readonly name: string
  readonly value: Word
  /** `NAME+=…` */
  readonly append: boolean
}

/** A command of a shell script: "Shell Commands" of POSIX (XCU 2.9). */
export type Command =
  | {
      readonly kind: 'simple'
      readonly assignments: readonly Assignment[]
      readonly words: readonly Word[]
    }
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

/** The text of a word that is one plain word, as a keyword or a name is. */
export function plain(word: Word): string | null {
  const [part, ...others] = word
  return part?.kind === 'text' && !part.quoted && others.length === 0 ? part.text : null
}

/** `NAME=value` as one word, where a command may begin with it or `export` may take it. */
export function assignmentOf([first, ...rest]: Word): Assignment | null {
  if (first?.kind !== 'text' || first.quoted) return null
  const [start, name = '', plus] = /^([A-Za-z_]\w*)(\+?)=/.exec(first.text) ?? []
  if (start === undefined) return null
  const value = first.text.slice(start.length)
  return {
    name,
    append: plus === '+',
    value: [...(value === '' ? [] : [{...first, text: value}]), ...rest],
  }
}
