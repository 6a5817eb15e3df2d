import {mentionedIn, type Secrets} from './secrets.ts'

/**
 * Names that stand in every answer: a password that is one of them cannot be hidden, and hiding it
 * would tell it.
 */
const vocabulary = [
  'localhost',
  'root',
  'postgres',
  'postgresql',
  'nginx',
  'gunicorn',
  'uvicorn',
  'redis',
  'django',
  'systemd',
]

/**
 * Shorter values than this cannot be told from ordinary words in free text; where they are assigned
 * they are veiled.
 */
const shortest = 4

/** What stands for a secret in a recording. */
function isPlaceholder(value: string): boolean {
  return /^redacted-[0-9a-f]{8}$/.test(value)
}

/** Eight hexadecimal digits. */
function randomHex(): string {
  return Math.floor(Math.random() * 2 ** 32)
    .toString(16)
    .padStart(8, '0')
}

/** Remembers the secrets of one run, and replaces each by its placeholder. */
export function createSecrets(): Secrets {
  const placeholders = new Map<string, string>()
  const visible = new Set<string>(vocabulary)
  let replace: ((text: string) => string) | null = null
  const placeholder = (value: string): string => {
    const known = placeholders.get(value)
    if (known) return known
    // It tells nothing of the value, whoever may guess it: node:crypto would cost a sixth of the
    // time to start.
    const made = `redacted-${randomHex()}`
    placeholders.set(value, made)
    replace = null
    return made
  }
  const add = (value: string): void => {
    if (value.trim() !== '') placeholder(value)
  }
  const learn = (text: string): void => {
    for (const value of mentionedIn(text)) add(value)
  }
  const redact = (text: string): string => {
    replace ??= replacerOf(placeholders, visible)
    return replace(text)
  }
  return {
    add,
    learn,
    has: value => placeholders.has(value),
    addPublic(value) {
      visible.add(value)
      replace = null
    },
    placeholder,
    redact,
    conceal(text) {
      learn(text)
      return redact(text)
    },
  }
}

/** No regular expression takes a form of any length. */
const longestInPattern = 1000

/** Replaces every form of these values in one pass, the longest first. */
function replacerOf(
  placeholders: ReadonlyMap<string, string>,
  visible: ReadonlySet<string>,
): (text: string) => string {
  const byForm = new Map<string, string>()
  for (const [value, replacement] of placeholders) {
    if (value.length < shortest || visible.has(value) || isPlaceholder(value)) continue
    for (const form of formsOf(value)) byForm.set(form, replacement)
  }
  if (byForm.size === 0) return text => text
  const forms = [...byForm.keys()].sort((a, b) => b.length - a.length)
  const isLong = (form: string): boolean => form.length > longestInPattern
  const pattern = new RegExp(
    forms
      .filter(form => !isLong(form))
      .map(patternOf)
      .join('|') || '$^',
    'g',
  )
  return text => {
    const without = forms
      .filter(isLong)
      .reduce((left, form) => left.replaceAll(form, byForm.get(form) ?? 'redacted'), text)
    return without.replace(pattern, form => byForm.get(form) ?? 'redacted')
  }
}

function patternOf(form: string): string {
  const literal = form.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  // A word is only replaced where it stands alone: "test" must not mangle "latest".
  return form.length < 8 || /^[a-z]{1,16}$/.test(form)
    ? `(?<![A-Za-z0-9])${literal}(?![A-Za-z0-9])`
    : literal
}

/**
 * A key of several lines may be told line by line; its first and its last are those of every key.
 */
function formsOf(value: string): ReadonlySet<string> {
  const lines = value
    .split('\n')
    .filter(line => line.trim().length >= 8 && !line.startsWith('-----'))
  return new Set([value, ...(value.includes('\n') ? lines : [])].flatMap(escapedForms))
}

/**
 * As it may stand in a URL, in JSON, in systemctl's and journald's C escapes, and in Python's repr.
 */
function escapedForms(value: string): readonly string[] {
  const inUrl = encodeURIComponent(value.toWellFormed())
  return [
    value,
    inUrl,
    // Python's quote() leaves fewer characters than JavaScript.
    inUrl.replace(/[!'()*]/g, unit => `%${unit.charCodeAt(0).toString(16).toUpperCase()}`),
    JSON.stringify(value).slice(1, -1),
    value.replace(/[\\"$`]/g, '\\$&'),
    value.replace(/['\\]/g, '\\$&'),
    Buffer.from(value).toString('base64'),
  ]
}
