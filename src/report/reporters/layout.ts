/**
 * Text in lines of at most `width` columns. A word that is longer stands alone and unbroken: it may
 * have to be copied.
 */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/).filter(part => part !== '')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return line === '' ? lines : [...lines, line]
}

/**
 * Parts of one line in as few lines as hold them. It breaks between two parts, where the separator
 * then goes, and inside a part only where that alone is too wide.
 */
export function wrapParts(
  parts: readonly string[],
  separator: string,
  width: number,
): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const part of parts) {
    const longer = line === '' ? part : `${line}${separator}${part}`
    if (longer.length <= width) line = longer
    else {
      const [last = '', ...before] = wrap(part, width).toReversed()
      lines.push(...(line === '' ? [] : [line]), ...before.toReversed())
      line = last
    }
  }
  return line === '' ? lines : [...lines, line]
}

/** Lines below one another, each moved right. */
export function indented(lines: readonly string[], columns: number): readonly string[] {
  return lines.map(line => (line === '' ? '' : ' '.repeat(columns) + line))
}

/** Text and how it stands out; painted after it is measured. */
export interface Painted {
  readonly text: string
  /** Before its first line; the others are moved right by as much. */
  readonly bullet?: string
  readonly paint?: (text: string) => string
}

const asItIs = (text: string): string => text

/** Texts below one another, in lines of at most `width` columns. */
export function wrapped(texts: readonly Painted[], width: number): readonly string[] {
  return texts.flatMap(({text, bullet = '', paint = asItIs}) =>
    wrap(text, width - bullet.length).map((line, index) =>
      paint(`${index === 0 ? bullet : ' '.repeat(bullet.length)}${line}`),
    ),
  )
}

/**
 * A label and beside it a column of wrapped text; below it where what is left beside it would be
 * too narrow to read.
 */
export function beside(
  label: Painted,
  column: number,
  texts: readonly Painted[],
  width: number,
): readonly string[] {
  if (width - column < 36) return under(label, texts, width)
  const [first = '', ...rest] = wrapped(texts, width - column)
  const head = (label.paint ?? asItIs)(label.text)
  return [
    `${head}${' '.repeat(Math.max(1, column - label.text.length))}${first}`,
    ...indented(rest, column),
  ]
}

/** A label, and below it what belongs to it. */
export function under(
  {text, paint = asItIs}: Painted,
  texts: readonly Painted[],
  width: number,
): readonly string[] {
  return [paint(text), ...indented(wrapped(texts, width - 4), 4)]
}
