import type {JournalEntry} from '../src/host/host.ts'

/** A line of the journal; the texts in the tests are real ones. */
export interface Line {
  readonly text: string
  readonly by: 'systemd' | 'child' | 'service' | 'stranger'
  readonly pid?: number
  /** Null: the process was gone before journald looked at it. */
  readonly invocation?: string | null
  /** Seconds after the first. */
  readonly at?: number
}

export const unitName = 'prism-django.service'

/** When the first line was written, milliseconds since the epoch. */
export const journalStart = Date.parse('2026-11-23T08:28:00.000Z')

const serviceUid = 5100

export const systemd = (text: string, more: Partial<Line> = {}): Line => ({
  text,
  by: 'systemd',
  ...more,
})
export const child = (text: string, more: Partial<Line> = {}): Line => ({
  text,
  by: 'child',
  ...more,
})
export const service = (text: string, more: Partial<Line> = {}): Line => ({
  text,
  by: 'service',
  ...more,
})

/** What the journal answers of a unit that has these lines. */
export function journal(lines: readonly Line[], unit = unitName): readonly JournalEntry[] {
  return lines.map((line, index) => entry(line, index, unit))
}

function entry(
  {text, by, pid = 200, invocation = '8a42', at}: Line,
  index: number,
  unit: string,
): JournalEntry {
  const said =
    by === 'service' || by === 'stranger' ? text : text.replace(/^(?=[A-Z])/, `${unit}: `)
  const common = {at: journalStart + Math.floor((at ?? index * 0.01) * 1000), text: said}
  const start = invocation !== null && {invocation}
  switch (by) {
    case 'systemd':
      return {...common, uid: 0, pid: 1, about: unit, unit: 'init.scope', ...start}
    case 'child':
      // Too short-lived for journald to see its control group.
      return {...common, uid: 0, pid: 226, about: unit, ...start}
    case 'service':
      return {...common, uid: serviceUid, pid, unit, ...start}
    case 'stranger':
      return {...common, uid: 1000, pid: 999, about: unit, unit: 'user@1000.service'}
  }
}
