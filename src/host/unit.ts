import type {UnitProperties} from './host.ts'

/**
 * Properties of a unit by name, as `systemctl show` prints them; one that systemd does not know is
 * absent.
 */
export interface Unit {
  readonly name: string
  readonly get: (property: string) => string
  /** For properties that are printed once per entry (EnvironmentFiles, ExecStartPre). */
  readonly all: (property: string) => readonly string[]
}

/** The values of such a block by their key, in their order. */
export function valuesIn(block: string): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, string[]>()
  for (const line of block.split('\n')) {
    const equals = line.indexOf('=')
    if (equals <= 0) continue
    const key = line.slice(0, equals)
    const known = values.get(key)
    if (known) known.push(line.slice(equals + 1))
    else values.set(key, [line.slice(equals + 1)])
  }
  return values
}

export function unitOf(name: string, properties: UnitProperties): Unit {
  const all = (property: string): readonly string[] => {
    // A recording holds plain objects, and no property is "constructor".
    const value = Object.hasOwn(properties, property) ? properties[property] : undefined
    return value === undefined ? [] : typeof value === 'string' ? [value] : value
  }
  return {name, get: property => all(property)[0] ?? '', all}
}

/**
 * The blocks of `systemctl show`, in the order of the units: `Key=value` lines, a key repeated once
 * per entry.
 */
export function parseShow(text: string): readonly UnitProperties[] {
  const blocks = text.split(/\n\n+/).filter(block => block.trim() !== '')
  return blocks.map(block => {
    const values = [...valuesIn(block)].map(([key, all]) => [
      key,
      all.length === 1 ? (all[0] ?? '') : all,
    ])
    return Object.fromEntries(values) as UnitProperties
  })
}

/**
 * Space-separated words of a property, quoted as systemd prints them: "…" with C escapes, or $'…'.
 */
export function splitWords(text: string): readonly string[] {
  const words: string[] = []
  const word = /\s*(?:\$'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|(\S+))/gsy
  for (let match = word.exec(text); match; match = word.exec(text)) {
    const quoted = match[1] ?? match[2]
    words.push(quoted === undefined ? (match[3] ?? '') : unescaped(quoted))
  }
  return words
}

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  s: ' ',
}

function unescaped(text: string): string {
  return text.replace(
    /\\(?:x([0-9a-fA-F]{2})|([0-7]{3})|(.))/gs,
    (_, hex?: string, octal?: string, single?: string) => {
      if (hex) return String.fromCharCode(Number.parseInt(hex, 16))
      if (octal) return String.fromCharCode(Number.parseInt(octal, 8))
      return escapes[single ?? ''] ?? single ?? ''
    },
  )
}

/** Asked for each variable, which of many takes the square of their number. */
const declared = new WeakMap<Unit, ReadonlyMap<string, string>>()

/**
 * The `Environment=` of a unit: assignments only of the unit itself, never of its EnvironmentFiles.
 */
export function declaredEnvironment(unit: Unit): ReadonlyMap<string, string> {
  const known = declared.get(unit) ?? assignmentsIn(unit.get('Environment'))
  declared.set(unit, known)
  return known
}

/** What `Environment=` says, as systemd prints it and as its files have it. */
export function assignmentsIn(text: string): ReadonlyMap<string, string> {
  const variables = new Map<string, string>()
  for (const assignment of splitWords(text)) {
    const equals = assignment.indexOf('=')
    if (equals > 0) variables.set(assignment.slice(0, equals), assignment.slice(equals + 1))
  }
  return variables
}

/**
 * Whether systemd itself gives the name to the unit's processes (systemd.exec(5), "Environment
 * variables in spawned processes").
 */
export function setBySystemd(unit: Unit, name: string): boolean {
  const directory = /^(STATE|RUNTIME|CACHE|LOGS)_DIRECTORY$/.exec(name)?.[1]
  if (directory)
    return unit.get(`${directory[0]}${directory.slice(1).toLowerCase()}Directory`) !== ''
  if (/^LISTEN_(?:FDS|PID|FDNAMES)$/.test(name)) return /\.socket\b/.test(unit.get('TriggeredBy'))
  return /^(?:CREDENTIALS_DIRECTORY|CONFIGURATION_DIRECTORY|PATH|LANG|USER|LOGNAME|HOME|SHELL|INVOCATION_ID|NOTIFY_SOCKET|JOURNAL_STREAM|SYSTEMD_EXEC_PID|WATCHDOG_(?:PID|USEC)|MEMORY_PRESSURE_(?:WATCH|WRITE))$/.test(
    name,
  )
}

export interface EnvironmentFileSetting {
  readonly path: string
  /** A leading "-" in the unit: a missing file is no error. */
  readonly optional: boolean
}

/**
 * `EnvironmentFiles=/run/secrets/prism-env (ignore_errors=no)`, one line per file; paths are not
 * quoted.
 */
