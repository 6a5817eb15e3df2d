/** Values that no output, log, argv, recording or error may hold, and their placeholders. */
export interface Secrets {
  add(value: string): void
  has(value: string): boolean
  /** Names that are shown on purpose; a secret that equals one is not replaced, since it would tell which it is. */
  addPublic(value: string): void
  /**
   * Takes note of what a text tells by itself: passwords in URLs, and values of names that speak
   * of a secret. What comes from the machine word by word (evidence, a recording) may hold secrets
   * that no environment names.
   */
  learn(text: string): void
  /** The placeholder of a value: the same for the same value in one run, different in the next. */
  placeholder(value: string): string
  /** Replaces what is known. It does not recognise a part of a secret: redact first, then shorten. */
  redact(text: string): string
  /** Learns from a text that stands alone, such as a line on stderr, and redacts it. */
  conceal(text: string): string
}

/** Names of variables whose values are shown: they say where things are and never who may enter. */
const publicName =
  /^(?:(?:POSTGRES|DB|DATABASE)_(?:USER|USERNAME|DB|NAME|HOST|PORT|ENGINE)|PG(?:USER|HOST|HOSTADDR|PORT|DATABASE|SSLMODE)|USE_POSTGRES|DEBUG|ALLOWED_HOSTS|CSRF_TRUSTED_ORIGINS|(?:STATIC|MEDIA)_(?:ROOT|URL)|SITE_NAME|DJANGO_SETTINGS_MODULE|GUNICORN_\w+|UVICORN_\w+|EMAIL_(?:HOST|PORT|USE_TLS|USE_SSL|BACKEND)|PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|TZ|TZDIR|LOCALE_ARCHIVE|PYTHON\w+|INVOCATION_ID|JOURNAL_STREAM|SYSTEMD_EXEC_PID|NOTIFY_SOCKET|MEMORY_PRESSURE_\w+|PWD|SHLVL|_|\w+_(?:DIRECTORY|DIR|FILE|PATH))$/

const secretName = /(?:SECRET|PASS(?:WD|WORD|PHRASE)?$|PASSWORD|TOKEN|_KEY$|APIKEY|CREDENTIAL|PRIVATE|SALT|DSN)/i

