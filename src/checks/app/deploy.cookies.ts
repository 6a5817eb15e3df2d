import {sourceOf} from '../../facts/django/django.ts'
import {findFronts} from '../../facts/fronts/find.ts'
import {hasTlsElsewhere} from '../../facts/fronts/tls-elsewhere.ts'
import type {Target} from '../../facts/target/target.ts'
import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {mend} from '../../remedies/remedy.ts'
import {restart} from '../../remedies/service.ts'
import {settingMeans} from '../../remedies/setting-means.ts'
import {type Finding, finding} from '../../report/finding.ts'
import {type Code, found} from './deploy.findings.ts'

/** Cookies that browsers send over TLS alone, where nothing seems to speak TLS. */
export async function cookiesLost(
  host: Host,
  target: Target,
): Promise<Finding<'warning', Code> | null> {
  const secure = secureCookies(target)
  const [setting] = secure
  if (setting === undefined || hasTlsElsewhere(target)) return null
  const fronts = (await ifSeen(findFronts(host, target)))?.filter(({active}) => active) ?? []
  const sites = fronts.flatMap(({kind, sites: all}) =>
    all.filter(({leadsHere}) => leadsHere).map(site => ({kind, site})),
  )
  const [first] = sites
  if (!first || sites.some(({site}) => site.listens.some(({tls}) => tls))) return null
  const names = first.site.names.join(', ') || 'it'
  const cure = mend(
    'Serve it over TLS, or turn the setting off',
    settingMeans(target, setting, 'false'),
    {
      after: [restart(target)],
    },
  )
  return finding(found['secure-cookies'](secure, first.kind, names), cure, {
    evidence: secure.map(name => sourceOf(target.django, name)),
  })
}

function secureCookies({django}: Target): readonly string[] {
  return ['SESSION_COOKIE_SECURE', 'CSRF_COOKIE_SECURE'].filter(
    name => django.answer?.settings[name] === true,
  )
}
