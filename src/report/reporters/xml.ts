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

/**
 * The content of an element; its line breaks stay. What XML cannot hold at all, such as most control
 * characters, is gone from what a reporter is given (escape.ts).
 */
export function escapeXml(text: string): string {
  return text.replace(/[&<>\r]/g, reference)
}

/** The value of an attribute, where a reader would make a space of a line break. */
function escapeAttribute(text: string): string {
  return text.replace(/[&<>"\t\n\r]/g, reference)
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
