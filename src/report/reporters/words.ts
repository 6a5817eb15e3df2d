const small = [
  'no',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
]

/** "one check", "two checks", "13 checks". */
export function counted(count: number, singular: string, plural = `${singular}s`): string {
  return `${small[count] ?? count} ${count === 1 ? singular : plural}`
}

export function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** "a", "a and b", "a, b and c". */
export function listed(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`
}

/** Milliseconds as a person reads them: "12 ms", "0.41 s", "12.3 s". */
export function duration(milliseconds: number): string {
  if (milliseconds < 100) return `${Math.round(milliseconds)} ms`
  return milliseconds < 10_000
    ? `${(milliseconds / 1000).toFixed(2)} s`
    : `${(milliseconds / 1000).toFixed(1)} s`
}

export const months = [
  'Jan',
  'Feb',
  'Mar',
  'Apr',
  'May',
  'Jun',
  'Jul',
  'Aug',
  'Sep',
  'Oct',
  'Nov',
  'Dec',
]

/**
 * "since 03:12 (4 h ago)", in local time; both are ISO 8601. Empty when it cannot be: a time that
 * has not come yet.
 */
export function since(time: string, now: string): string {
  const then = new Date(time)
  const today = new Date(now)
  const seconds = (today.getTime() - then.getTime()) / 1000
  if (!(seconds >= 0)) return ''
  const clock = `${pad(then.getHours())}:${pad(then.getMinutes())}`
  const day = `${then.getDate()} ${months[then.getMonth()]}`
  const sameDay = then.toDateString() === today.toDateString()
  const date = sameDay
    ? ''
    : then.getFullYear() === today.getFullYear()
      ? `${day} `
      : `${day} ${then.getFullYear()} `
  return `since ${date}${clock} (${seconds < 5 ? 'just now' : `${ago(seconds)} ago`})`
}

function ago(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`
  if (seconds < 36 * 3600) return `${Math.round(seconds / 3600)} h`
  return `${Math.round(seconds / 86_400)} days`
}

export function pad(value: number): string {
  return String(value).padStart(2, '0')
}
