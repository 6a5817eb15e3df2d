import {lstatSync} from 'node:fs'
import {posix} from 'node:path'
import * as v from 'valibot'
import type {Check} from '../checks/check.ts'
import {followAsRoot, type RootsPath} from '../host/local/roots-alone.ts'
import type {Secrets} from '../host/secrets.ts'
import type {CheckId, Finding, Verdict} from '../report/finding.ts'
import {finding, id, metric, title, way} from '../report/schema.ts'
import {UsageError} from '../report/usage-error.ts'
import {foreignFacts} from './foreign-facts.ts'
import {configWaivers} from './waivers-check.ts'

const sentence = v.pipe(v.string(), v.minLength(1, 'must not be empty'))

const explanation = v.strictObject({
  why: sentence,
  asks: sentence,
  findings: v.record(
    v.string(),
    v.strictObject({
      means: sentence,
      remedy: sentence,
      kind: v.optional(v.picklist(['cause', 'symptom']), 'cause'),
    }),
  ),
  mistakenFor: v.string(),
})

/**
 * A check as a module of somebody else's writes it: `needs` are ids, since our objects are not to
 * be had there.
 */
const foreignCheck = v.strictObject({
  id,
  title,
  explanation,
  needs: v.optional(v.array(id), []),
  run: v.custom<Check['run']>(value => typeof value === 'function', 'must be a function'),
  facts: v.exactOptional(
    v.custom<NonNullable<Check['facts']>>(
      value => typeof value === 'function',
      'must be a function',
    ),
  ),
})

const {risk: _, ...entries} = way.entries
const foreignWay = v.strictObject({
  ...entries,
  nix: v.optional(entries.nix, null),
  lasting: v.optional(entries.lasting, null),
})

/** What other people's checks propose is printed and never run: --fix answers for our own. */
function byHand<W extends v.InferOutput<typeof foreignWay>>(proposed: W) {
  const lasting =
    proposed.lasting ?? (proposed.nix === null ? null : {file: null, text: proposed.nix})
  return {...proposed, lasting, risk: 'manual' as const}
}

const remedy = v.pipe(
  v.strictObject({
    ...foreignWay.entries,
    alternatives: v.optional(v.array(v.pipe(foreignWay, v.transform(byHand))), []),
  }),
  v.transform(byHand),
)

/** Prometheus's base units (its "Metric and label naming"): dashboards expect no other. */
const baseUnits = [
  '',
  'seconds',
  'bytes',
  'ratio',
  'celsius',
  'meters',
  'volts',
  'amperes',
  'joules',
  'grams',
] as const

/** JSON has no other numbers. */
const finite = v.pipe(v.number(), v.finite('must be a finite number'))

const foreignMetric = v.strictObject({
  ...metric.entries,
  value: finite,
  warning: v.exactOptional(finite),
  critical: v.exactOptional(finite),
  max: v.exactOptional(finite),
  unit: v.picklist(baseUnits, `must be empty or a base unit: ${baseUnits.slice(1).join(', ')}`),
})

/** A finding of the report, of which a check writes no more than it has to say. */
const foreignFinding = v.strictObject({
  ...finding.entries,
  status: v.picklist(['ok', 'warning', 'critical']),
  since: v.optional(finding.entries.since, null),
  evidence: v.optional(finding.entries.evidence, []),
  remedy: v.optional(v.nullable(remedy), null),
  because: v.optional(v.array(v.custom<CheckId>(value => typeof value === 'string'))),
  metrics: v.optional(v.array(foreignMetric), []),
})

const verdicts = v.array(foreignFinding)

/**
 * Loads the checks of modules, each of which exports `checks`.
 * @throws UsageError for a module that cannot be loaded, is not to be trusted, or whose checks are
 *   none.
 */
export async function loadChecks(
  paths: readonly string[],
  own: readonly Check[],
): Promise<readonly Check[]> {
  const known = new Map<string, Check>([...own, configWaivers].map(check => [check.id, check]))
  const loaded: Check[] = []
  for (const path of paths) {
    if (process.geteuid?.() === 0) assertTrusted(path)
    for (const foreign of await read(path)) {
      if (known.has(foreign.id))
        throw new UsageError(`${path}: there is a check ${foreign.id} already; give it another id`)
      const needs = foreign.needs.map(name => {
        const need = known.get(name)
        if (!need)
          throw new UsageError(
            `${path}: ${foreign.id} needs ${name}, which is no check that is known before it`,
          )
        return need
      })
      const check = checkOf(foreign, needs)
      known.set(check.id, check)
      loaded.push(check)
    }
  }
  return loaded
}

