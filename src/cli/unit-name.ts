import {UsageError} from '../report/usage-error.ts'

/** The other types of units (systemd.unit(5)). */
const otherTypes = /\.(?:socket|device|mount|automount|swap|target|path|timer|slice|scope)$/

/**
 * The name of a service as systemd has it; ".service" may be left out.
 * @param from Where it was given, for the error.
 * @throws UsageError for what cannot be the name of a service.
 */
export function unitName(name: string | undefined, from: string): string | undefined {
  if (name === undefined) return undefined
  const said = `${from} ${JSON.stringify(name)}`
  if (!/^[\w@:.\\-]+$/.test(name) || /^(?:-|\.+$|\.+service$)/.test(name))
    throw new UsageError(`${said} is not the name of a unit; give it as in prism-django.service`)
  const type = otherTypes.test(name) ? name.slice(name.lastIndexOf('.') + 1) : null
  if (type)
    throw new UsageError(
      `${said} is a ${type}, not a service; give the service that runs the application`,
    )
  return name.endsWith('.service') ? name : `${name}.service`
}
