import type {Host} from '../../../host/host.ts'
import {ifSeen} from '../../../host/if-seen.ts'

/** A time as a clock on the wall has it, from the year to the second. */
export type WallTime = readonly [number, number, number, number, number, number]

/** What makes milliseconds since the epoch of the wall time of this machine. */
export type Clock = (time: WallTime) => number

/**
 * The clock of programs that write their local time without a zone, as nginx and Apache do:
 * /etc/localtime is a link to the file of the zone (localtime(5)); without it they write UTC.
 */
export async function localClock(host: Host): Promise<Clock> {
  const link = (await ifSeen(host.stat('/etc/localtime')))?.link ?? ''
  const zone = /(?:zoneinfo)\/(.+)$/.exec(link)?.[1] ?? 'UTC'
  return clockOf(zone) ?? clockOf('UTC') ?? utc
}

/** Null for a zone that nobody here knows. */
export function clockOf(zone: string): Clock | null {
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
    const offsetAt = (at: number): number => {
      const parts = new Map(format.formatToParts(at).map(({type, value}) => [type, Number(value)]))
      const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0
      const wall: WallTime = [
        part('year'),
        part('month'),
        part('day'),
        part('hour'),
        part('minute'),
        part('second'),
      ]
      return utc(wall) - Math.floor(at / 1000) * 1000
    }
    return time => {
      const naive = utc(time)
      // Once more with the offset of that time: around a change it is another.
      return naive - offsetAt(naive - offsetAt(naive))
    }
  } catch {
    return null
  }
}

function utc([year, month, day, hour, minute, second]: WallTime): number {
  return Date.UTC(year, month - 1, day, hour, minute, second)
}
