const quote = String.raw`[bru]{0,2}\\*["']`

/**
 * What stands between a name and what it is given: `=`, `:`, `=>`, also with the beginning of a
 * list or of a parenthesis over several lines; `)=(` as PostgreSQL tells the value of a key; the
 * name of the member beside it, as in `- name: X` above `value: …`; a comma; or white space behind
 * an option, in SQL, and in the configurations of fronts.
 */
const between = [
  String.raw`=(?<opened>[([]\s{0,80}(?=${quote}))?`,
  String.raw`(?<colon>[ \t]*(?::=|=>|[:=])[ \t]*(?:(?<within>\(\s{0,80}|\[\s{1,80})(?=${quote})|\[)?)`,
  String.raw`\)=\(`,
  String.raw`(?<member>,?\s{1,40}(?:\\*["'])?value(?:\\*["'])?[ \t]*[:=][ \t]*)`,
  String.raw`(?<comma>[ \t]*,\s{0,80}(?:default[ \t]*=[ \t]*)?(?=${quote}))`,
  String.raw`(?<blank>["']?[ \t\0]+)`,
]

/**
 * To the end of the quotes, which an escaped quote is not, nor one that is doubled, as in SQL. In
 * text that is quoted itself every backslash of the inner text is doubled as well.
 */
const quoted = (() => {
  const pair = String.raw`\k<depth>\\\k<depth>[^\n]`
  const unit = String.raw`\k<quote>\k<quote>|(?!\k<quote>)(?:${pair}|(?!${pair})[^\n])`
  const whole = String.raw`(?:${unit}){0,4096}(?=\k<quote>)|(?:(?!\k<quote>)[^\n]){0,4096}`
  return String.raw`[bru]{0,2}(?<quote>(?<depth>\\*)["'])(?<quoted>${whole})\k<quote>`
})()

const plain = String.raw`(?<plain>(?:(?!\\[nrt])[^\s"'\`,;)}\]&<>\0]){1,4096})`

/** What follows a name. */
export interface Given {
  /** What was found: `quoted` or `plain`, and what stands before it. */
  readonly found: Readonly<Record<string, string | undefined>>
  /** Behind it. */
  readonly end: number
}

/** A name may be quoted, also within text that is quoted itself. */
const given = new RegExp(
  String.raw`(?:\\*["'])?\]?(?:${between.join('|')})(?:${quoted}|${plain})`,
  'y',
)

/** What stands behind a name that ends at this place, if it is given something in any notation. */
export function givenAt(text: string, place: number): Given | null {
  given.lastIndex = place
  const found = given.exec(text)?.groups
  return found ? {found, end: given.lastIndex} : null
}
