/** `group/name`: the path of the check below src/checks/, the CLI argument and the metric label. */
export type CheckId = `${string}/${string}`

/** What stands before the slash. */
export function groupOf(id: CheckId): string {
  return id.slice(0, id.indexOf('/'))
}

/** How a check ended; `unknown` and `skipped` are for the engine alone to say. */
export type Status = 'ok' | 'unknown' | 'warning' | 'critical' | 'skipped'

/**
 * `safe`: idempotent, no downtime, can be undone. `disruptive`: restarts something or changes data.
 * `manual`: a human edits the configuration or decides, so it is printed and never run.
 */
export type Risk = 'safe' | 'disruptive' | 'manual'

/**
 * One thing to type. `argv` is null where no program stands behind it (a file to edit, a change
 * made under guards).
 */
export interface Step {
  readonly shell: string
  readonly argv: readonly string[] | null
  /**
   * What `--fix` does itself, since a program would follow links; `shell` is then the nearest
   * command for a hand.
   */
  readonly change?: Change
}

/**
 * A change of files below a directory of the deployment. Ids are numbers: names are resolved once,
 * by the check.
 */
export type Change =
  /**
   * Everything below `path`, and itself: to this owner, and to `gid` where the group is none of
   * `groups`.
   */
  | {
      readonly kind: 'own'
      readonly path: string
      readonly uid: number
      readonly gid: number
      readonly groups: readonly number[]
    }
  /**
   * Permission bits to add; of files the execute bits only where one of them is set (chmod's `X`).
   */
  | {
      readonly kind: 'mode'
      readonly path: string
      readonly recursive: boolean
      readonly add: number
    }
  /** A directory that is missing. */
  | {
      readonly kind: 'make'
      readonly path: string
      readonly uid: number
      readonly gid: number
      readonly mode: number
    }
  /** Renames an entry within its directory to `<name>.<suffix>`. */
  | {readonly kind: 'aside'; readonly path: string; readonly suffix: string}
  /** Removes what is neither a file nor a directory: a dangling link, a FIFO, a socket. */
  | {readonly kind: 'remove'; readonly path: string}

/** What keeps a thing repaired, in the platform's own terms. */
export interface Lasting {
  /**
   * The file that the lines belong into; null where it is not known, or nobody but the operator
   * knows it.
   */
  readonly file: string | null
  readonly text: string
}

/** One way to put a thing right. */
export interface Way {
  /** A verb phrase without a full stop: "Start PostgreSQL". */
  readonly summary: string
  readonly risk: Risk
  /** What to type, in order; never prose. */
  readonly steps: readonly Step[]
  /** The lines of Nix that make it last: on NixOS alone, else null. */
  readonly nix: string | null
  /** The same on every platform; null where the steps last by themselves. */
  readonly lasting: Lasting | null
}

export interface Remedy extends Way {
  /** Other ways: one of them is enough. */
  readonly alternatives: readonly Way[]
  /**
   * `--fix` refuses unless these checks are ok: what writes to a database needs the right one
   * first.
   */
  readonly requires?: readonly CheckId[]
}

/** A number worth graphing; `unit` is Prometheus's base unit ("seconds", "bytes") or empty. */
export interface Metric {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** On which side of its thresholds it is bad: connections in use `above`, bytes left `below`. */
  readonly direction: 'above' | 'below'
  readonly warning?: number
  readonly critical?: number
  readonly max?: number
}

/**
 * What was tried to find the cause: one thing was varied, and then it was looked again. Its cost is
 * shown with `--verbose`.
 */
export interface Experiment {
  /** What was done and what came out: "the start fails in the same way without its sandbox". */
  readonly outcome: string
  /**
   * What cannot be the cause by that: "the sandbox of x.service"; null where that was found to be
   * the cause, or nothing came out.
   */
  readonly rulesOut: string | null
  /** How often something was run or asked for it. */
  readonly runs: number
  /** Milliseconds. */
  readonly durationMs: number
}

/**
 * `cause`: the check saw the fault itself (a wrong password, another program on the port).
 * `symptom`: something is off, and the reason may lie elsewhere (502, a crash loop).
 */
export type Kind = 'cause' | 'symptom'

/** A check by its id, or every check of a group: "group/*". */
export type CheckPattern = CheckId

export interface Finding<S extends Status = Status, C extends string = string> {
  /** Stable within the check: what waivers and alerts name. */
  readonly code: C
  readonly status: S
  /** Holds the values: "localhost:5432 refuses connections". One line, no full stop. */
  readonly message: string
  /** ISO 8601, when systemd or the file system knows since when, else null. */
  readonly since: string | null
  readonly evidence: readonly string[]
  readonly remedy: Remedy | null
  /** Of bad news; ok and unknown are neither. */
  readonly kind?: Kind
  /**
   * Where the finding recognised its cause in what it saw (an exception, an SQLSTATE in the
   * journal): only these checks explain it, while they fail. `itself`: what was seen is the cause,
   * although its code is a symptom's.
   */
  readonly because?: Because
  /** What is said instead where nothing explains it: no cause is known then. */
  readonly open?: Open
  /** See {@link Row.explains}. */
  readonly explains?: readonly CheckPattern[]
  /** See {@link Row.explainedBy}. */
  readonly explainedBy?: readonly CheckId[]
  readonly metrics?: readonly Metric[]
  readonly experiments?: readonly Experiment[]
}

