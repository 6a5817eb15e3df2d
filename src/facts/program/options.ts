/** A command line as argparse and click read it. */
export interface Options {
  /** Every value of an option, by any of its names, in their order. */
  readonly all: (...names: readonly string[]) => readonly string[]
  /** The last one counts. */
  readonly last: (...names: readonly string[]) => string | undefined
  readonly has: (...names: readonly string[]) => boolean
  readonly positionals: readonly string[]
}

/** Reads words; any option but a flag takes a value, the next word where none is attached. */
export function readOptions(words: readonly string[], flags: ReadonlySet<string>): Options {
  const found: (readonly [string, string | null])[] = []
  const positionals: string[] = []
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? ''
    if (word === '--') {
      positionals.push(...words.slice(at + 1))
      break
    }
    if (!/^-./.test(word)) {
      positionals.push(word)
      continue
    }
    const equals = word.indexOf('=')
    const isLong = word.startsWith('--')
    if (isLong && equals > 0) found.push([word.slice(0, equals), word.slice(equals + 1)])
    else if (flags.has(word) || (isLong && word.startsWith('--no-'))) found.push([word, null])
    else if (!isLong && word.length > 2) {
      const short = word.slice(0, 2)
      found.push(flags.has(short) ? [short, null] : [short, word.slice(2).replace(/^=/, '')])
    } else {
      at += 1
      found.push([word, words[at] ?? null])
    }
  }
  const all = (...names: readonly string[]): readonly string[] =>
    found.flatMap(([name, value]) => (names.includes(name) && value !== null ? [value] : []))
  return {
    all,
    last: (...names) => all(...names).at(-1),
    has: (...names) => found.some(([name]) => names.includes(name)),
    positionals,
  }
}

/** `NAME=value` as the entry of a map; any other word gives none. */
export function assignment(text: string): readonly (readonly [string, string])[] {
  const equals = text.indexOf('=')
  return equals > 0 ? [[text.slice(0, equals), text.slice(equals + 1)]] : []
}
