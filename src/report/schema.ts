import * as v from 'valibot'

/**
 * How the walk over a report (boundary.ts) handles a string. A plain one may come from the machine:
 * it is redacted, is one line, and is kept whole.
 */
export type Handling = {
  /**
   * Only this tool fills it, and programs compare it: a password of the same word changes nothing.
   */
  readonly ours?: true
  /** Its line breaks are meant. */
  readonly lines?: true
  /** It quotes what somebody said at any length: so many characters of a line are kept. */
  readonly longest?: number
}

const handled = <const H extends Handling>(how: H) => v.metadata<string, H>(how)
const ours = handled({ours: true})
const lines = handled({lines: true})
const quoted = handled({longest: 500})

const text = v.string()
/** What is typed or written into a file as it stands. */
const typed = v.pipe(text, lines)
const sentence = v.pipe(text, v.minLength(1, 'must not be empty'))
const word = v.pipe(text, v.regex(/^[a-z][a-z0-9-]*$/), ours)
const nullable = <T extends v.GenericSchema>(schema: T) => v.nullable(schema)
const status = v.picklist(['ok', 'warning', 'critical', 'unknown'])
const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const risk = v.picklist(['safe', 'disruptive', 'manual'])
const timestamp = v.pipe(text, v.isoTimestamp(), ours)
const day = v.pipe(text, v.regex(/^\d{4}-\d\d-\d\d$/), ours)

/** `group/name` of a check. */
export const id = v.pipe(
  text,
  v.regex(/^[a-z][a-z0-9-]*\/[a-z][a-z0-9-]*$/, 'must be "group/name" in small letters'),
  ours,
)
const ids = v.array(id)

/** What a check makes sure of. */
export const title = v.pipe(
  text,
  v.regex(/^\S[^\n]*[^\s.!?:;]$/, 'must be one line without a full stop'),
  ours,
)

/** One way to put a thing right. */
export const way = v.strictObject({
  summary: sentence,
  risk,
  steps: v.array(v.strictObject({shell: typed, argv: nullable(v.array(typed))})),
  /** On NixOS alone. */
  nix: nullable(typed),
  lasting: nullable(v.strictObject({file: nullable(text), text: typed})),
})

const remedy = v.strictObject({...way.entries, alternatives: v.array(way)})

const waived = nullable(v.strictObject({reason: text, until: nullable(day)}))

/** What a check found. */
export const finding = v.strictObject({
  code: word,
  status,
  message: v.pipe(sentence, quoted),
  since: nullable(timestamp),
  evidence: v.array(v.pipe(text, lines, quoted)),
  remedy: nullable(remedy),
  /**
   * Where no cause is known: the checks that passed and rule theirs out, what experiments rule out,
   * and what was said last.
   */
  unexplained: v.exactOptional(
    v.strictObject({
      ruledOut: ids,
      experiments: v.array(
        v.strictObject({
          check: id,
          rulesOut: v.pipe(sentence, quoted),
          outcome: v.pipe(sentence, quoted),
        }),
      ),
      lines: v.array(v.pipe(text, quoted)),
    }),
  ),
})

/** What a check tried, and what that cost. */
const experiment = v.strictObject({
  outcome: v.pipe(sentence, quoted),
  /** What cannot be the cause by that. */
  rulesOut: nullable(v.pipe(sentence, quoted)),
  /** How often something was run or asked. */
  runs: count,
  durationMs: v.pipe(v.number(), v.minValue(0)),
})

/** A number worth graphing. */
export const metric = v.strictObject({
  name: v.pipe(text, v.regex(/^[a-z][a-z0-9_]*$/), ours),
  value: v.number(),
  /** Prometheus's base unit, or empty. */
  unit: v.pipe(text, v.regex(/^[a-z]*$/), ours),
  direction: v.picklist(['above', 'below']),
  warning: v.exactOptional(v.number()),
  critical: v.exactOptional(v.number()),
  max: v.exactOptional(v.number()),
})

