/** Names of variables whose values are shown: they say where things are and never who may enter. */
const publicName =
  /^(?:DJANGO_)?(?:(?:POSTGRES|DB|DATABASE)_(?:USER|USERNAME|DB|NAME|HOST|PORT|ENGINE)|PG(?:USER|HOST|HOSTADDR|PORT|DATABASE|SSLMODE|PASSFILE|SERVICE|SERVICEFILE)|USE_POSTGRES|DEBUG|ALLOWED_HOSTS|CSRF_TRUSTED_ORIGINS|(?:STATIC|MEDIA)_(?:ROOT|URL)|SITE_NAME|SETTINGS_MODULE|CONFIGURATION|GUNICORN_\w+|UVICORN_\w+|WEB_CONCURRENCY|EMAIL_(?:HOST|PORT|USE_TLS|USE_SSL|BACKEND)|PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_\w+|TZ|TZDIR|LOCALE_ARCHIVE|PYTHON\w+|VIRTUAL_ENV|INVOCATION_ID|JOURNAL_STREAM|SYSTEMD_EXEC_PID|NOTIFY_SOCKET|WATCHDOG_(?:PID|USEC)|LISTEN_(?:FDS|PID|FDNAMES)|MAINPID|MEMORY_PRESSURE_\w+|TERM|PWD|OLDPWD|SHLVL|_|\w+_(?:DIRECTORY|DIR|FILE|PATH))$/

/** Whoever has what such a name holds may enter, whatever it looks like. */
const secretName =
  /SECRET|PASSWORD|PASSWD|PASSPHRASE|(?<!COM|BY|IM|SUR|TRES|OVER|UNDER)PASS(?:CODE|KEY)?$|(?:^|_)(?:PWD|PW)\d*$|TOKENS?\d*$|TOKEN_|(?:^|_)(?:API|ACCESS|AUTH|LICEN[CS]E|SIGNING|ENCRYPTION|MASTER|PRIVATE|SERVICE|ACCOUNT|STORAGE|SHARED|WRITE|ADMIN|FERNET)_?KEYS?(?:_ID)?\d*$|APIKEY|CREDENTIAL|PRIVATE|AUTHORIZATION|SESSION_?ID$|CONNECTION_STRING/

/** The same for names that are ordinary words as well: there what they hold must look like it. */
const perhapsSecretName =
  /_KEYS?\d*$|SALT|PEPPER|DSN|(?:^|_)JWT|(?:^|_)(?:AUTH|PAT|PIN|OTP|SEED|HMAC|BEARER)$|WEBHOOK|SIGNATURE|COOKIES?$|TOKEN$/

/** What such a word says of a secret is no secret: how long it lasts, what it is called. */
const aboutSecret =
  /_(?:NAME|AGE|SECURE|HTTPONLY|SAMESITE|DOMAIN|PREFIX|HEADER|TTL|TIMEOUT|EXPIR\w*|LIFETIME|LENGTH|ALGORITHM|TYPES?|VERSION|ENABLED|REQUIRED|VALIDATORS?|HASHERS?|BACKENDS?|CLASS|CLASSES|MODEL|SERIALIZER|FORM|VIEW|FIELD|FUNCTION|FILE|PATH|DIR|DIRECTORY)$/

/**
 * Settings of a unit that only sound like secrets: the sandbox, what is passed on, and files with
 * credentials (systemd.exec(5), systemd.socket(5)).
 */
const systemdName =
  /^(?:Private(?:BPF|Devices|IPC|Mounts|Network|PIDs|Tmp|Users)|(?:Load|Import)Credential(?:Encrypted)?|Pass(?:Environment|Credentials|Security|PacketInfo|PIDFD|FileDescriptorsToExec))$/

/** How a name speaks of a secret. */
export type Speaks = 'surely' | 'perhaps' | 'never'

/** `apiKey`, `X-Api-Key` and `API_KEY` are one name. */
export function speaksOf(name: string): Speaks {
  if (systemdName.test(name)) return 'never'
  const plain = name
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .replace(/[-.]/g, '_')
    .toUpperCase()
  // A shell's variables; `pwd` is a password.
  if (aboutSecret.test(plain) || /^(?:OLD)?PWD$/.test(name)) return 'never'
  // A word of its own is said of many things: "invalid token: …".
  if (plain === 'TOKEN' || plain === 'TOKENS' || plain === 'PRIVATE') return 'perhaps'
  if (secretName.test(plain)) return 'surely'
  return perhapsSecretName.test(plain) ? 'perhaps' : 'never'
}

/** In a file and in an environment everything is secret but the names known to be harmless. */
export function isPublicName(name: string): boolean {
  return publicName.test(name) && speaksOf(name) === 'never'
}

/** Whether a name gives away that its value is a secret. */
export function soundsSecret(name: string): boolean {
  return !publicName.test(name) ? speaksOf(name) !== 'never' : speaksOf(name) === 'surely'
}

/**
 * A value that tells nobody anything who reads it anywhere: a number of a few digits, an address
 * without a password, the path of a file, the name of a module.
 */
export function isPlace(value: string): boolean {
  return (
    /^(?:-?\d{1,5}|\d{1,6}(?:\.\d{1,3})?(?:ms|[smhdkMG%]))$/.test(value) ||
    /^(?:[a-z][a-z\d+]{0,15}:\/\/)?(?:localhost|\d{1,3}(?:\.\d{1,3}){3}|[a-z][a-z-]*(?:\.[a-z][a-z-]*)+)(?::\d{1,5})?(?:\/\d{0,2})?$/i.test(
      value,
    ) ||
    (/^(?:unix:)?\/[\w.@+-]+(?:\/[\w.@+-]+)*\/?$/.test(value) && !/[^/.-]{24}/.test(value)) ||
    /^[a-z_]+(?:\.[a-z_]+)+$/i.test(value)
  )
}

/** A path below a directory that every system has: no key begins so. */
export function isSystemPath(value: string): boolean {
  return /^\/(?:etc|home|nix|opt|root|run|srv|tmp|usr|var)\/[\w./@+-]+$/.test(value)
}

/** The same, or a single word: a setting, where nothing says that it is a secret. */
export function isHarmless(value: string): boolean {
  return /^(?:[a-z]{1,16}|[A-Z]{1,16}|[A-Z][a-z]{1,15})$/.test(value) || isPlace(value)
}

/** Letters and digits in disorder, as nobody writes words: a part of it is recognised again. */
export function isMixed(text: string): boolean {
  let letters = 0
  let digits = 0
  let turns = 0
  let last = 0
  for (let at = 0; at < text.length && at < 64; at += 1) {
    const unit = text.charCodeAt(at)
    const kind =
      unit >= 48 && unit <= 57
        ? 1
        : unit >= 97 && unit <= 122
          ? 2
          : unit >= 65 && unit <= 90
            ? 3
            : 4
    if (kind === 1) digits += 1
    else if (kind < 4) letters += 1
    if (last !== 0 && kind !== last && kind < 4 && last < 4) turns += 1
    last = kind
  }
  return (digits > 0 && letters > 0) || turns >= 3
}

const turn = /[a-z][A-Z\d]|[A-Z]\d|\d[A-Za-z]/

/** Whether a letter follows a digit, or a capital a small one: in most texts none does. */
export function hasTurn(text: string): boolean {
  return turn.test(text)
}

/** Whether that is so often: seldom in words that somebody joined, mostly in keys. */
export function isDisordered(text: string): boolean {
  let turns = 0
  for (let at = 1; at < text.length; at += 1) if (hasTurn(text.slice(at - 1, at + 1))) turns += 1
  return turns / (text.length - 1) >= 0.25
}
