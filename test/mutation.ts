import fc from 'fast-check'

/** What a text is made of that takes a parser out of its way. */
const oddities = [
  ...['', '\0', '\x1b[2J', '\x0c', '\r\n', '\u00a0', '\u2028', '\ufeff', '\ud800', '\u{1f4a5}'],
  ...['"', "'", '`', '\\', '$', '${', '$(', '%(', '%', '{', '}', '[', ']', '<', '>', '(', ')'],
  ...['\n', ' ', '=', ':', ';', ',', '#', '/', '..', '-1', '0', '65536', '1e999', '9'.repeat(30)],
  ...['null', '{}', '[]', '[null]', '""', 'true', '__proto__', 'constructor', 'toString'],
]

interface Edit {
  /** Where, as a part of the text. */
  readonly at: number
  readonly length: number
  readonly times: number
  readonly text: string
}

const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.double({min: 0, max: 1, noNaN: true}),
  length: fc.oneof(fc.nat({max: 6}), fc.nat({max: 200})),
  times: fc.oneof(fc.nat({max: 2}), fc.nat({max: 30})),
  text: fc.oneof(fc.constantFrom(...oddities), fc.string({unit: 'binary', maxLength: 8})),
})

/** What stands there is left out, repeated, or stays; a text is put before it. */
function edited(whole: string, {at, length, times, text}: Edit): string {
  const from = Math.floor(at * whole.length)
  const piece = whole.slice(from, from + length)
  return `${whole.slice(0, from)}${text}${piece.repeat(times)}${whole.slice(from + length)}`
}

/** Texts that are nearly one of these, and a few that are nothing. */
export function nearly(samples: readonly string[]): fc.Arbitrary<string> {
  const near = fc
    .tuple(fc.constantFrom(...samples), fc.array(edit, {minLength: 1, maxLength: 5}))
    .map(([sample, edits]) => edits.reduce(edited, sample))
  return fc.oneof({weight: 6, arbitrary: near}, {weight: 1, arbitrary: fc.string({unit: 'binary'})})
}
