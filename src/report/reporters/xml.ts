import {escaped} from '../escape.ts'

/** An element of XML: attributes that are undefined are left out. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number | undefined>>,
  content: readonly string[] = [],
): string {
  const given = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${escapeAttribute(String(value))}"`],
  )
  const start = `<${name}${given.join('')}`
  return content.length === 0 ? `${start}/>` : `${start}>${content.join('')}</${name}>`
}

/** The content of an element; its line breaks stay. */
export function escapeXml(text: string): string {
  return charactersOf(text).replace(/[&<>\r]/g, reference)
}

/** The value of an attribute, where a reader would make a space of a line break. */
function escapeAttribute(text: string): string {
  return charactersOf(text).replace(/[&<>"\t\n\r]/g, reference)
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
}

function reference(character: string): string {
  return entities[character] ?? `&#${character.charCodeAt(0)};`
}

/**
 * What XML 1.0 cannot hold, not even as a reference (production 2, Char), is shown as an escape.
 */
function charactersOf(text: string): string {
  return text.replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, escaped)
}
