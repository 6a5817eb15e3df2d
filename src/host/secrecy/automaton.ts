/**
 * Many words sought in one text at once (Aho and Corasick, 1975): each character is read once,
 * however many words there are and whatever they have in common, so that no text and no secret of
 * somebody hostile makes it slow. White space in the text is passed over: a word may be wrapped.
 */
export interface Automaton {
  /**
   * Calls `found` for what ends behind each character, the longest first, until it says that it
   * took one; `broken` where white space or an ellipsis follows, with what may be the beginning of
   * a word that was cut there.
   */
  scan(text: string, passOver: PassOver, visitor: Visitor): void
}

interface Visitor {
  /** @param start Where the word begins in the text. @param end Behind its last character. */
  found(word: number, start: number, end: number): boolean
  broken(word: number, start: number, end: number): void
}

/** Whether escapes like `\n` are passed over as white space is. */
export type PassOver = 'space' | 'space and escapes'

/** White space between two parts of a word: an indentation at most. */
const widestGap = 200

/** Parts of a word are told from other words by so many characters. */
const shortestPart = 8

/** @param words Without white space, none of them empty. */
export function createAutomaton(words: readonly string[]): Automaton {
  const {ends, shorter, depths, some, step} = grown(words)
  // As many places of the text as the longest word has characters.
  const ring = new Int32Array(
    powerAbove(words.reduce((most, {length}) => Math.max(most, length), 1)),
  )
  const mask = ring.length - 1
  return {
    scan(text, passOver, visitor) {
      let node = 0
      let read = 0
      let gap = 0
      const startOf = (length: number): number => ring[(read - length) & mask] ?? 0
      const breakAt = (end: number): void => {
        const depth = depths[node] ?? 0
        if (depth >= shortestPart) visitor.broken(some[node] ?? 0, startOf(depth), end)
      }
      for (let at = 0; at < text.length; at += 1) {
        const unit = text.charCodeAt(at)
        const wide = gapAt(text, at, unit, passOver)
        if (wide > 0) {
          if (gap === 0) breakAt(at)
          gap += wide
          at += wide - 1
          if (gap > widestGap) node = 0
          continue
        }
        if (unit === ellipsis || (unit === dot && text.startsWith('...', at))) breakAt(at)
        gap = 0
        ring[read & mask] = at
        read += 1
        node = step(node, unit)
        for (let end = ends[node] ? node : (shorter[node] ?? 0); end; end = shorter[end] ?? 0) {
          if (visitor.found((ends[end] ?? 0) - 1, startOf(depths[end] ?? 0), at + 1)) break
        }
      }
      breakAt(text.length)
    },
  }
}

const ellipsis = 0x2026
const dot = 0x2e
const backslash = 0x5c

/** How many units from here on are white space, 0 or more. */
function gapAt(text: string, at: number, unit: number, passOver: PassOver): number {
  if (unit === 32 || (unit >= 9 && unit <= 13)) return 1
  if (passOver === 'space' || unit !== backslash) return 0
  const next = text[at + 1]
  return next === 'n' || next === 'r' || next === 't' ? 2 : 0
}

interface Trie {
  /** One more than the word that ends here; 0 for none. */
  readonly ends: Int32Array
  /** The longest other word that ends here as well; 0 for none. */
  readonly shorter: Int32Array
  readonly depths: Int32Array
  /** One of the words that pass here. */
  readonly some: Int32Array
  step(node: number, unit: number): number
}

function grown(words: readonly string[]): Trie {
  const most = words.reduce((sum, {length}) => sum + length, 1)
  const [ends, depths, some, parents] = [0, 1, 2, 3].map(() => new Int32Array(most)) as [
    Int32Array,
    Int32Array,
    Int32Array,
    Int32Array,
  ]
  const units = new Uint16Array(most)
  const edges = createEdges(most)
  let nodes = 1
  for (const [index, word] of words.entries()) {
    let node = 0
    for (let at = 0; at < word.length; at += 1) {
      const unit = word.charCodeAt(at)
      let next = edges.get(node, unit)
      if (next === 0) {
        next = nodes
        nodes += 1
        edges.set(node, unit, next)
        depths[next] = at + 1
        parents[next] = node
        units[next] = unit
        some[next] = index
      }
      node = next
    }
    ends[node] = index + 1
  }
  // What remains known when a character does not fit: the longest end that begins a word.
  const fails = new Int32Array(nodes)
  const shorter = new Int32Array(nodes)
  const step = (from: number, unit: number): number => {
    for (let node = from; ; node = fails[node] ?? 0) {
      const next = edges.get(node, unit)
      if (next !== 0 || node === 0) return next
    }
  }
  for (const node of byDepth(depths, nodes)) {
    const parent = parents[node] ?? 0
    const fail = parent === 0 ? 0 : step(fails[parent] ?? 0, units[node] ?? 0)
    fails[node] = fail
    shorter[node] = ends[fail] ? fail : (shorter[fail] ?? 0)
  }
  return {ends, shorter, depths, some, step}
}

/** Every node but the root, those near it first. */
function byDepth(depths: Int32Array, nodes: number): Uint32Array {
  return Uint32Array.from({length: nodes - 1}, (_, index) => index + 1).sort(
    (a, b) => (depths[a] ?? 0) - (depths[b] ?? 0),
  )
}

interface Edges {
  /** 0 where there is none: nothing leads to the root. */
  get(node: number, unit: number): number
  set(node: number, unit: number, next: number): void
}

/** A Map of Maps would take a hundred times the memory of this, and longer to fill. */
function createEdges(most: number): Edges {
  const size = powerAbove(most * 2)
  const from = new Int32Array(size)
  const by = new Uint16Array(size)
  const to = new Int32Array(size)
  const placeOf = (node: number, unit: number): number => {
    let place = Math.imul(Math.imul(node, 0x9e3779b1) ^ Math.imul(unit, 0x85ebca6b), 0xc2b2ae35)
    for (place >>>= 7; ; place += 1) {
      place &= size - 1
      if (to[place] === 0 || (from[place] === node && by[place] === unit)) return place
    }
  }
  return {
    get: (node, unit) => to[placeOf(node, unit)] ?? 0,
    set(node, unit, next) {
      const place = placeOf(node, unit)
      from[place] = node
      by[place] = unit
      to[place] = next
    },
  }
}

function powerAbove(count: number): number {
  return 2 ** Math.ceil(Math.log2(count + 1))
}
