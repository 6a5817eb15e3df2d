import type {Host} from '../../host/host.ts'
import type {Unit} from '../../host/unit.ts'
import type {Bind} from '../target/bind.ts'
import {socketBinds} from '../unit/sockets.ts'
import type {Told} from './servers/told.ts'

export interface Listening {
  /**
   * Where it is told to listen: [] when nothing is said, null when what is said cannot be
   * understood.
   */
  readonly binds: readonly Bind[] | null
  /**
   * Who said so: "ExecStart=", a wrapper's or a configuration's path, "gunicorn.socket",
   * "GUNICORN_CMD_ARGS", "gunicorn's default" …
   */
  readonly bindsFrom: string | null
}

/** What the server is told of addresses, and what systemd hands over in their place. */
export async function listening(
  host: Host,
  unit: Unit,
  said: Told | null,
  config: string | null,
  words: string | null,
): Promise<Listening> {
  // Of a program that nobody knows, a socket that starts it is all that is said.
  const inherited = said ? said.inherited : 'all'
  const handed = inherited === null ? null : await socketBinds(host, unit)
  if (handed && inherited !== null) {
    const [names, all] = handed
    const own =
      inherited === 'all' ? all : inherited.map(number => all[number === 0 ? 0 : number - 3])
    const known = own.filter(bind => bind !== undefined)
    return {
      binds:
        known.length === own.length
          ? [...(inherited === 'all' ? [] : (said?.binds ?? [])), ...known]
          : null,
      bindsFrom: names,
    }
  }
  if (!said) return {binds: [], bindsFrom: null}
  if (Array.isArray(inherited) && inherited.length > 0)
    return {binds: null, bindsFrom: said.bindsFrom}
  // What gunicorn would do by itself, its configuration may have otherwise.
  const isDefault = said.bindsFrom === "gunicorn's default" || said.bindsFrom === 'PORT'
  if (isDefault && config !== null) return {binds: [], bindsFrom: config}
  return {binds: said.binds, bindsFrom: said.bindsFrom === 'arguments' ? words : said.bindsFrom}
}
