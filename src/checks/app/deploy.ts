import {type DjangoAnswer, listSetting, type SystemCheck, sourceOf} from '../../facts/django/django.ts'
import {whereVariable} from '../../facts/django/variables.ts'
import {findFronts} from '../../facts/fronts/find.ts'
import {allowedHost} from '../../facts/http.ts'
import {answerOf, type Target} from '../../facts/target/target.ts'
import {type Host, NotStated} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {mend} from '../../remedies/remedy.ts'
import {restart} from '../../remedies/service.ts'
import {settingMeans} from '../../remedies/setting-means.ts'
import {ok, type Verdict, warning} from '../../report/finding.ts'
import {hand} from '../../report/step.ts'
import type {Check} from '../check.ts'
import {servicePackage} from '../service/package.ts'

/** A path that no application has: what it answers shows whether DEBUG is on. */
const nowhere = '/prism-doctor-asks-for-what-is-not-there'

export const appDeploy: Check = {
  id: 'app/deploy',
  title: 'The application is set up for visitors, not for developers',
  explanation: {
    why: `With DEBUG on, an error shows visitors the settings and the source, and every query stays in memory. A weak SECRET_KEY lets
others sign sessions.`,
    asks: `A page that does not exist is asked of the application: with DEBUG on Django's answer says so. Django's own check --deploy is
asked of the settings (the security checks, which need nothing else), and quoted in its own words: errors, W009, W018 and W020.`,
    findings: {
      debug: {
        means: 'DEBUG is on (security.W018).',
        remedy:
          'Set DEBUG to false in the unit, and restart the service. The word "False" is true to a setting that is not cast.',
      },
      'secret-key': {
        means:
          'SECRET_KEY is shorter than 50 characters, has fewer than 5 different ones, or is one that startproject wrote (security.W009).',
        remedy: 'Give it a new random value in the secrets, and restart the service; every session ends with that.',
      },
      'allowed-hosts': {
        means: 'ALLOWED_HOSTS is empty (security.W020): without DEBUG every request is refused.',
        remedy: 'Name the hosts where the settings take them from, then restart.',
      },
      'secure-cookies': {
        means:
          'Cookies are sent over TLS alone (SESSION_COOKIE_SECURE, CSRF_COOKIE_SECURE), and every front is plain http.',
        remedy: 'Serve the site over TLS. Where TLS ends on another machine, set SECURE_PROXY_SSL_HEADER.',
      },
      'deploy-check': {
        means: 'Another error of check --deploy, in the words of Django or of an application.',
        remedy: 'Correct what is quoted, or silence it in SILENCED_SYSTEM_CHECKS.',
      },
    },
    mistakenFor: `Warnings of check --deploy on HTTPS (W004, W008, W012, W016) are a matter of what stands before the application, and are
not repeated here. A SECRET_KEY of 40 characters or more that looks random is not called weak for being shorter than 50.
What SILENCED_SYSTEM_CHECKS silences stays silent.`,
  },
  needs: [servicePackage],
  explainedBy: ['secrets/keys', 'service/active', 'http/app'],
  async run({host, target}) {
    const shown = await saysDebug(host, target)
    const {answer} = target.django
    // What stands for a missing variable may have decided any setting.
    const messages = answer && answer.missing.length === 0 ? answer.deploy : null
    if (messages === null && shown === null) {
      answerOf(target, 'whether DEBUG is on')
      throw new NotStated('whether DEBUG is on is not known: the settings lack a variable')
    }
    const debug = shown ?? messages?.some(({id}) => id === 'security.W018') ?? false
    const other = (messages ?? []).filter(message => concerns(target, message))
    const cookies = await cookiesLost(host, target)
    const found = [
      ...(debug ? [debugOn(target, shown)] : []),
      ...other.map(message => quoted(target, message)),
      ...(cookies ? [cookies] : []),
    ]
    return found.length > 0 ? found : ok('DEBUG is off, and Django finds nothing else that visitors would suffer from')
  },
}

