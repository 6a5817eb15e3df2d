import {UsageError} from '../report/usage-error.ts'

/** The other types of units (systemd.unit(5)). */
const otherTypes = /\.(?:socket|device|mount|automount|swap|target|path|timer|slice|scope)$/

/** Characters of a name, its type included (UNIT_NAME_MAX in systemd's basic/unit-name.h). */
const longest = 255

const example = 'give it as in prism-django.service'

/**
 * The name of a service as systemd has it; ".service" may be left out.
 * @param from Where it was given, for the error alone.
 * @throws UsageError for what cannot be the name of a service.
 */
export function unitName(name: string, from: () => string): string {
  const whole = wholeName(name)
  const why = whyNoService(name, whole)
  if (why === null) return whole
  const shown = whole.length > longest ? `${name.slice(0, 40)}…` : name
  throw new UsageError(`${from()} ${JSON.stringify(shown)} ${why}`)
}

function wholeName(name: string): string {
  return /\.service$/.test(name) || otherTypes.test(name) ? name : `${name}.service`
}

/**
 * Null for the name of one service (unit_name_is_valid() in systemd's basic/unit-name.c). systemctl
 * itself makes the unit of a mount of what is a path, and asks for every unit that fits a pattern.
 */
function whyNoService(name: string, whole: string): string | null {
  if (name === '') return `is empty; ${example}`
  if (name.includes('/')) return `is a path, not the name of a unit; ${example}`
  if (/[*?[\]]/.test(name)) return 'is a pattern; name one unit'
  if (/[^\w@:.\\-]/.test(name))
    return `is not the name of a unit: letters, digits and the characters : - _ . \\ @ make one; ${example}`
  if (/^\.*$/.test(name) || /^(?:@|\.[a-z]+$)/.test(whole))
    return `is not the name of a unit; ${example}`
  if (name.startsWith('-'))
    return 'begins with "-", which programs take for a flag; let it have an Alias= (systemd.unit(5)) and name that'
  if (otherTypes.test(whole))
    return `is a ${whole.slice(whole.lastIndexOf('.') + 1)}, not a service; give the service that runs the application`
  if (whole.endsWith('@.service'))
    return `is a template, of which no service runs; name an instance, as in ${whole.replace('@.', '@1.')}`
  return whole.length > longest
    ? `has ${whole.length} characters, and systemd takes no more than ${longest}; ${example}`
    : null
}
