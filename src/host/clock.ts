/**
 * Milliseconds of a clock that only goes forward. The global `performance` loads all of
 * node:perf_hooks for as much.
 */
export function clock(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
