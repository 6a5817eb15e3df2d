import type {Target} from '../facts/target/target.ts'
import type {Host} from '../host/host.ts'
import type {Seen} from '../report/fact.ts'
import type {CheckId, Explanation, Finding, Row, Verdict} from '../report/finding.ts'

export interface Context {
  readonly host: Host
  readonly target: Target
  /** What a check that this one needs has found out; it is asked once, whoever wants it. */
  readonly resultOf: <R>(need: CheckOf<string, R>) => Promise<R>
}

/** What a check that others need hands on, beside what it says. */
export interface WithResult<R, C extends string = string> {
  readonly findings: readonly Verdict<C>[]
  readonly result: R
}

/** One question about the deployment. */
export interface Check {
  readonly id: CheckId
  /** The healthy state, as a statement without a full stop: "PostgreSQL accepts connections". */
  readonly title: string
  /**
   * What `--fix` may do about it, as "it …" without a full stop; absent where all is left to a
   * human.
   */
  readonly fix?: string
  readonly explanation: Explanation
  /** A row for each code that it may say: {@link findingsOf} makes it. */
  readonly findings: Readonly<Record<string, Pick<Row, 'status' | 'kind'>>>
  /**
   * Cannot be judged unless these pass; by reference, so that a typo does not compile and a cycle
   * does not load.
   */
  readonly needs?: readonly Check[]
  /** Of a module of somebody else's: what is wrong with its facts is said, and is no bug of ours. */
  readonly isForeign?: true
  /** Reaches the world only through `host`; throws when it could not look. */
  run(context: Context): Promise<Verdict | readonly Verdict[] | WithResult<unknown>>
  /**
   * What it knows of the machine, to be compared with how it was when it was last well; asked once
   * this check has answered, and only where a history is kept. What cannot be seen is left out
   * ({@link ifTold}); when this throws, nothing of it was seen. Two checks may offer the same fact:
   * it then touches both.
   */
  facts?(context: Context): Promise<readonly Seen[]>
}

/**
 * A check that says these codes, and hands on a result. Bad news that stops whoever needs it needs
 * no result.
 */
export interface CheckOf<C extends string, R = undefined> extends Check {
  run(context: Context): Promise<Answer<C, R>>
}

type Answer<C extends string, R> = [R] extends [undefined]
  ? Verdict<C> | readonly Verdict<C>[]
  : WithResult<R, C> | Finding<'critical', C> | readonly Finding<'critical', C>[]
