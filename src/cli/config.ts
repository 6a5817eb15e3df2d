import * as v from 'valibot'
import {parseBind} from '../facts/target/bind.ts'
import {didYouMean, nearest} from '../report/nearest.ts'
import {UsageError} from '../report/usage-error.ts'
import {lineOf, statementsIn} from './config-lines.ts'
import {timeouts} from './flags.ts'
import {unitName} from './unit-name.ts'

const path = v.pipe(
  v.string(),
  v.startsWith('/', 'must be an absolute path'),
  v.regex(/^\P{Cc}*$/u, 'must be a path without control characters'),
)

const filled = v.pipe(v.string(), v.minLength(1, 'must not be empty'))

/** A TOML date, or one in quotes; YYYY-MM-DD afterwards. */
const day = v.pipe(
  v.union([v.date(), v.string()], 'must be a day like 2026-12-31'),
  v.transform(value => (value instanceof Date ? value.toISOString().slice(0, 10) : value)),
  v.regex(/^\d{4}-\d\d-\d\d$/, 'must be a day like 2026-12-31'),
  v.check(isInCalendar, 'must be a day that the calendar has'),
)

/** Date reads 31 February as 3 March. */
function isInCalendar(day: string): boolean {
  const read = new Date(day)
  return !Number.isNaN(read.getTime()) && read.toISOString().startsWith(day)
}

/** A table, for which an array would do in JavaScript. */
function table<E extends v.ObjectEntries>(entries: E) {
  const isTable = (value: unknown): boolean => typeof value === 'object' && !Array.isArray(value)
  return v.pipe(v.custom<object>(isTable, 'must be a table'), v.strictObject(entries))
}

/** An address that can be asked: gunicorn's own reading takes an empty one for its default. */
function isAddress(written: string): boolean {
  const bind = written === '' ? null : parseBind(written)
  if (bind === null) return false
  return 'socketPath' in bind ? bind.socketPath !== '' : bind.port <= 65_535
}

/**
 * /etc/prism-doctor/config.toml. Everything is optional; what is found on the machine needs no line
 * here. nix/module.nix declares the same keys.
 */
const configSchema = table({
  unit: v.optional(v.string()),
  timeout: v.optional(
    v.pipe(
      v.number(),
      v.minValue(timeouts.min, `must be at least ${timeouts.min} second`),
      v.maxValue(timeouts.max, `must be at most ${timeouts.max} seconds`),
    ),
  ),
  skip: v.optional(v.array(v.string())),
  /** Modules with checks of one's own. */
  checks: v.optional(v.array(path)),
  target: v.optional(
    table({
      package: v.optional(path),
      state_directory: v.optional(path),
      static_root: v.optional(path),
      media_root: v.optional(path),
      bind: v.optional(
        v.pipe(
          v.string(),
          v.check(isAddress, 'must be an address as gunicorn takes it, like 127.0.0.1:8000'),
        ),
      ),
      hosts: v.optional(
        v.array(
          v.pipe(
            v.string(),
            v.regex(/^[^\s/]+$/, 'must be the name of a host, like prism.example'),
          ),
        ),
      ),
    }),
  ),
  /** `ask = false` refuses to run anything of the application. */
  django: v.optional(table({ask: v.optional(v.boolean())})),
  /** `keep = false` remembers nothing of what runs find. */
  history: v.optional(table({keep: v.optional(v.boolean())})),
  nixos: v.optional(table({flake: v.optional(filled), secrets: v.optional(filled)})),
  waiver: v.optional(
    v.array(
      table({
        check: v.string(),
        finding: v.optional(v.string()),
        status: v.optional(
          v.picklist(['warning', 'critical'], 'must be "warning" or "critical"'),
          'warning',
        ),
        reason: v.pipe(v.string(), v.minLength(1, 'must say why')),
        until: day,
      }),
    ),
  ),
})

export type Config = v.InferOutput<typeof configSchema>

/**
 * Parses the configuration.
 * @throws UsageError that names the file, the line and the key.
 */
export async function parseConfig(text: string, file: string): Promise<Config> {
  const {parse, TomlError} = await import('smol-toml')
  let table: unknown
  try {
    table = parse(text)
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    const [what = 'cannot be parsed'] = error.message
      .replace(/^Invalid TOML document: /, '')
      .split('\n')
    throw new UsageError(`${file}:${error.line}: ${what}; correct the line`)
  }
  const lost = statementsIn(text).days.find(day => !isInCalendar(day.text))
  if (lost)
    throw new UsageError(
      `${file}:${lost.line}: ${lost.text} is not a day that the calendar has; correct it`,
    )
  const result = v.safeParse(configSchema, table, {abortEarly: true})
  const placed = (keys: readonly string[]): string => `${file}:${lineOf(text, keys, parse)}`
  if (!result.success) throw new UsageError(complaint(result.issues[0], placed))
  const {unit, ...others} = result.output
  const config = {
    ...others,
    ...(unit !== undefined && {unit: unitName(unit, () => `${placed(['unit'])}: unit =`)}),
  }
  places.set(config, placed)
  return config
}

/** Where a configuration says what, as `FILE:LINE`. */
const places = new WeakMap<Config, (keys: readonly string[]) => string>()

/**
 * Looks at one value of a configuration.
 * @throws UsageError, which begins with the file, the line and the key.
 */
export function assertValue(config: Config, keys: readonly string[], look: () => void): void {
  try {
    look()
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    throw new UsageError(`${places.get(config)?.(keys)}: "${keys.join('.')}": ${error.message}`)
  }
}

function complaint(
  issue: v.BaseIssue<unknown>,
  placed: (keys: readonly string[]) => string,
): string {
  const keys = (issue.path ?? []).map(({key}) => String(key))
  const name = keys.join('.')
  const where = placed(keys)
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    const [last = ''] = keys.slice(-1)
    const meant = nearest(last, keysIn(keys.slice(0, -1)))
    return `${where}: unknown key "${name}"; ${didYouMean(meant)}remove it or correct its spelling`
  }
  if (issue.input === undefined) return `${where}: "${name}" is missing; add it`
  const what = issue.message.startsWith('must')
    ? issue.message
    : `must be ${inWords[issue.expected ?? ''] ?? issue.expected}`
  // What a validation calls received may be a part or the length of it.
  const given = typeof issue.input === 'string' ? JSON.stringify(issue.input) : issue.received
  const not = what.startsWith('must be') ? `, not ${inWords[given] ?? given}` : ''
  return `${where}: "${name}" ${what}${not}`
}

/** valibot's names of types; a table of smol-toml's has no constructor. */
const inWords: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  boolean: 'true or false',
  Array: 'an array',
  Object: 'a table',
  null: 'a table',
  TomlDate: 'a date',
}

/** As much of valibot's schemas as is read here. */
interface Schema {
  readonly type: string
  readonly wrapped?: Schema
  readonly item?: Schema
  readonly entries?: Readonly<Record<string, Schema>>
  readonly pipe?: readonly Schema[]
}

/**
 * The keys of the table that `keys` lead to in a configuration; an index leads into an array.
 * @param schema Where they start: the whole, unless given.
 */
export function keysIn(keys: readonly string[], schema: Schema = configSchema): readonly string[] {
  const whole = schema.wrapped ?? schema
  const entries = whole.pipe?.find(part => part.entries)?.entries ?? {}
  const [key, ...rest] = keys
  if (key === undefined) return Object.keys(entries)
  const next = whole.item ?? entries[key]
  return next ? keysIn(rest, next) : []
}
