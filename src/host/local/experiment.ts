import {type AsUnitOptions, CannotLook} from '../host.ts'
import {exec} from './exec.ts'
import {propertyOf, type Setting, type Shown} from './shown.ts'

/**
 * Who a process is, what it may become, which program it is and what that is given: an experiment
 * neither leaves that out nor sets it.
 */
export const fixed = new RegExp(
  `^(?:${[
    'User|Group|SupplementaryGroups|DynamicUser|PAMName|NoNewPrivileges|\\w*Capabilit\\w+|SecureBits',
    'SELinuxContext|AppArmorProfile|SmackProcessLabel|UserNamespacePath',
    'WorkingDirectory|UMask|Slice|\\w*Environment\\w*|\\w*Credential\\w*',
    'Root\\w+|MountImages|MountAPIVFS|Extension\\w+',
    '(?:Runtime|State|Cache|Logs|Configuration)Directory\\w*',
  ].join('|')})$`,
)

/**
 * With a part of its sandbox the application has more of the machine than its unit gives it, but is
 * nobody else. For a unit of root's the sandbox is all that holds it.
 * @throws CannotLook where that would run it as root or nearly so, TypeError where it would become another.
 */
export function assertHarmless(unit: Shown, name: string, options: AsUnitOptions): void {
  const {without = [], with: added = [], as} = options
  if (without.length === 0 && added.length === 0) return
  const changed = [...without, ...added.map(setting => setting.name)].find(each => fixed.test(each))
  if (changed !== undefined) throw new TypeError(`no experiment may change ${changed}=`)
  const user = as?.user ?? propertyOf(unit, 'User')
  const isRoot = /^(?:root|0)?$/.test(user) && propertyOf(unit, 'DynamicUser') !== 'yes'
  if (isRoot)
    throw new CannotLook(`${name} runs as root, and nothing of its sandbox is left out for that`)
  const mighty = propertyOf(unit, 'AmbientCapabilities')
    .split(/\s+/)
    .filter(each => each !== '' && each.toLowerCase() !== 'cap_net_bind_service')
  if (mighty.length > 0)
    throw new CannotLook(`${name} has ${mighty.join(' ')}, which its sandbox alone holds`)
}

/**
 * The same of a user of another name with root's number.
 * @throws CannotLook where the unit's user is one.
 */
export async function assertNotRoot(
  unit: Shown,
  name: string,
  {without = [], with: added = [], as}: AsUnitOptions,
): Promise<void> {
  const user = as?.user ?? propertyOf(unit, 'User')
  if ((without.length === 0 && added.length === 0) || user === '') return
  const {exitCode, stdout} = await exec(['id', '-u', '--', user])
  if (exitCode === 0 && Number(stdout) === 0)
    throw new CannotLook(`${name} runs as root, and nothing of its sandbox is left out for that`)
}

/** What comes last: what is added, and that nothing which is left out lets it become another. */
export function addedTo({without = [], with: added = []}: AsUnitOptions): readonly Setting[] {
  if (without.length === 0 && added.length === 0) return []
  return [...added, {name: 'NoNewPrivileges', value: 'yes'}]
}
