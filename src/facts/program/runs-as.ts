import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import type {Unit} from '../../host/unit.ts'
import {findUser} from '../files/identity.ts'
import type {Program} from './program.ts'
import {maxScript} from './script.ts'
import type {Told} from './servers/told.ts'
import {untold} from './shell/start.ts'

/** Whom a server becomes before it imports the application. */
export interface RunsAs {
  /**
   * Whom one becomes that the unit starts as root (uwsgi's uid=, gunicorn's --user); null where the
   * unit's own User= counts.
   */
  readonly runsAs: {readonly user: string; readonly group: string | null} | null
  /**
   * It becomes another than root, and nobody can tell whom: as root nothing of the application may
   * be run.
   */
  readonly becomesUnknown?: true
}

/** Why nothing is run where it is not known as whom. */
export function whyNobody({name}: Unit): string {
  return `${name} starts as root and becomes another user, and which one could not be told`
}

/**
 * Only root can become another.
 * @param isWhole False where the server's files may say more than was read.
 */
export async function becomes(
  host: Host,
  unit: Unit,
  {kind, becomesAnother}: Program,
  said: Pick<Told, 'user' | 'group'> | null,
  {config, isWhole}: {readonly config: string | null; readonly isWhole: boolean},
): Promise<RunsAs> {
  if (!(await startsAsRoot(host, unit))) return {runsAs: null}
  const written = kind === 'gunicorn' || kind === 'hypercorn' ? await writtenIn(host, config) : null
  const user = said?.user ?? written?.user ?? null
  const group = said?.group ?? written?.group ?? null
  const isOpen =
    user === null ? becomesAnother === true || !isWhole : user === '' || user.includes(untold)
  if (isOpen) return {runsAs: null, becomesUnknown: true}
  if (user === null || /^(?:root|0)$/.test(user)) return {runsAs: null}
  return {runsAs: {user, group: group === null || group.includes(untold) ? null : group}}
}

/** Whatever the name of its user is: root is who has the number 0. */
export async function startsAsRoot(host: Host, unit: Unit): Promise<boolean> {
  const user = unit.get('User')
  if (unit.get('DynamicUser') === 'yes') return false
  return /^(?:root|0)?$/.test(user) || (await ifSeen(findUser(host, user)))?.uid === 0
}

/**
 * `user = 'www-data'` of gunicorn.conf.py or hypercorn.toml; a value that is not plain text is not
 * known.
 */
async function writtenIn(
  host: Host,
  config: string | null,
): Promise<{readonly user: string | null; readonly group: string | null} | null> {
  if (!config?.startsWith('/') || config.includes(untold)) return null
  const answer = await ifSeen(host.readFile(config, {limit: maxScript}))
  if (answer?.kind !== 'file') return null
  const stated = (name: string): string | null => {
    const value = new RegExp(`^[ \\t]*${name}[ \\t]*=(?!=)[ \\t]*(.*)$`, 'm').exec(answer.text)?.[1]
    if (value === undefined || /^(?:None|0)\b/.test(value)) return null
    return (
      /^(?:(["'])([\w.-]+)\1|(\d+))[ \t]*(?:#.*)?$/.exec(value)?.slice(2).find(Boolean) ?? untold
    )
  }
  return {user: stated('user'), group: stated('group')}
}

/**
 * The unit with the user and the group that its application runs as, where the server sees to that
 * itself.
 */
export function asServed(unit: Unit, {runsAs}: RunsAs): Unit {
  if (!runsAs) return unit
  const own = new Map([
    ['User', runsAs.user],
    ['Group', runsAs.group ?? ''],
  ])
  return {
    name: unit.name,
    get: property => own.get(property) ?? unit.get(property),
    all: property => (own.has(property) ? [own.get(property) ?? ''] : unit.all(property)),
  }
}
