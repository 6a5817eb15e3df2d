import {months, pad} from '../words.ts'
import {type Html, html} from './markup.ts'

/**
 * A time that is still clear when the page is read elsewhere or later: in this process's zone,
 * which it names. A script adds how long ago that was.
 * @param time ISO 8601.
 * @param now the day of this time, also ISO 8601, is left out.
 */
export function moment(time: string, now?: string): Html {
  const said = clock(new Date(time), now)
  return html`<time datetime="${time}">${said}</time><span data-ago="${time}"></span>`
}

/** "26 Nov 2026, 17:09 UTC+01:00", or "17:09 UTC+01:00" on the day of `now`. */
function clock(time: Date, now: string | undefined): string {
  const at = `${pad(time.getHours())}:${pad(time.getMinutes())} ${zone(time)}`
  if (now !== undefined && time.toDateString() === new Date(now).toDateString()) return at
  return `${time.getDate()} ${months[time.getMonth()]} ${time.getFullYear()}, ${at}`
}

/** "UTC", "UTC+01:00": an abbreviation such as CST means three zones. */
function zone(time: Date): string {
  const minutes = -time.getTimezoneOffset()
  if (minutes === 0) return 'UTC'
  const distance = Math.abs(minutes)
  return `UTC${minutes < 0 ? '-' : '+'}${pad(Math.floor(distance / 60))}:${pad(distance % 60)}`
}
