import type {Host} from '../../host/host.ts'
import {findEntries} from '../journal/entries.ts'
import {isBelow} from './paths.ts'

/**
 * What systemd-tmpfiles said since the boot where a directory on the way belongs to one user and
 * what lies in it to another: it makes nothing below, and its unit succeeds all the same. Null
 * where it said nothing of the kind about this path.
 */
export async function refusedByTmpfiles(host: Host, path: string): Promise<string | null> {
  const said = (await findEntries(host, [{identifier: 'systemd-tmpfiles'}], 200)) ?? []
  const refusal = /^Detected unsafe path transition \S+ \(owned by \S+\) \S+ (\S+) \(owned by \S+\)/
  const matches = said.flatMap(({text}) => text.split('\n')).map(line => refusal.exec(line))
  return matches.findLast(match => match?.[1] && isBelow(path, match[1]))?.[0] ?? null
}
