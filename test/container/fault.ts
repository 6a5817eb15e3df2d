/** A way to break a host, and what a doctor must say of it. */
export interface Fault {
  readonly name: string
  /** What is wrong, as a person would report it. */
  readonly title: string
  /**
   * A script for bash inside the machine, with inject.sh before it. It ends when the machine is
   * visibly broken.
   */
  readonly inject: string
  /**
   * Asserts the breakage; a fault that does not break is a defect of the fault. Run after `inject`,
   * must succeed.
   */
  readonly broken: string
  readonly expect: Expectation
}

interface Expectation {
  readonly exit: 0 | 1 | 2 | 3
  /** Exactly these, in any order. */
  readonly rootCauses: readonly string[]
  /** A finding of a root cause must say it. */
  readonly message?: RegExp
}

/** A fault by its name and title. */
export function fault(
  name: string,
  title: string,
  rest: Pick<Fault, 'inject' | 'broken' | 'expect'>,
): Fault {
  return {name, title, ...rest}
}
