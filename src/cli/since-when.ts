import {CLIError} from '@oclif/core/errors'

const units: Readonly<Record<string, number>> = {
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
}

/**
 * A moment as a person types it: "90min", "2h", "3d", "1w" ago, a day, or a day and a time, in
 * local time unless it says otherwise.
 * @returns ISO 8601.
 * @throws CLIError for anything else.
 */
export async function sinceWhen(text: string): Promise<string> {
  const [, count, unit = ''] = /^(\d{1,4})(min|h|d|w)$/.exec(text) ?? []
  if (count !== undefined)
    return new Date(Date.now() - Number(count) * (units[unit] ?? 0)).toISOString()
  const day = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00` : text.replace(' ', 'T')
  const time = new Date(day)
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(day) && !Number.isNaN(time.getTime()))
    return time.toISOString()
  throw new CLIError(
    `${JSON.stringify(text)} is not a time; give 90min, 2h, 3d, 1w, or a day like 2026-12-31, or "2026-12-31 14:00"`,
  )
}
