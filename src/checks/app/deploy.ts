import {type Check, ok, type Verdict, warning} from '../../check.ts'
import {CannotLook, type Host} from '../../host/host.ts'
import {findDjango} from '../../probes/django.ts'
import {allowedHost} from '../../probes/http.ts'
import {assignments} from '../../probes/python.ts'
import {hand, mend, restart} from '../../remedy.ts'
import {isPlaceholder} from '../../secrets.ts'
import type {Target} from '../../target.ts'
import {servicePackage} from '../service/package.ts'

/** A path that no application has: what it answers shows whether DEBUG is on. */
const nowhere = '/prism-doctor-asks-for-what-is-not-there'

export const appDeploy: Check = {
  id: 'app/deploy',
  title: 'The application is set up for visitors, not for developers',
  explanation: {
    why: `With DEBUG on, an error shows visitors the settings and the source, and every query stays in memory. A weak SECRET_KEY lets
others sign sessions.`,
    asks: `A page that does not exist is asked of the application: with DEBUG on Django's answer says so. Where it does not answer, the
environment and the settings tell. SECRET_KEY is held against the rules of Django's security.W009 (50 characters, 5 different ones,
not startproject's), and ALLOWED_HOSTS against security.W020. Nothing of the package is run: what other system checks find stops
the unit's own migrate, and service/active quotes it.`,
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
        remedy: 'Name the hosts in the unit, and restart the service.',
      },
    },
    mistakenFor: `Warnings of check --deploy on HTTPS (W004, W008, W012, W016) are a matter of what stands before the application, and are
not repeated here. DEBUG="False" is off where the settings cast it.`,
  },
  needs: [servicePackage],
  explainedBy: ['secrets/keys', 'service/active', 'http/app'],
  async run({host, target}) {
    const debug = await debugVerdict(host, target)
    const found = [debug, secretKey(target), allowedHosts(target)].filter(
      verdict => verdict !== null && verdict !== 'unknown',
    )
    if (found.length > 0) return found
    if (debug === 'unknown')
      throw new CannotLook('the application does not answer, and its settings do not tell of DEBUG')
    return ok('DEBUG is off')
  },
}

async function debugVerdict(host: Host, target: Target): Promise<Verdict | 'unknown' | null> {
  const shown = await saysDebug(host, target)
  const on = shown ?? (await settingsSayDebug(host, target))
  if (on === null) return 'unknown'
  if (!on) return null
  const value = target.environment.get('DEBUG')
  return warning(
    'debug',
    `DEBUG is on${value === undefined ? '' : ` (DEBUG=${value} in the unit)`}: errors show visitors the settings and the source`,
    mend('Turn DEBUG off', target.platform.variable(target, 'DEBUG', 'false'), {after: [restart(target)]}),
    {evidence: [shown ? `${nowhere} is answered with "DEBUG = True"` : 'the settings say so']},
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

async function settingsSayDebug(host: Host, target: Target): Promise<boolean | null> {
  const {settings} = await findDjango(host, target)
  if (settings === null) return null
  const assigned = assignments(settings).findLast(({name, conditional}) => name === 'DEBUG' && !conditional)
  if (!assigned) return false
  if (/^(?:True|False)$/.test(assigned.expression)) return assigned.expression === 'True'
  const value = target.environment.get('DEBUG')
  if (value !== undefined) return /^(?:1|true|yes|on|t|y)$/i.test(value)
  return /default\s*=\s*True\b/.test(assigned.expression)
}

function secretKey(target: Target): Verdict | null {
  const key = target.environment.get('SECRET_KEY')
  // What a recording has in its place has another length.
  if (!key || isPlaceholder(key)) return null
  const why =
    key.length < 50
      ? `has ${key.length} characters instead of 50`
      : new Set(key).size < 5
        ? 'has fewer than 5 different characters'
        : key.startsWith('django-insecure-')
          ? 'is one that startproject wrote'
          : null
  if (why === null) return null
  return warning(
    'secret-key',
    `SECRET_KEY ${why}`,
    mend('Give SECRET_KEY a new random value', target.platform.secret(target, 'SECRET_KEY'), {
      first: [hand("python3 -c 'import secrets; print(secrets.token_urlsafe(50))'")],
      after: [restart(target)],
    }),
    {evidence: ['security.W009']},
  )
}

function allowedHosts(target: Target): Verdict | null {
  const {environment, hosts} = target
  if (!environment.has('ALLOWED_HOSTS') || hosts.length > 0) return null
  return warning(
    'allowed-hosts',
    'ALLOWED_HOSTS is empty: without DEBUG every request is refused',
    mend('Name the hosts in the unit', target.platform.variable(target, 'ALLOWED_HOSTS', null)),
    {evidence: ['security.W020']},
  )
}
