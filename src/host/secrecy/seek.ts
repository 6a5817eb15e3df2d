import {type Automaton, createAutomaton, type PassOver} from './automaton.ts'
import {formsOf} from './forms.ts'
import {isMixed} from './names.ts'

/**
 * Shorter values than this cannot be told from ordinary words in free text; where they are assigned
 * they are veiled.
 */
const shortest = 4

/** What stands for a secret in a recording. */
export function isPlaceholder(value: string): boolean {
  return /^redacted-[0-9a-f]{8}$/.test(value)
}

/** A piece of a text that is to be replaced; no two of a text have a character in common. */
interface Span {
  readonly start: number
  readonly end: number
  readonly placeholder: string
}

/** Where secrets stand in a text. */
export type Seek = (text: string) => readonly Span[]

/** A secret in one of its forms. */
interface Word {
  readonly text: string
  /** White space that it begins with. */
  readonly before: string
  /** White space that it ends with. */
  readonly behind: string
  /** Without any. */
  readonly squeezed: string
  readonly placeholder: string
  /** An ordinary word, or a short one, counts only where it stands alone and whole. */
  readonly alone: boolean
  /** A part of it is recognised where a line was cut. */
  readonly inParts: boolean
  readonly inBase64: boolean
}

function* wordsOf(value: string, placeholder: string): Generator<Word> {
  const inParts = value.length >= 12 && isMixed(value) && !/:\/\/|^\/|\s/.test(value)
  for (const {text, inBase64 = false} of formsOf(value)) {
    const squeezed = text.replace(/\s+/g, '')
    const [before = ''] = /^\s+/.exec(text) ?? []
    const behind = text.slice(text.trimEnd().length)
    const alone = text.length < 8 || /^[a-z]{1,16}$/.test(text)
    yield {text, before, behind, squeezed, placeholder, alone, inParts, inBase64}
  }
}

/** Characters of all words that are sought at once: of more, the rarer forms are not sought. */
const mostCharacters = 1_000_000

/** A file of this length is one secret at most, and is sought as it is. */
const longest = 10_000

/** Finds every form of these values. */
export function seekerOf(
  placeholders: ReadonlyMap<string, string>,
  visible: ReadonlySet<string>,
): Seek {
  const values = [...placeholders].filter(
    ([value]) => value.length >= shortest && !visible.has(value) && !isPlaceholder(value),
  )
  const long = values.filter(([value]) => value.length > longest)
  const words = chosen(
    values.filter(([value]) => value.length <= longest).map(each => wordsOf(...each)),
  )
  if (values.length === 0) return () => []
  const automaton = createAutomaton(words.map(({squeezed}) => squeezed))
  return text => {
    const spans = [...spansIn(text, words, automaton, 'space'), ...spansOfLong(text, long)]
    if (!/\\[nrt]/.test(text)) return merged(spans)
    return merged([...spans, ...spansIn(text, words, automaton, 'space and escapes')])
  }
}

/**
 * The words that are sought: of each secret the commonest forms first. Of those that begin alike,
 * the one comes first whose parts are recognised.
 */
function chosen(forms: readonly Iterator<Word>[]): readonly Word[] {
  const words: Word[] = []
  let left = mostCharacters
  for (let open = forms; open.length > 0 && left > 0; )
    open = open.filter(form => {
      const {done, value: word} = form.next()
      if (done || left <= 0) return false
      left -= word.squeezed.length
      if (left > 0) words.push(word)
      return true
    })
  return words.sort((a, b) => Number(b.inParts) - Number(a.inParts))
}

function spansOfLong(text: string, long: readonly (readonly [string, string])[]): readonly Span[] {
  return long.flatMap(([value, placeholder]) => {
    const spans: Span[] = []
    for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + value.length))
      spans.push({start: at, end: at + value.length, placeholder})
    return spans
  })
}

function spansIn(
  text: string,
  words: readonly Word[],
  automaton: Automaton,
  passOver: PassOver,
): readonly Span[] {
  const spans: Span[] = []
  automaton.scan(text, passOver, {
    found(index, start, end) {
      const word = words[index]
      const span = word && spanOf(word, text, start, end)
      if (span) spans.push(span)
      return Boolean(span)
    },
    broken(index, start, end) {
      const word = words[index]
      if (word?.inParts && isMixed(text.slice(start, Math.min(end, start + 64))))
        spans.push({start, end, placeholder: word.placeholder})
    },
  })
  return spans
}

/** Where the secret stands; null where other words only read like it. */
function spanOf(
  {text: form, before, behind, squeezed, placeholder, alone, inBase64}: Word,
  text: string,
  start: number,
  end: number,
): Span | null {
  if (inBase64 && !alone) return {...withNeighbours(text, start, end), placeholder}
  const from = text.startsWith(before, start - before.length) ? start - before.length : start
  // A long one may be wrapped anywhere: to compare it again at each place would take too long.
  if (!alone && squeezed.length >= 12) {
    const to = text.startsWith(behind, end) ? end + behind.length : end
    return {start: from, end: to, placeholder}
  }
  const to = from + form.length
  if (to >= end && text.startsWith(form, from)) {
    const stands = !alone || !/[A-Za-z0-9]/.test(`${text[from - 1] ?? ''}${text[to] ?? ''}`)
    return stands ? {start: from, end: to, placeholder} : null
  }
  const isWrapped = /[\r\n]|\\[nrt]/.test(text.slice(start, end))
  return !alone && squeezed.length >= 8 && isWrapped ? {start, end, placeholder} : null
}

function withNeighbours(text: string, start: number, end: number): Pick<Span, 'start' | 'end'> {
  const isOfIt = (unit = ''): boolean => /^[A-Za-z0-9+/_-]$/.test(unit)
  const from = isOfIt(text[start - 1]) ? start - 1 : start
  let to = isOfIt(text[end]) ? end + 1 : end
  while (text[to] === '=' && to < end + 3) to += 1
  return {start: from, end: to}
}

/** What overlaps is one; the first says what stands for it. */
function merged(spans: readonly Span[]): readonly Span[] {
  const sorted = [...spans].sort((a, b) => a.start - b.start || b.end - a.end)
  const apart: Span[] = []
  for (const span of sorted) {
    const last = apart.at(-1)
    if (!last || span.start >= last.end) apart.push(span)
    else if (span.end > last.end) apart[apart.length - 1] = {...last, end: span.end}
  }
  return apart
}

/** The parts without the spans of what they make when joined by line breaks. */
export function replaced(parts: readonly string[], spans: readonly Span[]): readonly string[] {
  if (spans.length === 0) return parts
  let next = 0
  let base = 0
  return parts.map(part => {
    const end = base + part.length
    const kept: string[] = []
    let at = base
    for (; next < spans.length; next += 1) {
      const span = spans[next]
      if (!span || span.start >= end) break
      if (span.start >= base) kept.push(part.slice(at - base, span.start - base), span.placeholder)
      at = Math.min(span.end, end)
      // The rest of it stands in the next part.
      if (span.end > end) break
    }
    kept.push(part.slice(at - base))
    base = end + 1
    return kept.join('')
  })
}
