import {Refused} from '../hands.ts'

/** What became of an entry; `already`: it was as it should become, and nothing was done to it. */
export type Outcome = 'done' | 'already' | NotDone

/** `begun`: of several calls one may have altered it. */
interface NotDone {
  readonly why: string
  readonly begun?: true
}

/** An entry that is not altered. */
export type Left = {readonly path: string; readonly why: string}

/** The outcome of what the system or a guard may refuse. */
export function outcomeOf(act: () => Outcome): Outcome {
  try {
    return act()
  } catch (error) {
    return {why: reasonOf(error)}
  }
}

/**
 * Why the system or a guard said no.
 * @throws what neither of them said: a fault of our own.
 */
export function reasonOf(error: unknown): string {
  const {code, message} = error as NodeJS.ErrnoException
  if (code === undefined && !(error instanceof Refused)) throw error
  return code ?? message
}
