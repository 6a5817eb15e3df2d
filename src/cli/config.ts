import * as v from 'valibot'
import {parseBind} from '../facts/target/bind.ts'
import {UsageError} from '../report/usage-error.ts'

const path = v.pipe(v.string(), v.startsWith('/', 'must be an absolute path'))

/** A TOML date, or one in quotes; YYYY-MM-DD afterwards. */
const day = v.pipe(
  v.union([v.date(), v.string()], 'must be a day like 2026-12-31'),
  v.transform(value => (value instanceof Date ? value.toISOString().slice(0, 10) : value)),
  v.regex(/^\d{4}-\d\d-\d\d$/, 'must be a day like 2026-12-31'),
  v.check(isInCalendar, 'must be a day that the calendar has'),
)

/** Date reads 31 February as 3 March. */
function isInCalendar(text: string): boolean {
  const read = new Date(text)
  return !Number.isNaN(read.getTime()) && read.toISOString().startsWith(text)
}

/**
 * /etc/prism-doctor/config.toml. Everything is optional; what is found on the machine needs no line
 * here.
 */
const configSchema = v.strictObject({
  unit: v.optional(
    v.pipe(v.string(), v.regex(/^[\w@:.\\-]+\.service$/, 'must be the name of a service unit')),
  ),
  timeout: v.optional(
    v.pipe(
      v.number(),
      v.minValue(1, 'must be at least 1 second'),
      v.maxValue(3600, 'must be at most 3600 seconds'),
    ),
  ),
  skip: v.optional(v.array(v.string())),
  /** Modules with checks of one's own. */
  checks: v.optional(v.array(path)),
  target: v.optional(
    v.strictObject({
      package: v.optional(path),
      state_directory: v.optional(path),
      static_root: v.optional(path),
      media_root: v.optional(path),
      bind: v.optional(
        v.pipe(
          v.string(),
          v.check(
            text => parseBind(text) !== null,
            'must be an address as gunicorn takes it, like 127.0.0.1:8000',
          ),
        ),
      ),
      hosts: v.optional(v.array(v.string())),
    }),
  ),
  /** `ask = false` refuses to run anything of the application. */
  django: v.optional(v.strictObject({ask: v.optional(v.boolean())})),
  nixos: v.optional(
    v.strictObject({flake: v.optional(v.string()), secrets: v.optional(v.string())}),
  ),
  waiver: v.optional(
    v.array(
      v.strictObject({
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
  const result = v.safeParse(configSchema, table, {abortEarly: true})
  if (result.success) return result.output
  const [issue] = result.issues
  const keys = (issue.path ?? []).map(item => String(item.key))
  const name = keys.join('.')
  const where = `${file}:${lineOf(text, keys, parse)}`
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    throw new UsageError(`${where}: unknown key "${name}"; remove it or correct its spelling`)
  }
  if (issue.input === undefined) throw new UsageError(`${where}: "${name}" is missing; add it`)
  const what = issue.message.startsWith('must')
    ? issue.message
    : `must be ${wanted(issue.expected)}, not ${issue.received}`
  throw new UsageError(`${where}: "${name}" ${what}`)
}

/** valibot's names of types, in words. */
function wanted(expected: string | null): string {
  return (
    {string: 'a string', number: 'a number', Array: 'an array', Object: 'a table'}[
      expected ?? ''
    ] ?? String(expected)
  )
}

type Parse = (text: string) => unknown

/**
 * The line on which what `keys` name begins, counted from 1: the first of those without which the
 * text does not hold it. Where it is missing, the line of the table that should hold it.
 */
function lineOf(text: string, keys: readonly string[], parse: Parse): number {
  const lines = text.split('\n')
  /** Whether so many lines hold it; null where they end within a value that goes on. */
  const heldBy = (count: number): boolean | null => {
    try {
      return holds(parse(`${lines.slice(0, count).join('\n')}\n`), keys)
    } catch {
      return null
    }
  }
  if (keys.length === 0) return 1
  if (heldBy(lines.length) !== true) return lineOf(text, keys.slice(0, -1), parse)
  // Halved, since a file may have as many lines as it likes.
  let without = 0
  let within = lines.length
  while (within - without > 1) {
    const middle = (without + within) >> 1
    let count = middle
    let isHeld = heldBy(count)
    while (isHeld === null && count > without + 1) isHeld = heldBy(--count)
    for (count = isHeld === null ? middle : count; isHeld === null && count < within - 1; )
      isHeld = heldBy(++count)
    if (isHeld === null) break
    if (isHeld) within = count
    else without = count
  }
  return without + 1
}

function holds(value: unknown, [key, ...rest]: readonly string[]): boolean {
  if (key === undefined) return true
  return (
    typeof value === 'object' &&
    value !== null &&
    key in value &&
    holds(value[key as keyof typeof value], rest)
  )
}
