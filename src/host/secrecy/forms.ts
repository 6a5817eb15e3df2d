/** A way in which a secret may be written. */
export interface Form {
  readonly text: string
  /** In base64 a character on each side holds a part of what stands beside the secret. */
  readonly inBase64?: true
}

/** Characters of base64 that are told from other words. */
const shortestBase64 = 10

/**
 * Each once, the commonest first; made only when they are asked for. A key of several lines may be
 * told line by line; its first and its last are those of every key.
 */
export function* formsOf(value: string): Generator<Form> {
  const lines = value
    .split('\n')
    .map(line => line.trim())
    .filter(line => line.length >= 8 && !line.startsWith('-----'))
  const told = [value, ...(value.includes('\n') ? lines : [])]
  const known = new Set<string>()
  const isNew = (text: string): boolean => known.size < known.add(text).size
  for (const each of told) for (const text of written(each)) if (isNew(text)) yield {text}
  for (const text of told.flatMap(inBase64)) if (isNew(text)) yield {text, inBase64: true}
}

function* written(value: string): Generator<string> {
  yield* escaped(value)
  yield* percented(value)
  yield* inHex(value)
}

/** In JSON, a shell, Python's repr of text and of bytes, HTML, systemctl's and journald's C. */
function* escaped(value: string): Generator<string> {
  yield value
  const json = JSON.stringify(value).slice(1, -1)
  yield json
  yield json.replace(/[\u0080-\uffff]/g, unit => `\\u${hexOf(unit.charCodeAt(0), 4)}`)
  yield value.replace(/[\\"$`]/g, '\\$&')
  const single = value.replace(/['\\]/g, '\\$&')
  yield single
  yield bytewise(single, byte => `\\x${hexOf(byte, 2)}`)
  const double = value.replace(/["\\]/g, '\\$&')
  yield bytewise(double, byte => `\\${byte.toString(8).padStart(3, '0')}`)
  yield value.replace(/[&<>"']/g, unit => `&${html[unit]};`)
  yield value.replace(/[&<>"']/g, unit => (unit === "'" ? '&#39;' : `&${html[unit]};`))
}

const html: Readonly<Record<string, string>> = {
  '&': 'amp',
  '<': 'lt',
  '>': 'gt',
  '"': 'quot',
  "'": '#x27',
}

function hexOf(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0')
}

/** What is no ASCII, byte by byte. */
function bytewise(value: string, written: (byte: number) => string): string {
  return value.replace(/[^\x00-\x7f]+/g, text => [...Buffer.from(text)].map(written).join(''))
}

/**
 * As JavaScript, Python's quote() and quote_plus() and others do it: they leave different
 * characters as they are, or none, and their digits may be small.
 */
function percented(value: string): readonly string[] {
  const most = percent(value, /[^A-Za-z0-9_.~-]/g)
  const all = [
    percent(value, /[\s\S]/g),
    most,
    percent(value, /[^A-Za-z0-9_.~!'()*-]/g),
    percent(value, /[^A-Za-z0-9_.~/-]/g),
  ]
  return [...all, ...all.map(text => text.replaceAll('%20', '+'))].flatMap(text => [
    text,
    text.replace(/%[0-9A-F]{2}/g, digits => digits.toLowerCase()),
  ])
}

function percent(value: string, encoded: RegExp): string {
  const bytes = Buffer.from(value).toString('latin1')
  return bytes.replace(encoded, unit => `%${hexOf(unit.charCodeAt(0), 2).toUpperCase()}`)
}

function inHex(value: string): readonly string[] {
  const hex = Buffer.from(value).toString('hex')
  return [hex, hex.toUpperCase()]
}

/**
 * Alone, and within more: three bytes become four characters, so it stands there in one of three
 * ways, of which the characters count that hold nothing of what is beside it.
 */
function inBase64(value: string): readonly string[] {
  const bytes = Buffer.from(value)
  const within = [0, 1, 2].map(before => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64')
    return text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6))
  })
  const told = within.filter(({length}) => length >= shortestBase64)
  const alone = bytes.toString('base64')
  return [alone, ...told].flatMap(text => [text, text.replace(/\+/g, '-').replace(/\//g, '_')])
}
