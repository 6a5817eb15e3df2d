import type {Host} from '../../host/host.ts'
import {ifTold} from '../../host/if-seen.ts'
import {type Mount, mountOf} from '../../host/mountinfo.ts'
import type {Fact} from '../../report/fact.ts'
import type {DjangoAnswer} from '../django/django.ts'
import {machineMounts} from '../files/mounts.ts'
import {resolvePath} from '../files/paths.ts'
import {shownEntries} from '../refusals/acl.ts'
import type {Target} from '../target/target.ts'
import {changedAt, factOf, shownAccess} from './facts.ts'

/**
 * Owner and mode of paths and of every directory and link on the way there, and what each is
 * mounted from. A path that is not there says so.
 */
export async function pathFacts(
  {host, target}: {readonly host: Host; readonly target: Pick<Target, 'django'>},
  named: readonly (string | null)[],
): Promise<readonly Fact[]> {
  const lists = target.django.answer?.picture?.acls ?? {}
  const paths = [...new Set(named)].filter(path => path?.startsWith('/') === true) as string[]
  const mounts = (await ifTold(machineMounts(host))) ?? []
  const found = paths.map(async path => {
    const resolved = await ifTold(resolvePath(host, path))
    if (!resolved) return []
    const {components, missing, path: real} = resolved
    const passed = components
      // What Nix or the kernel made is as it is: the package and the mounts are facts of their own.
      .filter(({path: each}) => each !== '/' && !/^\/(?:nix|proc|sys|dev)(?:\/|$)/.test(each))
      .flatMap(({path: each, stat}) => [
        accessFact(each, shownAccess(stat), changedAt(stat)),
        ...(stat.type === 'symlink' ? [] : listFact(each, lists[each])),
      ])
    if (missing !== null) return [...passed, accessFact(missing, 'absent', {})]
    const mount = mountOf(mounts, real ?? path)
    // What is mounted when somebody looks in is not there in between.
    return [...passed, ...(mount && mount.type !== 'autofs' ? [mountFact(path, mount)] : [])]
  })
  const facts = (await Promise.all(found)).flat()
  return [...new Map(facts.map(fact => [fact.name, fact])).values()]
}

function accessFact(path: string, value: string, at: Pick<Fact, 'at'>): Fact {
  // A directory's own time is that of its names, and changes with each of them.
  return factOf(`access/${path}`, path, value, /^\S+ \d{4}$/.test(value) ? {} : at)
}

type Lists = NonNullable<NonNullable<DjangoAnswer['picture']>['acls']>

/** The entries beside owner and mode, and those that new files get; nothing where nobody looked. */
function listFact(path: string, lists: Lists[string] | undefined): readonly Fact[] {
  if (lists === undefined) return []
  const [access, more] = [shownEntries(lists[0], true), shownEntries(lists[1], false)]
  const told = [access, more === '' ? '' : `new files ${more}`].filter(part => part !== '')
  return [factOf(`acl/${path}`, path, told.length > 0 ? told.join(', ') : 'none')]
}

/** Without the device, whose name may be another after each boot. */
function mountFact(path: string, {point, root, type, readOnly}: Mount): Fact {
  const part = root === '/' ? '' : ` ${root}`
  const how = readOnly ? ', read-only' : ''
  return factOf(`mount/${path}`, '/proc/1/mountinfo', `${point} (${type}${part}${how})`)
}
