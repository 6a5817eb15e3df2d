import type {Target} from '../facts/target/target.ts'
import type {Host} from '../host/host.ts'
import type {CheckId, Explanation, Verdict} from '../report/finding.ts'

export interface Context {
  readonly host: Host
  readonly target: Target
}

/** One question about the deployment. */
export interface Check {
  readonly id: CheckId
  /** The healthy state, as a statement without a full stop: "PostgreSQL accepts connections". */
  readonly title: string
  /** What `--fix` may do about it, as "it …" without a full stop; absent where all is left to a human. */
  readonly fix?: string
  readonly explanation: Explanation
  /** Cannot be judged unless these pass; by reference, so that a typo does not compile and a cycle does not load. */
  readonly needs?: readonly Check[]
  /** May be the reason when this fails; by id or "group/*", since explanations need no order of loading. */
  readonly explainedBy?: readonly CheckId[]
  /** Reaches the world only through `host`; throws when it could not look. */
  run(context: Context): Promise<Verdict | readonly Verdict[]>
}
