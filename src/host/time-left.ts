/**
 * The one place that knows how long the diagnosis that is under way may still take. Every limit on
 * what is asked meanwhile is a part of that, so that something is known when the time is over; what
 * is asked besides (a step of --fix, a command of `run`) has only its own limit.
 */
let cutOff = Number.POSITIVE_INFINITY

/** Milliseconds since this process began: a clock that only goes forward. */
function sinceStart(): number {
  return process.uptime() * 1000
}

/**
 * A diagnosis begins, unless it has begun already with the search for its unit.
 * @param over Milliseconds of it that are over.
 * @returns the milliseconds that are left.
 */
export function startTime(milliseconds: number, over = 0): number {
  if (cutOff === Number.POSITIVE_INFINITY) cutOff = sinceStart() + milliseconds - over
  return timeLeft()
}

/** The first diagnosis of a process begins with it. */
export function startTimeOfProcess(milliseconds: number): void {
  startTime(milliseconds, sinceStart())
}

/** It has ended. */
export function endTime(): void {
  cutOff = Number.POSITIVE_INFINITY
}

/** Milliseconds. */
export function timeLeft(): number {
  return Math.max(0, cutOff - sinceStart())
}

/** How a limit follows the time that is left. */
export interface Share {
  /** Of the time that is left, at most: others are to be asked after a server that hangs. */
  readonly share?: number
  /**
   * Milliseconds, also when less is left: a shorter silence proves nothing, and what the end of the
   * run cuts off is unknown.
   */
  readonly least?: number
}

/**
 * Of a silence from which something is said to be wrong: a server on a slow machine is silent for
 * more than a second and well.
 */
export const provingSilence = {least: 2500} as const satisfies Share

/**
 * The limit of one question, in milliseconds.
 * @param usual where there is time enough.
 */
export function within(usual: number, {share = 1 / 2, least = 1000}: Share = {}): number {
  return Math.ceil(Math.min(usual, Math.max(timeLeft() * share, least)))
}

/** As a sentence says a limit: `8 s`, `1.2 s`. */
export function inSeconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 100) / 10} s`
}
