/** Values that no output, log, argv, recording or error may hold, and their placeholders. */
export interface Secrets {
  add(value: string): void
  has(value: string): boolean
  /**
   * Names that are shown on purpose; a secret that equals one is not replaced, since it would tell
   * which it is.
   */
  addPublic(value: string): void
  /**
   * Takes note of what a text tells by itself: passwords in URLs, and values of names that speak
   * of a secret. What comes from the machine word by word (evidence, a recording) may hold secrets
   * that no environment names.
   */
  learn(text: string): void
  /** The placeholder of a value: the same for the same value in one run, different in the next. */
  placeholder(value: string): string
  /**
   * Replaces what is known. It does not recognise a part of a secret: redact first, then shorten.
   */
  redact(text: string): string
  /** Learns from a text that stands alone, such as a line on stderr, and redacts it. */
  conceal(text: string): string
}

/** Names of variables whose values are shown: they say where things are and never who may enter. */
const publicName =
  /^(?:(?:POSTGRES|DB|DATABASE)_(?:USER|USERNAME|DB|NAME|HOST|PORT|ENGINE)|PG(?:USER|HOST|HOSTADDR|PORT|DATABASE|SSLMODE)|USE_POSTGRES|DEBUG|ALLOWED_HOSTS|CSRF_TRUSTED_ORIGINS|(?:STATIC|MEDIA)_(?:ROOT|URL)|SITE_NAME|DJANGO_SETTINGS_MODULE|GUNICORN_\w+|UVICORN_\w+|EMAIL_(?:HOST|PORT|USE_TLS|USE_SSL|BACKEND)|PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|TZ|TZDIR|LOCALE_ARCHIVE|PYTHON\w+|INVOCATION_ID|JOURNAL_STREAM|SYSTEMD_EXEC_PID|NOTIFY_SOCKET|MEMORY_PRESSURE_\w+|PWD|SHLVL|_|\w+_(?:DIRECTORY|DIR|FILE|PATH))$/

const secretName =
  /(?:SECRET|PASS(?:WD|WORD|PHRASE)?$|PASSWORD|TOKEN|_KEY$|APIKEY|CREDENTIAL|PRIVATE|SALT|DSN)/i

/**
 * As Python's urllib reads it: what stands before the last "@" of the authority, and after its
 * first ":".
 */
const urlWithPassword = /^([a-z][a-z0-9+.-]*:\/\/[^:/?#@\s]*:)([^/?#\s]+)(@.*)$/is

/**
 * One whose password has a "/", "?" or "#" as it is: whoever reads it finds pieces of it in other
 * places.
 */
const urlInPieces = /^[a-z][a-z0-9+.-]*:\/\/[^:/?#@\s]*:(.+)@/is

/**
 * The same anywhere in a text; no scheme is longer, and a text of dots and letters would be read
 * again from each.
 */
const passwordInUrl = /\b[a-z][a-z0-9+.-]{0,30}:\/\/[^:/?#@\s"']*:([^/?#\s"']+)@/gi

/**
 * An assignment anywhere in a text: of a program's arguments, of a script, of a connection string.
 */
const assignmentInText = /(?<![\w$])(\w+)=("[^"\n]*"|'[^'\n]*'|[^\s"';,)]+)/g

/** A header that nginx adds for the application. */
const headerInText =
  /\b(?:proxy_set_header|[a-z]+_param)\s+"?([\w-]+)"?\s+("[^"\n]*"|'[^'\n]*'|[^\s;"']+)\s*;/g

/** Settings of a unit that only sound like secrets: the sandbox, and files with credentials. */
const systemdName =
  /^(?:Private(?:BPF|Devices|IPC|Mounts|Network|PIDs|Tmp|Users)|(?:Load|Import)Credential(?:Encrypted)?)$/

/** In a secrets file everything is secret but the names known to be harmless. */
export function isSecretInFile(name: string): boolean {
  return !publicName.test(name)
}

/** In a unit or a process only what its name gives away, and every password inside a URL. */
export function isSecretElsewhere(name: string): boolean {
  return !publicName.test(name) && secretName.test(name)
}

/**
 * Registers what is secret in an assignment and returns nothing: the value itself is for the caller
 * to use.
 */
export function addAssignment(
  secrets: Secrets,
  name: string,
  value: string,
  secret: boolean,
): void {
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
export function* mentionedIn(text: string): Iterable<string> {
  for (const [, password = ''] of text.matchAll(passwordInUrl)) yield password
  for (const [, name = '', value = ''] of text.matchAll(assignmentInText))
    yield* namedSecret(name, value)
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
