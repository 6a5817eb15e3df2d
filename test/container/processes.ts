import {existsSync, readFileSync} from 'node:fs'
import {setTimeout as sleep} from 'node:timers/promises'

/** A process, told apart from a later one that was given the same number by when it started. */
export interface Process {
  readonly pid: number
  /** In clock ticks since boot: field 22 of /proc/PID/stat. */
  readonly started: string
}

function stat(pid: number): {state: string; started: string} | null {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name in parentheses may hold spaces and parentheses.
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
    return {state: fields[0] ?? '', started: fields[19] ?? ''}
  } catch {
    return null
  }
}

export const processOf = (pid: number): Process => ({pid, started: stat(pid)?.started ?? ''})

/** Whether it still runs; a zombie does not. */
export function isAlive({pid, started}: Process): boolean {
  const now = stat(pid)
  return now !== null && now.started === started && now.state !== 'Z' && now.state !== 'X'
}

export function kill(target: Process, signal: NodeJS.Signals): void {
  if (isAlive(target)) process.kill(target.pid, signal)
}

export function children(pid: number): number[] {
  const file = `/proc/${pid}/task/${pid}/children`
  return existsSync(file)
    ? readFileSync(file, 'utf8').trim().split(' ').filter(Boolean).map(Number)
    : []
}

/** Asks until it says something other than undefined or false. */
export async function until<T>(
  what: string,
  seconds: number,
  ask: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const deadline = Date.now() + seconds * 1000
  for (;;) {
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    if (Date.now() > deadline) throw new Error(`waited ${seconds} s in vain: ${what}`)
    await sleep(20)
  }
}