/** One thing that is not as it was. */
const change = v.strictObject({
  /** From the general to the special: "unit/MemoryMax", "distribution/django". */
  name: text,
  /** Who says so: "systemctl show", a file. */
  source: text,
  kind: v.picklist(['changed', 'added', 'removed']),
  /** Null where it was not there, and of a secret. */
  old: nullable(v.pipe(text, quoted)),
  new: nullable(v.pipe(text, quoted)),
  secret: v.boolean(),
  /** When it changed, where the machine itself knows. */
  at: nullable(timestamp),
  /** The checks that it matters to. */
  checks: ids,
})

/** A moment at which a run found it otherwise than the one before. */
export const event = v.strictObject({
  at: timestamp,
  status,
  rootCauses: v.array(v.strictObject({check: id, message: v.pipe(text, quoted)})),
  /** Since it was last healthy; what matters most comes first. */
  changes: v.array(change),
  /** How many more there were. */
  more: count,
})

/** What earlier runs left behind. */
const history = v.strictObject({
  /** When a run last found nothing wrong; this one, where it does. Null where none ever has. */
  lastHealthy: nullable(timestamp),
  /** Since when runs find what this one finds. */
  since: nullable(timestamp),
  /** The run that this one is compared with, which found nothing wrong, or only other warnings. */
  comparedWith: nullable(v.strictObject({at: timestamp, status: v.picklist(['ok', 'warning'])})),
  /** How many facts could be compared. */
  compared: count,
  /** What is not as it was then; what matters most comes first. */
  changes: v.array(change),
  /** How many more there are. */
  more: count,
  /** The last moments at which something changed, the newest first. */
  events: v.array(event),
  /** What is wrong with the history itself. */
  note: nullable(text),
})

const check = v.strictObject({
  id,
  group: word,
  title,
  status: v.picklist(['ok', 'warning', 'critical', 'unknown', 'skipped']),
  durationMs: v.pipe(v.number(), v.minValue(0)),
  causedBy: ids,
  skippedBecause: ids,
  waived,
  findings: v.array(v.strictObject({...finding.entries, waived})),
  metrics: v.array(metric),
  /** Of a root cause: what it or its needs look at and is not as it was when all was well. */
  changes: v.exactOptional(v.array(change)),
  /** Absent where nothing was tried: a healthy machine needs none. */
  experiments: v.exactOptional(v.array(experiment)),
})

const fix = v.strictObject({
  run: nullable(v.pipe(text, ours)),
  dryRun: v.boolean(),
  before: v.strictObject({status, rootCauses: ids}),
  steps: v.array(
    v.strictObject({
      check: id,
      shell: typed,
      risk,
      outcome: v.picklist([
        'planned',
        'verified',
        'ineffective',
        'failed',
        'refused',
        'declined',
        'unneeded',
      ]),
      reason: nullable(v.pipe(text, quoted)),
    }),
  ),
})

/**
 * The report of the contract, version 1. The published JSON Schema is generated from this one
 * definition.
 */
export const reportSchema = v.strictObject({
  schemaVersion: v.literal(1),
  tool: v.strictObject({name: v.literal('prism-doctor'), version: v.pipe(text, ours)}),
  /** As os-release(5) has it; null where nobody could look. */
  platform: nullable(v.strictObject({id: v.pipe(text, ours), version: nullable(text)})),
  host: text,
  startedAt: timestamp,
  durationMs: v.pipe(v.number(), v.minValue(0)),
  error: nullable(v.strictObject({message: typed})),
  target: v.strictObject({
    unit: nullable(text),
    user: nullable(text),
    group: nullable(text),
    stateDirectory: nullable(text),
    staticRoot: nullable(text),
    package: nullable(text),
    workingDirectory: nullable(text),
    url: nullable(text),
    database: nullable(
      v.strictObject({
        host: nullable(text),
        port: nullable(count),
        name: nullable(text),
        user: nullable(text),
      }),
    ),
  }),
  status,
  counts: v.strictObject({
    ok: count,
    warning: count,
    critical: count,
    unknown: count,
    skipped: count,
  }),
  rootCauses: ids,
  notLookedAt: ids,
  checks: v.array(check),
  /** Only with --fix; the checks are as they are after it. */
  fix: v.optional(fix),
  /** Where a history is kept: of this machine, for root. */
  history: v.exactOptional(history),
})
