import {speaksOf} from '../../host/secrecy/names.ts'

/**
 * Settings of PostgreSQL that hold a password, a command with one, or what an application keeps for
 * itself: a name with a dot belongs to an extension, or to nobody.
 */
export function isDiscreetSetting(name: string, value: string): boolean {
  if (/conninfo|passphrase|_command$/.test(name)) return true
  if (!name.includes('.') || ofExtensions.test(name)) return false
  return (
    speaksOf(name.replaceAll('.', '_')) !== 'never' ||
    !/^[-+\d.]+[a-zA-Z]{0,3}$|^(?:on|off|true|false|yes|no)$/i.test(value)
  )
}

/** What PostgreSQL tells of itself: the digest of a password, settings, and all those of a role. */
export function isDiscreetRow(name: string, value: string): boolean {
  if (/^role\/.*\/password$/.test(name)) return true
  if (/^(?:postgresql|database\/setting)\//.test(name))
    return isDiscreetSetting(name.slice(name.lastIndexOf('/') + 1), value)
  return /\/rolconfig$/.test(name) && settingsIn(value).some(each => isDiscreetSetting(...each))
}

/** `["a=b", "c=d"]`, or null where a role has none. */
function settingsIn(json: string): readonly (readonly [string, string])[] {
  return [...json.matchAll(/"([\w.]+)=((?:[^"\\]|\\.)*)"/g)].map(([, name = '', value = '']) => [
    name,
    value,
  ])
}

/** Those that come with PostgreSQL or beside it, which have no secrets. */
const ofExtensions =
  /^(?:auto_explain|pg_(?:stat_statements|prewarm|trgm|stat_kcache|hint_plan|partman_bgw|qualstats|wait_sampling)|plpgsql|postgis|timescaledb|cron|pgaudit|pg_cron|bloom)\./
