import {spawnSync} from 'node:child_process'

/** Milliseconds from the start of a program to its end. */
export function time(program: string, args: readonly string[], env = process.env): number {
  const start = process.hrtime.bigint()
  const {error, status} = spawnSync(program, args, {stdio: 'ignore', env})
  if (error) throw error
  if (status === null) throw new Error(`${program} was killed`)
  return Number(process.hrtime.bigint() - start) / 1e6
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}

/** The median of what each run took, as a multiple of what the yardstick took beside it. */
export function ratio(values: readonly number[], yardstick: readonly number[]): number {
  return median(values.map((value, run) => value / (yardstick[run] ?? Number.NaN)))
}

/** Measures one after the other, and that over and over: what slows the machine slows all alike. */
export function interleaved<T>(
  runs: number,
  measures: readonly (() => T)[],
  warmUp = 0,
): readonly (readonly T[])[] {
  const taken = measures.map((): T[] => [])
  for (let run = -warmUp; run < runs; run += 1) {
    for (const [index, measure] of measures.entries()) {
      const one = measure()
      if (run >= 0) taken[index]?.push(one)
    }
  }
  return taken
}

/** A table in Markdown; all columns but the first hold numbers. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = head.map((_, index) => (index === 0 ? '---' : '---:'))
  return [head, rule, ...rows].map(cells => `| ${cells.join(' | ')} |\n`).join('')
}
