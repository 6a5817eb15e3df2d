import * as v from 'valibot'

const status = v.picklist(['ok', 'warning', 'critical', 'unknown'])
const nullable = <T extends v.GenericSchema>(schema: T) => v.nullable(schema)
const text = v.string()
const id = v.pipe(text, v.regex(/^[a-z][a-z0-9-]*\/[a-z][a-z0-9-]*$/))
const ids = v.array(id)
const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const risk = v.picklist(['safe', 'disruptive', 'manual'])
const timestamp = v.pipe(text, v.isoTimestamp())

const way = v.strictObject({
  summary: text,
  risk,
  steps: v.array(v.strictObject({shell: text, argv: nullable(v.array(text))})),
  /** On NixOS alone. */
  nix: nullable(text),
  lasting: nullable(v.strictObject({file: nullable(text), text})),
})

const remedy = v.strictObject({...way.entries, alternatives: v.array(way)})

const waived = nullable(v.strictObject({reason: text, until: nullable(text)}))

const finding = v.strictObject({
  code: v.pipe(text, v.regex(/^[a-z][a-z0-9-]*$/)),
  status,
  message: text,
  since: nullable(timestamp),
  evidence: v.array(text),
  remedy: nullable(remedy),
  waived,
})

const metric = v.strictObject({
  name: text,
  value: v.number(),
  unit: text,
  warning: v.optional(v.number()),
  critical: v.optional(v.number()),
  max: v.optional(v.number()),
})

const check = v.strictObject({
  id,
  group: text,
  title: text,
  status: v.picklist(['ok', 'warning', 'critical', 'unknown', 'skipped']),
  durationMs: v.pipe(v.number(), v.minValue(0)),
  causedBy: ids,
  skippedBecause: ids,
  waived,
  findings: v.array(finding),
  metrics: v.array(metric),
})

const fix = v.strictObject({
  run: nullable(text),
  dryRun: v.boolean(),
  before: v.strictObject({status, rootCauses: ids}),
  steps: v.array(
    v.strictObject({
      check: id,
      shell: text,
      risk,
      outcome: v.picklist(['planned', 'verified', 'ineffective', 'failed', 'refused', 'declined', 'unneeded']),
      reason: nullable(text),
    }),
  ),
})

/** The report of the contract, version 1. The published JSON Schema is generated from this one definition. */
export const reportSchema = v.strictObject({
  schemaVersion: v.literal(1),
  tool: v.strictObject({name: v.literal('prism-doctor'), version: text}),
  /** As os-release(5) has it; null where nobody could look. */
  platform: nullable(v.strictObject({id: text, version: nullable(text)})),
  host: text,
  startedAt: timestamp,
  durationMs: v.pipe(v.number(), v.minValue(0)),
  error: nullable(v.strictObject({message: text})),
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
      v.strictObject({host: nullable(text), port: nullable(count), name: nullable(text), user: nullable(text)}),
    ),
  }),
  status,
  counts: v.strictObject({ok: count, warning: count, critical: count, unknown: count, skipped: count}),
  rootCauses: ids,
  notLookedAt: ids,
  checks: v.array(check),
  /** Only with --fix; the checks are as they are after it. */
  fix: v.optional(fix),
})
