import {isObject, type Json, type JsonObject} from './json.ts'

/**
 * Lines of a text, and what the kernel separates by NUL; the separator is the name of the only
 * member.
 */
const separators = ['\n', '\0']

/**
 * A text that is shorter is read as well in one line; so is a title, behind which the kernel leaves
 * NULs.
 */
const isPlain = (text: string): boolean => text.length <= 400 || text.endsWith('\0\0\0')

/** Every text of several lines, as deep as it goes. */
export function packTexts(value: Json): Json {
  if (typeof value === 'string') {
    const separator = isPlain(value)
      ? undefined
      : separators.findLast(each => value.slice(0, -1).includes(each))
    return separator === undefined ? value : {[separator]: value.split(separator)}
  }
  if (Array.isArray(value)) return value.map(packTexts)
  return isObject(value) ? mapMembers(value, packTexts) : value
}

export function unpackTexts(value: Json): Json {
  if (Array.isArray(value)) return value.map(unpackTexts)
  if (!isObject(value)) return value
  const [[name, content] = [], ...others] = Object.entries(value)
  if (
    name !== undefined &&
    others.length === 0 &&
    separators.includes(name) &&
    Array.isArray(content)
  )
    return content.join(name)
  return mapMembers(value, unpackTexts)
}

export function mapMembers(value: JsonObject, change: (item: Json) => Json): JsonObject {
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, change(item)]))
}
