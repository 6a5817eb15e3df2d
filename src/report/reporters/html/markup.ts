/** Markup that may stand in a page as it is: only {@link html} makes it. */
export interface Html {
  readonly markup: string
}

/** What may stand in a template: text is escaped, markup nests, nothing leaves nothing. */
export type Content = string | number | Html | null | readonly Content[]

/**
 * Markup with its values escaped, for element content and for attributes in double quotes. Never
 * put a value into an unquoted attribute, a style, a script, or the start of a URL: no escaping
 * helps there.
 *
 * The indentation of the template itself goes, and so does a line whose value is empty: a page is
 * read in its golden files. Values keep every space: they may have to be copied.
 */
export function html(template: TemplateStringsArray, ...values: readonly Content[]): Html {
  const literals = template.map(literal => literal.replace(/\n\s*/g, '\n'))
  let markup = literals[0]?.replace(/^\n/, '') ?? ''
  for (const [at, value] of values.entries()) {
    const text = markupOf(value)
    const literal = literals[at + 1] ?? ''
    const isEmptyLine =
      text === '' && (markup === '' || markup.endsWith('\n')) && literal.startsWith('\n')
    markup += isEmptyLine ? literal.slice(1) : text + literal
  }
  return {markup: literals.at(-1)?.endsWith('\n') ? markup.slice(0, -1) : markup}
}

/** Text of this program's own that is markup already: a style sheet, a script. */
export function trusted(markup: string): Html {
  return {markup}
}

function markupOf(value: Content): string {
  if (value === null) return ''
  if (typeof value === 'string') return escapeHtml(value)
  if (typeof value === 'number') return String(value)
  if (isHtml(value)) return value.markup
  return value
    .map(markupOf)
    .filter(each => each !== '')
    .join('\n')
}

function isHtml(value: Html | readonly Content[]): value is Html {
  return 'markup' in value
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, character => entities[character] ?? '')
}
