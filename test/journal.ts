/** Lines of `journalctl --output=json`, with the fields that are asked for; the texts in the tests are real ones. */
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

const serviceUid = '5100'

export const systemd = (text: string, more: Partial<Line> = {}): Line => ({text, by: 'systemd', ...more})
export const child = (text: string, more: Partial<Line> = {}): Line => ({text, by: 'child', ...more})
export const service = (text: string, more: Partial<Line> = {}): Line => ({text, by: 'service', ...more})

export function journal(lines: readonly Line[]): string {
  return lines.map((line, index) => `${JSON.stringify(entry(line, index))}\n`).join('')
}

function entry({text, by, pid = 200, invocation = '8a42', at}: Line, index: number): Readonly<Record<string, unknown>> {
  const common = {
    __REALTIME_TIMESTAMP: String((journalStart + (at ?? index * 0.01) * 1000) * 1000),
    MESSAGE: by === 'service' || by === 'stranger' ? text : text.replace(/^(?=[A-Z])/, `${unitName}: `),
  }
  switch (by) {
    case 'systemd':
      return {...common, _UID: '0', _PID: '1', UNIT: unitName, _SYSTEMD_UNIT: 'init.scope', INVOCATION_ID: invocation}
    case 'child':
      // Too short-lived for journald to see its control group.
      return {...common, _UID: '0', _PID: '226', UNIT: unitName, INVOCATION_ID: invocation}
    case 'service':
      return {
        ...common,
        _UID: serviceUid,
        _PID: String(pid),
        _SYSTEMD_UNIT: unitName,
        ...(invocation !== null && {_SYSTEMD_INVOCATION_ID: invocation}),
      }
    case 'stranger':
      return {...common, _UID: '1000', _PID: '999', UNIT: unitName, _SYSTEMD_UNIT: 'user@1000.service'}
  }
}
