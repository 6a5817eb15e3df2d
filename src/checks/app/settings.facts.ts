import {changedAt, factOf} from '../../facts/picture/facts.ts'
import {findLocales} from '../../facts/picture/locales.ts'
import {codeFacts, environmentOfPython, settingFacts} from '../../facts/picture/python.ts'
import type {Host} from '../../host/host.ts'
import {ifTold} from '../../host/if-seen.ts'
import type {Fact, Seen} from '../../report/fact.ts'
import type {Context} from '../check.ts'

/** What Django starts from: Python, what is installed, the code, the settings, locale and zone. */
export async function settingsFacts({host, target}: Context): Promise<readonly Seen[]> {
  const [locales, zone] = await Promise.all([findLocales(host), timeZone(host)])
  return [
    ...environmentOfPython(target),
    ...codeFacts(target),
    ...settingFacts(target),
    ...locales,
    ...zone,
  ]
}

/** /etc/localtime leads to the zone (localtime(5)); a file in its place is no link. */
async function timeZone(host: Host): Promise<readonly Fact[]> {
  const path = '/etc/localtime'
  const looked = await ifTold(host.stat(path).then(stat => ({stat})))
  if (!looked) return []
  const {stat} = looked
  const zone = stat?.link?.replace(/^.*\/zoneinfo\//, '') ?? (stat ? 'a file' : 'UTC')
  return [factOf('system/time zone', path, zone, changedAt(stat))]
}
