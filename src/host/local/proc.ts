import {closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync} from 'node:fs'
import type {Named} from '../activity.ts'

/** Null for a process that has ended meanwhile, and for what is not shown. */
export function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

/** The numbers in a directory of proc(5), in order. */
export function numbersIn(path: string): readonly number[] {
  try {
    return readdirSync(path)
      .filter(name => /^\d+$/.test(name))
      .map(Number)
      .sort((a, b) => a - b)
  } catch {
    return []
  }
}

/** What a descriptor is; null where it was closed meanwhile. */
export function targetOf(pid: number, descriptor: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/fd/${descriptor}`)
  } catch {
    return null
  }
}

export function named(pid: number): Named {
  return {pid, name: (textOf(`/proc/${pid}/comm`) ?? '').replace(/\n$/, '')}
}

/** Bytes of a process's memory; null where they may not be read, or are not there. */
export function memoryOf(pid: number, address: number, length: number): Buffer | null {
  if (!Number.isSafeInteger(address) || address <= 0 || length <= 0) return null
  try {
    const memory = openSync(`/proc/${pid}/mem`, 'r')
    try {
      const bytes = Buffer.alloc(length)
      return bytes.subarray(0, readSync(memory, bytes, 0, length, address))
    } finally {
      closeSync(memory)
    }
  } catch {
    return null
  }
}

/** proc_pid_stat(5). */
export interface Stat {
  readonly state: string
  readonly parent: number
  /** Ticks, 100 a second, of a processor. */
  readonly ticks: number
  /** Ticks from the boot to its start. */
  readonly started: number
}

/** A name may hold parentheses and blanks: what follows begins behind the last one. */
export function parseStat(text: string): Stat | null {
  const words = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [state = '', parent] = words
  const [user, system, started] = [words[11], words[12], words[19]].map(Number)
  if (!/^[A-Za-z]$/.test(state) || started === undefined || Number.isNaN(started)) return null
  return {state, parent: Number(parent), ticks: (user ?? 0) + (system ?? 0), started}
}

/** The control group of a process in the hierarchy that systemd keeps, cgroups(7). */
export function groupIn(text: string): string | null {
  const unified = /^0::(.*)$/m.exec(text)?.[1]
  // Where systemd does not use that one, every process is at its root.
  return unified !== undefined && unified !== '/'
    ? unified
    : (/^\d+:name=systemd:(.*)$/m.exec(text)?.[1] ?? unified ?? null)
}

/**
 * The processes of a control group and of those below it. In a container that sees the groups of
 * its host, systemd's names begin where its own process lies.
 */
export function processesOf(group: string): readonly number[] {
  const own = groupIn(textOf('/proc/1/cgroup') ?? '') ?? '/'
  const root = own.replace(/\/init\.scope$/, '').replace(/\/+$/, '')
  const whole = `${root}${group}`
  return numbersIn('/proc').filter(pid => {
    const of = groupIn(textOf(`/proc/${pid}/cgroup`) ?? '')
    return of === whole || of?.startsWith(`${whole}/`) === true
  })
}

/** By cgroup.events of cgroups(7) version 2, which tells of the groups above as well. */
export function isFrozen(group: string): boolean {
  return /^frozen 1$/m.test(textOf(`/sys/fs/cgroup${group}/cgroup.events`) ?? '')
}