type Foreign = v.InferOutput<typeof foreignCheck>

async function read(path: string): Promise<readonly Foreign[]> {
  let module: {checks?: unknown}
  try {
    module = await import(path)
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error)
    throw new UsageError(`${path} cannot be loaded: ${said.replace(/(?<!\s)\s*\n\s*/g, ' ')}`)
  }
  const result = v.safeParse(v.array(foreignCheck), module.checks)
  if (result.success) return result.output
  const [issue] = result.issues
  const where = v.getDotPath(issue) ?? ''
  throw new UsageError(
    `${path} does not export checks as they are written: checks${where && `.${where}`}: ${issue.message}`,
  )
}

function checkOf(
  {run, facts, needs: _, id: name, ...foreign}: Foreign,
  needs: readonly Check[],
): Check {
  const rows = Object.entries(foreign.explanation.findings)
  const findings = Object.fromEntries(
    rows.map(([code, {kind}]) => [code, {status: 'critical', kind} as const]),
  )
  return {
    ...foreign,
    id: name as CheckId,
    needs,
    findings,
    isForeign: true,
    ...(facts && {facts: context => foreignFacts(name, facts, context)}),
    async run(context) {
      const said = await run(context)
      const result = v.safeParse(verdicts, Array.isArray(said) ? said : [said])
      if (result.success) {
        assertNamed(result.output, context.host.secrets)
        return result.output.map(each => ({
          ...each,
          ...withKind(each, findings),
        })) as readonly Verdict[]
      }
      const [issue] = result.issues
      const where = v.getDotPath(issue) ?? ''
      throw new Error(`what it says is no verdict: ${where && `${where}: `}${issue.message}`)
    },
  }
}

/**
 * Programs compare the names of metrics, so that nothing is replaced in them; a secret that is a
 * word would be told by refusing it.
 * @throws Error for a name that has a secret in it.
 */
function assertNamed(said: v.InferOutput<typeof verdicts>, {redact}: Secrets): void {
  const names = said.flatMap(({metrics}) => metrics.map(({name}) => name))
  if (names.some(name => /\d/.test(name) && redact(name) !== name))
    throw new Error('what it says is no verdict: the name of a metric holds a secret')
}

/** @throws Error for a code that its explanation does not have. */
function withKind(
  {code, status}: v.InferOutput<typeof finding>,
  findings: Check['findings'],
): Pick<Finding, 'kind'> {
  if (status === 'ok') return {}
  const row = findings[code]
  if (!row) throw new Error(`what it says is no verdict: its explanation has no finding "${code}"`)
  return {kind: row.kind}
}

/**
 * What is loaded as root is root: nobody else may be able to write it, or any directory on the way
 * to it, where Node looks for what it imports as well.
 */
function assertTrusted(path: string): void {
  const {foreign, path: own} = followed(path)
  const end = foreign === null ? own : foreign.kind === 'file' ? foreign.path : null
  // Before its mode is judged: nobody is told to give a device to root.
  if (end !== null && !lstatSync(end).isFile())
    throw new UsageError(`${path} is no regular file; name a module in "checks"`)
  if (foreign) {
    const cure =
      foreign.kind === 'file'
        ? 'chown it to root and chmod go-w it'
        : 'move them to a directory that root alone can write to, as /etc/prism-doctor'
    throw new UsageError(
      `${foreign.path} can be written by others than root, so no checks are loaded from it; ${cure}`,
    )
  }
  if (own !== posix.normalize(path))
    throw new UsageError(`${path} leads by a symbolic link to ${own}; name the checks by that path`)
}

function followed(path: string): RootsPath {
  try {
    return followAsRoot(path, {sticky: false})
  } catch (error) {
    const {code = ''} = error as NodeJS.ErrnoException
    const why = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`
    throw new UsageError(
      `${path} ${why}, and the configuration names checks in it; correct "checks"`,
    )
  }
}
