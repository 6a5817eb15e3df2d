/** What a style sheet or a script refers to, where collectstatic would write a hashed name. */
export interface Reference {
  /** Between the parentheses or quotes; empty for a source map. */
  readonly target: string
  /** What stays of it, whatever it refers to. */
  readonly rest: string
  /** Where it begins and ends in the text. */
  readonly start: number
  readonly end: number
}

const beginnings = {
  css: /(@import\s*)["']|url\(|\/[/*]#[ \t]sourceMappingURL=/gi,
  js: /\/[/*]#[ \t]sourceMappingURL=/g,
}

/**
 * What HashedFilesMixin.patterns (django/contrib/staticfiles/storage.py) match; `@import "…"`
 * becomes `@import url("…")` there, and `data:` stays. The text may have been written to keep us
 * busy: no end of a reference is looked for twice, so that the time grows with the length alone.
 */
export function* referencesIn(text: string, kind: 'css' | 'js'): Generator<Reference> {
  const beginning = new RegExp(beginnings[kind])
  const findEnd = {
    '(': endFinder(text, /[)\n]/g),
    '"': endFinder(text, /["\n]/g),
    "'": endFinder(text, /['\n]/g),
    '=': endFinder(text, /[*\n]/g),
  }
  for (let found = beginning.exec(text); found; found = beginning.exec(text)) {
    const [begun, imported] = found
    const from = beginning.lastIndex
    const opening = begun.at(-1) as keyof typeof findEnd
    const closing = findEnd[opening](from)
    if (opening === '=') {
      yield {target: '', rest: begun.slice(0, 3), start: found.index, end: closing}
      beginning.lastIndex = closing
    } else if (text[closing] === (opening === '(' ? ')' : opening)) {
      beginning.lastIndex = closing + 1
      const target = text.slice(from, closing)
      if (opening === '(' && /^["']?data:/i.test(target)) continue
      const rest = imported === undefined ? 'url()' : '@import url()'
      yield {target, rest, start: found.index, end: closing + 1}
    }
  }
}

/** Finds the next end from a place on, for places that only grow. */
function endFinder(text: string, end: RegExp): (from: number) => number {
  let known = -1
  return from => {
    if (known >= from) return known
    end.lastIndex = from
    known = end.exec(text)?.index ?? text.length
    return known
  }
}
