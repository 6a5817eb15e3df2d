import {isMixed} from './names.ts'

/** What stands for a value: a variable, a place to fill in, a word of the sentence. */
export function isStandIn(value: string): boolean {
  // Django's keys may begin with any of these.
  if (value.length >= 16 && isMixed(value))
    return /^redacted-|^\$\{?\w+\}?$|^[<[{(].*[>\]})]$/.test(value) || migration.test(value)
  return (
    /^[$<%{*[(\\|]|^redacted-|…|\.\.\.|^\w+\($|^(?:x{3,}|\*+|\.+|-+)$/i.test(value) ||
    /^(?:yes|no|on|off|true|false|none|null|nil|undefined|self|required|missing|mismatch|invalid|incorrect|wrong|expected|unexpected|expired|rejected|denied|error|unknown|changed|empty|unset|set|not|is|are|was|the|for|and|or|must|should|may|has|have|field|value|string|authentication|failed|given|provided|md5|scram-sha-256|peer|trust|ident|cert|reject|password|secret|token|str|int|bytes|object|type|default|example)$/i.test(
      value,
    )
  )
}

/** Of the application "auth": a migration, not a credential. Django numbers them from 0001. */
const migration = /^0\d{3}_[a-z]+(?:_[a-z0-9]+)+$/