export function environmentFiles(unit: Unit): readonly EnvironmentFileSetting[] {
  return unit.all('EnvironmentFiles').flatMap(line => {
    const match = /^(.*) \(ignore_errors=(yes|no)\)$/.exec(line)
    return match?.[1] ? [{path: match[1], optional: match[2] === 'yes'}] : []
  })
}

/** One command of an Exec…= property, with how it last ended. */
export interface ExecCommand {
  readonly path: string
  readonly argv: readonly string[]
  /** "exited", "killed", "dumped", or null while it has not ended. */
  readonly code: string | null
  readonly status: number
  readonly ignoreErrors: boolean
  readonly started: boolean
}

/**
 * `{ path=… ; argv[]=… ; ignore_errors=no ; start_time=[…] ; stop_time=[…] ; pid=495 ; code=exited
 * ; status=1 }`
 */
export function execCommands(unit: Unit, property: string): readonly ExecCommand[] {
  return unit.all(property).flatMap(line => {
    const match =
      /^\{ path=(.*?) ; argv\[\]=(.*) ; ignore_errors=(yes|no) ; start_time=\[([^\]]*)\] ; stop_time=\[[^\]]*\] ; pid=\d+ ; code=(\S+) ; status=(\d+)/s.exec(
        line,
      )
    if (!match) return []
    const [, path = '', argv = '', ignore, start, code, status] = match
    return [
      {
        path,
        argv: splitWords(argv),
        code: code === '(null)' ? null : (code ?? null),
        status: Number(status),
        ignoreErrors: ignore === 'yes',
        started: start !== 'n/a',
      },
    ]
  })
}

/** The command before or after the start that ended in an error: ExecMainStatus= is 0 then. */
export function failedCommand(
  unit: Unit,
  properties = ['ExecStartPre', 'ExecStartPost'],
): ExecCommand | null {
  const commands = properties.flatMap(property => execCommands(unit, property))
  const failed = ({code, status, ignoreErrors}: ExecCommand): boolean =>
    !ignoreErrors && code !== null && (code !== 'exited' || status !== 0)
  return commands.find(failed) ?? null
}

/** `inactive (dead)`, as `systemctl status` shows it. */
export function shownState(unit: Unit): string {
  return `${unit.get('ActiveState')} (${unit.get('SubState')})`
}

/** It runs, or is on its way to. */
export function isUp(unit: Unit): boolean {
  return /^(?:active|activating|reloading)$/.test(unit.get('ActiveState'))
}

/**
 * WorkingDirectory= as stated, "~" included; `systemctl show` puts "!" before one that may be
 * missing.
 */
export function statedDirectory(unit: Unit): string {
  return unit.get('WorkingDirectory').replace(/^!/, '')
}

/**
 * A oneshot without RemainAfterExit= is inactive once it has succeeded, and so is what its
 * conditions pass over.
 */
export function hasDoneItsWork(unit: Unit): boolean {
  if (unit.get('LoadState') !== 'loaded' || unit.get('ActiveState') !== 'inactive') return false
  const ended =
    unit.get('Result') === 'success' && timestampOf(unit, 'InactiveEnterTimestamp') !== null
  const passedOver =
    unit.get('ConditionResult') === 'no' && timestampOf(unit, 'ConditionTimestamp') !== null
  return (unit.get('Type') === 'oneshot' && ended) || passedOver
}

/** A start that may still succeed, as opposed to one that failed and is tried again. */
export function isFirstStart(unit: Unit): boolean {
  const restarts = Number(unit.get('NRestarts')) || 0
  return (
    unit.get('ActiveState') === 'activating' &&
    restarts === 0 &&
    !unit.get('SubState').startsWith('auto-restart')
  )
}

/**
 * When something happened (ISO 8601, milliseconds), as `--timestamp=us+utc` prints it; null for
 * never.
 */
export function timestampOf(unit: Unit, property: string): string | null {
  const match = /^\w{3} (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{3})\d*)? UTC$/.exec(
    unit.get(property),
  )
  return match ? `${match[1]}T${match[2]}.${match[3] ?? '000'}Z` : null
}

/** `1min 30s`, `500ms`, `infinity` in milliseconds (systemd.time(7)). */
export function parseTimeSpan(text: string): number {
  if (text === 'infinity') return Number.POSITIVE_INFINITY
  const factors: Readonly<Record<string, number>> = {
    us: 0.001,
    ms: 1,
    s: 1000,
    min: 60_000,
    h: 3_600_000,
    d: 86_400_000,
    w: 604_800_000,
    month: 2_629_800_000,
    y: 31_557_600_000,
  }
  let total = 0
  for (const [, number, unit] of text.matchAll(
    /(?<![\d.])([\d.]+)\s*(us|ms|s|min|h|d|w|month|y)\b/g,
  ))
    total += Number(number) * (factors[unit ?? 's'] ?? 0)
  return total
}