/** Cookies that browsers send over TLS alone, where no front has TLS and none stands before these. */
async function cookiesLost(host: Host, target: Target): Promise<Verdict | null> {
  const settings = target.django.answer?.settings ?? {}
  const secure = ['SESSION_COOKIE_SECURE', 'CSRF_COOKIE_SECURE'].filter(name => settings[name] === true)
  // Who names the header of a proxy, redirects to https, or trusts an origin of it, has TLS somewhere.
  if (secure.length === 0 || settings.SECURE_PROXY_SSL_HEADER || settings.SECURE_SSL_REDIRECT) return null
  const origins = listSetting(target.django, 'CSRF_TRUSTED_ORIGINS') ?? []
  if (origins.some(origin => origin.startsWith('https://'))) return null
  const fronts = (await ifSeen(findFronts(host, target)))?.filter(({active}) => active) ?? []
  const sites = fronts.flatMap(({kind, sites: all}) =>
    all.filter(({leadsHere}) => leadsHere).map(site => ({kind, site})),
  )
  const [first] = sites
  if (!first || sites.some(({site}) => site.listens.some(({tls}) => tls))) return null
  const names = first.site.names.join(', ') || 'it'
  return warning(
    'secure-cookies',
    `${secure.join(' and ')} ${secure.length === 1 ? 'is' : 'are'} on, and ${first.kind} serves ${names} over plain http alone: browsers send no such cookie back, so nobody can log in`,
    mend('Serve it over TLS, or turn the setting off', settingMeans(target, secure[0] ?? '', 'false'), {
      after: [restart(target)],
    }),
    {evidence: secure.map(name => sourceOf(target.django, name))},
  )
}

/** What of check --deploy says that something is wrong whatever stands before the application. */
const codes: Readonly<Record<string, string>> = {
  'security.W009': 'secret-key',
  'security.W020': 'allowed-hosts',
}

function concerns({settings, django}: Target, {id, level}: SystemCheck): boolean {
  const silenced = listSetting(django, 'SILENCED_SYSTEM_CHECKS') ?? []
  // Who has said which hosts are allowed to us only, knows.
  if (silenced.includes(id) || (id === 'security.W020' && settings.hosts)) return false
  if (id === 'security.W009' && isStrong(django.answer?.secretKey ?? null)) return false
  return level >= 40 || id in codes
}

/** Django wants 50 characters; the 48 of base64 that packages of Debian make are 36 random bytes, and as good. */
function isStrong(key: DjangoAnswer['secretKey']): boolean {
  return key !== null && key.insecure === false && key.length >= 40 && (key.different ?? 0) >= 20
}

/** Django's own words, and where the setting is made. */
function quoted(target: Target, {id, message, hint}: SystemCheck): Verdict {
  const {platform, django, workingDirectory} = target
  const code = codes[id] ?? 'deploy-check'
  const setting = /^(?:Your )?([A-Z][A-Z_]{3,})\b/.exec(message)?.[1] ?? null
  const evidence = [id, ...(hint === '' ? [] : [`HINT: ${hint}`]), ...(setting ? [sourceOf(django, setting)] : [])]
  const words = firstSentence(message)
  const place = setting && django.answer?.places[setting] ? ` (${sourceOf(django, setting, workingDirectory)})` : ''
  if (code === 'secret-key')
    return warning(
      code,
      `${words}${place}`,
      mend('Give SECRET_KEY a new random value', settingMeans(target, 'SECRET_KEY'), {
        first: [hand("python3 -c 'import secrets; print(secrets.token_urlsafe(50))'")],
        after: [restart(target)],
      }),
      {evidence},
    )
  if (code === 'allowed-hosts')
    return warning(
      code,
      `ALLOWED_HOSTS is empty: without DEBUG every request is refused${place}`,
      mend('Name the hosts', settingMeans(target, 'ALLOWED_HOSTS', null), {after: [restart(target)]}),
      {evidence},
    )
  return warning(code, `${id}: ${words}`, mend('Correct what Django says', platform.code(target)), {evidence})
}

function firstSentence(text: string): string {
  const end = /[.](?:\s|$)/.exec(text)?.index
  return text.slice(0, end ?? text.length).replace(/\s+/g, ' ')
}

function debugOn(target: Target, shown: boolean | null): Verdict {
  const {django, workingDirectory} = target
  const variable = whereVariable(target, 'DEBUG')
  const value = variable?.variable ? target.environment.get(variable.variable) : undefined
  const how = value !== undefined ? ` (${variable?.variable}=${value} in the unit)` : ''
  const place = how === '' && django.answer ? ` (${sourceOf(django, 'DEBUG', workingDirectory)})` : how
  return warning(
    'debug',
    `DEBUG is on${place}: errors show visitors the settings and the source`,
    mend('Turn DEBUG off', settingMeans(target, 'DEBUG', 'false'), {after: [restart(target)]}),
    {evidence: [shown ? `${nowhere} is answered with "DEBUG = True"` : 'security.W018']},
  )
}

/** Django's technical page for 404 names the setting; null where the application does not answer. */
async function saysDebug(host: Host, {bind, hosts}: Target): Promise<boolean | null> {
  if (!bind) return null
  const headers = {host: allowedHost(hosts) ?? 'localhost', 'x-forwarded-proto': 'https'}
  const answer = await host.request({address: bind, path: nowhere, headers})
  if (answer.kind === 'unreachable' || answer.status >= 500) return null
  return /<code>DEBUG = True<\/code>/.test(answer.body)
}
