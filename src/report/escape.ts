/**
 * What can move a terminal's cursor, recolour it, reorder text, or is no text at all: C0 and C1 controls, DEL, bidirectional
 * and invisible format controls, line separators, surrogates without their other half.
 */
const unprintable = /[\p{Cc}\p{Cs}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu

const short: Readonly<Record<string, string>> = {'\n': '\\n', '\r': '\\r', '\t': '\\t', '\x1b': '\\e'}

/** Text from outside as a terminal may be given it: what would act on the terminal is shown as an escape instead. */
export function visible(text: string): string {
  return text.replace(unprintable, character => short[character] ?? escaped(character))
}

/** JSON that a terminal may be given, too: the same document, since the escapes can only stand inside its strings. */
export function visibleJson(json: string): string {
  return json.replace(unprintable, character => (character === '\n' ? character : escaped(character)))
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** Fields that hold several lines on purpose. */
const multiline = new Set(['evidence', 'nix', 'shell'])

/** Every string of a report, made visible; the lines of evidence, Nix and commands stay lines. */
export function visibleReport<T>(value: T, field = ''): T {
  if (typeof value === 'string') {
    const lines = multiline.has(field) ? value.split('\n') : [value.replace(/\s*\n\s*/g, ' ')]
    return lines.map(visible).join('\n') as T
  }
  if (Array.isArray(value)) return value.map(item => visibleReport(item, field)) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, visibleReport(item, key)])) as T
}