/** As Python's urllib reads it: what stands before the last "@" of the authority, and after its first ":". */
const urlWithPassword = /^([a-z][a-z0-9+.-]*:\/\/[^:/?#@\s]*:)([^/?#\s]+)(@.*)$/is

/** One whose password has a "/", "?" or "#" as it is: whoever reads it finds pieces of it in other places. */
const urlInPieces = /^[a-z][a-z0-9+.-]*:\/\/[^:/?#@\s]*:(.+)@/is

/** The same anywhere in a text; no scheme is longer, and a text of dots and letters would be read again from each. */
const passwordInUrl = /\b[a-z][a-z0-9+.-]{0,30}:\/\/[^:/?#@\s"']*:([^/?#\s"']+)@/gi

/** An assignment anywhere in a text: of a program's arguments, of a script, of a connection string. */
const assignmentInText = /(?<![\w$])(\w+)=("[^"\n]*"|'[^'\n]*'|[^\s"';,)]+)/g

/** A header that nginx adds for the application. */
const headerInText = /\b(?:proxy_set_header|[a-z]+_param)\s+"?([\w-]+)"?\s+("[^"\n]*"|'[^'\n]*'|[^\s;"']+)\s*;/g

/** Settings of a unit that only sound like secrets: the sandbox, and files with credentials. */
const systemdName =
  /^(?:Private(?:BPF|Devices|IPC|Mounts|Network|PIDs|Tmp|Users)|(?:Load|Import)Credential(?:Encrypted)?)$/

/** Names that stand in every answer: a password that is one of them cannot be hidden, and hiding it would tell it. */
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

/** In a secrets file everything is secret but the names known to be harmless. */
export function isSecretInFile(name: string): boolean {
  return !publicName.test(name)
}

/** In a unit or a process only what its name gives away, and every password inside a URL. */
export function isSecretElsewhere(name: string): boolean {
  return !publicName.test(name) && secretName.test(name)
}

/** Registers what is secret in an assignment and returns nothing: the value itself is for the caller to use. */
export function addAssignment(secrets: Secrets, name: string, value: string, secret: boolean): void {
  const url = urlWithPassword.exec(value)
  const pieces = url ? null : urlInPieces.exec(value)?.[1]
  if (url?.[2]) {
    secrets.add(url[2])
    secrets.add(decoded(url[2]))
  } else if (pieces) {
    for (const piece of [value, pieces, ...pieces.split(/[/?#@]/)]) secrets.add(piece)
  } else if (secret) secrets.add(value)
  else if (publicName.test(name)) secrets.addPublic(value)
}

/** Registers a name that is shown on purpose, and the words that it is made of. */
export function addPublicWords(secrets: Secrets, name: string): void {
  for (const part of [name, ...name.split('/'), ...name.split(/\W+/)]) secrets.addPublic(part)
}

/** The secrets that a text tells by itself. */
function* mentionedIn(text: string): Iterable<string> {
  for (const [, password = ''] of text.matchAll(passwordInUrl)) yield password
  for (const [, name = '', value = ''] of text.matchAll(assignmentInText)) yield* namedSecret(name, value)
  for (const [, name = '', value = ''] of text.matchAll(headerInText))
    yield* namedSecret(name.replaceAll('-', '_'), value)
}

function namedSecret(name: string, quoted: string): readonly string[] {
  const value = quoted.replace(/^(["'])(.*)\1$/, '$2')
  // A variable, what only stands for a value, and a switch.
  if (/^[$<%{*]|^redacted-|[…([]|^(?:yes|no|true|false)$/.test(value)) return []
  if (systemdName.test(name)) return []
  return isSecretElsewhere(name) || /^authorization$/i.test(name) ? [value] : []
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The value of an assignment as a recording may hold it: a URL keeps its shape. */
export function veiled(secrets: Secrets, value: string): string {
  const url = urlWithPassword.exec(value)
  return url?.[2] ? `${url[1]}${secrets.placeholder(url[2])}${url[3]}` : secrets.placeholder(value)
}

/** Shorter values than this cannot be told from ordinary words in free text; where they are assigned they are veiled. */
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

export function createSecrets(): Secrets {
  const placeholders = new Map<string, string>()
  const visible = new Set<string>(vocabulary)
  let pattern: RegExp | null = null
  const placeholder = (value: string): string => {
    const known = placeholders.get(value)
    if (known) return known
    // It tells nothing of the value, whoever may guess it: node:crypto would cost a sixth of the time to start.
    const made = `redacted-${randomHex()}`
    placeholders.set(value, made)
    pattern = null
    return made
  }
  /** As it may stand in a URL, in JSON, in systemctl's and journald's C escapes, and in Python's repr. */
  const formsOf = (value: string): string[] => {
    const escaped = JSON.stringify(value).slice(1, -1)
    const shell = value.replace(/[\\"$`]/g, '\\$&')
    const base64 = Buffer.from(value).toString('base64')
    const inUrl = encodeURIComponent(value)
    // Python's quote() leaves fewer characters than JavaScript.
    const quoted = inUrl.replace(/[!'()*]/g, unit => `%${unit.charCodeAt(0).toString(16).toUpperCase()}`)
    return [value, inUrl, quoted, escaped, shell, value.replace(/['\\]/g, '\\$&'), base64]
  }
  /** A key of several lines may be told line by line; its first and its last are those of every key. */
  const forms = (value: string): ReadonlySet<string> => {
    const lines = value.split('\n').filter(line => line.trim().length >= 8 && !line.startsWith('-----'))
    return new Set([value, ...(value.includes('\n') ? lines : [])].flatMap(formsOf))
  }
  let byForm = new Map<string, string>()
  const compile = (): RegExp => {
    byForm = new Map()
    for (const [value, replacement] of placeholders) {
      if (value.length < shortest || visible.has(value) || isPlaceholder(value)) continue
      for (const form of forms(value)) byForm.set(form, replacement)
    }
    const alternatives = [...byForm.keys()]
      .sort((a, b) => b.length - a.length)
      .map(form => {
        const literal = form.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
        // A word is only replaced where it stands alone: "test" must not mangle "latest".
        return form.length < 8 || /^[a-z]{1,16}$/.test(form) ? `(?<![A-Za-z0-9])${literal}(?![A-Za-z0-9])` : literal
      })
    return alternatives.length > 0 ? new RegExp(alternatives.join('|'), 'g') : /(?!)/g
  }
  const add = (value: string): void => {
    if (value.trim() !== '') placeholder(value)
  }
  const learn = (text: string): void => {
    for (const value of mentionedIn(text)) add(value)
  }
  const redact = (text: string): string => {
    pattern ??= compile()
    return text.replace(pattern, form => byForm.get(form) ?? 'redacted')
  }
  return {
    add,
    learn,
    has: value => placeholders.has(value),
    addPublic(value) {
      visible.add(value)
      pattern = null
    },
    placeholder,
    redact,
    conceal(text) {
      learn(text)
      return redact(text)
    },
  }
}
