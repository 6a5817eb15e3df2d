export type Json = null | boolean | number | string | readonly Json[] | JsonObject

export interface JsonObject {
  readonly [name: string]: Json
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Columns that a value may take, wherever it stands: what fits is one line of a difference. */
const width = 160

/** JSON of which a person reads the differences: what fits into a line stands in one. */
export function formatJson(value: Json, indent = ''): string {
  const line = inOneLine(value)
  if (line.length <= width || typeof value !== 'object' || value === null) return line
  const deeper = `${indent} `
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  return `${open}\n${membersOf(value, deeper)
    .map(member => deeper + member)
    .join(',\n')}\n${indent}${close}`
}

function membersOf(value: readonly Json[] | JsonObject, indent: string): readonly string[] {
  if (isObject(value)) {
    const members = Object.entries(value).map(
      ([name, item]) => `${JSON.stringify(name)}: ${formatJson(item, indent)}`,
    )
    return filled(members, member => member.length <= 50 && !/[[{]/.test(member))
  }
  const items = value.map(item => formatJson(item, indent))
  // What has blanks is a line of a text.
  return value.every(item => typeof item === 'string' && /^\S*$/.test(item))
    ? filled(items, () => true)
    : items
}

/** Several to a line, where they are short. */
function filled(items: readonly string[], isShort: (item: string) => boolean): readonly string[] {
  const lines: string[] = []
  let room = 0
  for (const item of items) {
    const needed = item.length + 2
    if (isShort(item) && needed <= room) {
      lines.push(`${lines.pop()}, ${item}`)
      room -= needed
    } else {
      lines.push(item)
      room = isShort(item) ? width - item.length : 0
    }
  }
  return lines
}

function inOneLine(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(inOneLine).join(', ')}]`
  if (!isObject(value)) return JSON.stringify(value)
  const members = Object.entries(value).map(
    ([name, item]) => `${JSON.stringify(name)}: ${inOneLine(item)}`,
  )
  return `{${members.join(', ')}}`
}
