/**
 * What can move a terminal's cursor, recolour it, reorder text, or is no text at all: C0 and C1
 * controls, DEL, bidirectional and invisible format controls, line separators, surrogates without
 * their other half.
 */
const unprintable =
  /[\p{Cc}\p{Cs}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff]/gu

const short: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\x1b': '\\e',
}

/**
 * Text from outside as a terminal may be given it: what would act on the terminal is shown as an
 * escape instead.
 */
export function visible(text: string): string {
  return text.replace(unprintable, character => short[character] ?? escaped(character))
}

/**
 * JSON that a terminal may be given, too: the same document, since the escapes can only stand
 * inside its strings.
 */
export function visibleJson(json: string): string {
  return json.replace(unprintable, character =>
    character === '\n' ? character : escaped(character),
  )
}

/** A unit of UTF-16 as JSON, JavaScript and Python escape it. */
export function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
