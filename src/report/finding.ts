/** `group/name`: the path of the check below src/checks/, the CLI argument and the metric label. */
export type CheckId = `${string}/${string}`

/** How a check ended; `unknown` and `skipped` are for the engine alone to say. */
export type Status = 'ok' | 'unknown' | 'warning' | 'critical' | 'skipped'

/**
 * `safe`: idempotent, no downtime, can be undone. `disruptive`: restarts something or changes data. `manual`: a human
 * edits the configuration or decides, so it is printed and never run.
 */
export type Risk = 'safe' | 'disruptive' | 'manual'

/** One thing to type. `argv` is null where no program stands behind it (a file to edit, a change made under guards). */
export interface Step {
  readonly shell: string
  readonly argv: readonly string[] | null
  /** What `--fix` does itself, since a program would follow links; `shell` is then the nearest command for a hand. */
  readonly change?: Change
}

/** A change of files below a directory of the deployment. Ids are numbers: names are resolved once, by the check. */
export type Change =
  /** Everything below `path`, and itself: to this owner, and to `gid` where the group is none of `groups`. */
  | {
      readonly kind: 'own'
      readonly path: string
      readonly uid: number
      readonly gid: number
      readonly groups: readonly number[]
    }
  /** Permission bits to add; of files the execute bits only where one of them is set (chmod's `X`). */
  | {readonly kind: 'mode'; readonly path: string; readonly recursive: boolean; readonly add: number}
  /** A directory that is missing. */
  | {readonly kind: 'make'; readonly path: string; readonly uid: number; readonly gid: number; readonly mode: number}
  /** Renames an entry within its directory to `<name>.<suffix>`. */
  | {readonly kind: 'aside'; readonly path: string; readonly suffix: string}
  /** Removes what is neither a file nor a directory: a dangling link, a FIFO, a socket. */
  | {readonly kind: 'remove'; readonly path: string}

/** What keeps a thing repaired, in the platform's own terms. */
export interface Lasting {
  /** The file that the lines belong into; null where it is not known, or nobody but the operator knows it. */
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
  /** `--fix` refuses unless these checks are ok: what writes to a database needs the right one first. */
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

export interface Finding<S extends Status = Status> {
  /** Stable within the check: what waivers and alerts name. */
  readonly code: string
  readonly status: S
  /** Holds the values: "localhost:5432 refuses connections". One line, no full stop. */
  readonly message: string
  /** ISO 8601, when systemd or the file system knows since when, else null. */
  readonly since: string | null
  readonly evidence: readonly string[]
  readonly remedy: Remedy | null
  /** When the finding recognised its cause in what it saw: only these explain it; `[]` means it is the cause itself. */
  readonly because?: readonly CheckId[]
  readonly metrics?: readonly Metric[]
}

/** What a check may say. */
export type Verdict = Finding<'ok' | 'warning' | 'critical'>

/** What may be added to any verdict. */
export interface Details {
  readonly evidence?: readonly string[]
  readonly since?: string | null
  readonly because?: readonly CheckId[]
  readonly metrics?: readonly Metric[]
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

/** What `explain` needs of a check. */
export interface Explained {
  readonly id: CheckId
  readonly title: string
  readonly explanation: Explanation
  readonly needs?: readonly Pick<Explained, 'id'>[]
  readonly explainedBy?: readonly CheckId[]
}

export function ok(message: string, details: Details = {}): Finding<'ok'> {
  return {code: 'ok', status: 'ok', message, since: null, evidence: [], remedy: null, ...details}
}

export function warning(code: string, message: string, remedy: Remedy, details: Details = {}): Finding<'warning'> {
  return {code, status: 'warning', message, since: null, evidence: [], remedy, ...details}
}

export function critical(code: string, message: string, remedy: Remedy, details: Details = {}): Finding<'critical'> {
  return {code, status: 'critical', message, since: null, evidence: [], remedy, ...details}
}