export type Because = readonly CheckId[] | 'itself'

/** What is left of a symptom that nothing explains. */
export interface Open {
  /** The last lines that nobody explains, a few, without secrets. */
  readonly lines: readonly string[]
  /** What would tell more. */
  readonly look: Remedy
}

/** What a check may say. */
export type Verdict<C extends string = string> =
  | Finding<'ok', 'ok'>
  | Finding<'warning' | 'critical', C>

/** What may be added to any verdict. */
export interface Details {
  readonly evidence?: readonly string[]
  readonly since?: string | null
  readonly because?: Because
  readonly open?: Open
  readonly metrics?: readonly Metric[]
  /** What was tried on the way to the verdict, whatever that is. */
  readonly experiments?: readonly Experiment[]
}

/** What `explain` prints and the reference in docs/ holds: plain text in whole sentences. */
export interface Explanation {
  /** Why it matters: what the owner or a visitor sees when it fails. */
  readonly why: string
  /** What is asked of the machine, and how. */
  readonly asks: string
  /** What each finding but `ok` means and what to do about it, by code. */
  readonly findings: Readonly<Record<string, Meaning>>
  /** Which look-alikes it passes over, and what it is often mistaken for. */
  readonly mistakenFor: string
}

export interface Meaning {
  readonly means: string
  readonly remedy: string
}

type Bad = 'warning' | 'critical'

/** One code of a check: how bad it is at worst, whether it is a cause, and what is said. */
export interface Row<W extends Words = Words, S extends Bad = Bad> {
  readonly status: S
  readonly kind: Kind
  /** One line without a full stop that holds the values. */
  readonly words: W
  /**
   * An exception, with its reason at the check: what fails of these is a consequence, even where it
   * is a cause.
   */
  readonly explains?: readonly CheckPattern[]
  /**
   * An exception, with its reason at the check: these explain the symptom, although they do not
   * stand below it.
   */
  readonly explainedBy?: readonly CheckId[]
}

type Words = (...values: never[]) => string

/** What `explain` needs of a check. */
export interface Explained {
  readonly id: CheckId
  readonly title: string
  readonly explanation: Explanation
  readonly needs?: readonly Pick<Explained, 'id'>[]
  readonly findings: Readonly<Record<string, Pick<Row, 'status' | 'kind'>>>
}

/** The codes of a check whose reason may lie elsewhere. */
export function symptomsOf({findings}: Pick<Explained, 'findings'>): readonly string[] {
  return Object.keys(findings).filter(code => findings[code]?.kind === 'symptom')
}

export function ok(message: string, details: Omit<Details, 'because'> = {}): Finding<'ok', 'ok'> {
  return {code: 'ok', status: 'ok', message, since: null, evidence: [], remedy: null, ...details}
}

/** The row of a code that is a cause. */
export function cause<S extends Bad, W extends Words>(
  status: S,
  words: W,
  options: Pick<Row, 'explains'> = {},
): Row<W, S> {
  return {status, kind: 'cause', words, ...options}
}

/** The row of a code that is a symptom. */
export function symptom<S extends Bad, W extends Words>(
  status: S,
  words: W,
  options: Pick<Row, 'explainedBy'> = {},
): Row<W, S> {
  return {status, kind: 'symptom', words, ...options}
}

/** What is said of one code, before anybody knows what to do about it. */
export interface Said<C extends string = string, S extends Bad = Bad>
  extends Pick<Row, 'kind' | 'explains' | 'explainedBy'> {
  readonly code: C
  readonly status: S
  readonly message: string
}

/** Says one code with its values. */
export interface Sayer<C extends string, R extends Row> extends Pick<Row, 'kind' | 'status'> {
  (...values: Parameters<R['words']>): Said<C, R['status']>
}

export type Findings<T extends Readonly<Record<string, Row>>> = {
  readonly [C in keyof T & string]: Sayer<C, T[C]>
}

/** The codes of a table that {@link findingsOf} made. */
export type CodeOf<F> = keyof F & string

/**
 * The findings of a check: a row for each code that its explanation has, and for no other.
 * `found.missing('prism')` says the code `missing` with its value; {@link finding} adds the remedy.
 */
export function findingsOf<
  E extends Explanation,
  const T extends {readonly [C in keyof E['findings'] & string]: Row},
>(_: E, rows: T & {readonly [C in Exclude<keyof T, keyof E['findings']>]: never}): Findings<T> {
  const sayers = Object.entries<Row>(rows).map(([code, {words, ...row}]) => {
    const say = (...values: readonly never[]): Said => ({code, ...row, message: words(...values)})
    return [code, Object.assign(say, {status: row.status, kind: row.kind})]
  })
  return Object.fromEntries(sayers)
}

/** Bad news: what is said, and what to do about it. */
export function finding<C extends string, S extends Bad>(
  said: Said<C, S>,
  remedy: Remedy,
  details: Details = {},
): Finding<S, C> {
  return {...said, since: null, evidence: [], remedy, ...details}
}

/** The same, where it is not so bad this time. */
export function milder<C extends string>(said: Said<C>): Said<C, 'warning'> {
  return {...said, status: 'warning'}
}
