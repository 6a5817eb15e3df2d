/** Strings, comments, brackets, ends of lines and dates: enough to tell statements apart. */
const token =
  /"""(?:\\[\s\S]|[^\\])*?"{3,5}(?!")|'''[\s\S]*?'{3,5}(?!')|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|#[^\n]*|[[\]{}\n]|\d{4}-\d\d-\d\d/g

/** A whole date as it stands in the file; what holds the place of a day there may be none. */
export interface WrittenDay {
  readonly text: string
  /** Counted from 1. */
  readonly line: number
}

/** A text that was parsed as TOML, by its statements. */
export interface Statements {
  /** The numbers of lines after which a statement has ended, in their order, beginning with 0. */
  readonly ends: readonly number[]
  readonly days: readonly WrittenDay[]
}

export function statementsIn(text: string): Statements {
  const ends = [0]
  const days: WrittenDay[] = []
  let line = 1
  let depth = 0
  for (const [found] of text.matchAll(token)) {
    if (/^\d/.test(found)) days.push({text: found, line})
    else if (found === '[' || found === '{') depth += 1
    else if (found === ']' || found === '}') depth -= 1
    else if (found === '\n') {
      if (depth === 0) ends.push(line)
      line += 1
    } else line += found.split('\n').length - 1
  }
  return {ends: [...ends, line], days}
}

/**
 * The line on which what `keys` name begins, counted from 1: that of the statement without which
 * the text does not hold it. Where it is missing, the line of the table that should hold it.
 */
export function lineOf(
  text: string,
  keys: readonly string[],
  parse: (text: string) => unknown,
): number {
  const lines = text.split('\n')
  const {ends} = statementsIn(text)
  // What is held once is held by all that goes on from there.
  let [without, held] = [0, ends.length - 1]
  if (!holds(parse(text), keys)) return lineOf(text, keys.slice(0, -1), parse)
  while (held - without > 1) {
    const middle = Math.floor((without + held) / 2)
    const before = `${lines.slice(0, ends[middle]).join('\n')}\n`
    if (holds(parsed(before, parse), keys)) held = middle
    else without = middle
  }
  return (ends[without] ?? 0) + 1
}

/** Null is a beginning that is none by itself. */
function parsed(text: string, parse: (text: string) => unknown): unknown {
  try {
    return parse(text)
  } catch {
    return null
  }
}

function holds(value: unknown, [key, ...rest]: readonly string[]): boolean {
  if (key === undefined) return true
  return (
    typeof value === 'object' &&
    value !== null &&
    key in value &&
    holds(value[key as keyof typeof value], rest)
  )
}
