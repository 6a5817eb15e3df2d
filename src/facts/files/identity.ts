import {CannotLook, type Host} from '../../host/host.ts'

/** A user as the system's databases (passwd, group) have it. */
export interface Identity {
  readonly name: string
  readonly uid: number
  readonly gid: number
  /** The primary group and the supplementary ones, without the unit's SupplementaryGroups=. */
  readonly groups: readonly number[]
}

/** getent(1) exits 2 when the database has no such key; anything else it says is no answer. */
async function getent(
  host: Host,
  database: 'passwd' | 'group',
  key: string,
): Promise<readonly string[] | null> {
  const question = `${database === 'passwd' ? 'user' : 'group'} ${key}`
  const {exitCode, stdout, stderr} = await host.exec(['getent', database, key], {question})
  if (exitCode === 2) return null
  const fields = stdout.trim().split(':')
  if (exitCode !== 0 || fields.length < 3)
    throw new CannotLook(`getent ${database} ${key} failed: ${stderr.trim()}`)
  return fields
}

/** A user by name or number; null when there is none. */
export async function findUser(host: Host, user: string): Promise<Identity | null> {
  const fields = await getent(host, 'passwd', user)
  if (!fields) return null
  const [name = user, , uid, gid] = fields
  const {exitCode, stdout} = await host.exec(['id', '-G', name], {question: `groups of ${name}`})
  if (exitCode !== 0) throw new CannotLook(`id -G ${name} failed`)
  return {name, uid: Number(uid), gid: Number(gid), groups: stdout.trim().split(/\s+/).map(Number)}
}

/** The number of a group by name or number; null when there is none. */
export async function findGroup(host: Host, group: string): Promise<number | null> {
  if (/^\d+$/.test(group)) return Number(group)
  const fields = await getent(host, 'group', group)
  return fields ? Number(fields[2]) : null
}

/** "prism", or the bare number of a user that no database knows. */
export async function userName(host: Host, uid: number): Promise<string> {
  return uid === 0 ? 'root' : ((await getent(host, 'passwd', String(uid)))?.[0] ?? String(uid))
}

export async function groupName(host: Host, gid: number): Promise<string> {
  return gid === 0 ? 'root' : ((await getent(host, 'group', String(gid)))?.[0] ?? String(gid))
}

/** The home directory of a user, as systemd sets HOME= for it; null when there is no such user. */
export async function homeOf(host: Host, user: string): Promise<string | null> {
  return (await getent(host, 'passwd', user))?.[5] || null
}
