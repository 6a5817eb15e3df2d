import {contentFacts} from '../../facts/picture/content.ts'
import {changedAt, factOf} from '../../facts/picture/facts.ts'
import {installedPackages} from '../../facts/picture/packages.ts'
import {codeFacts, environmentOfPython, storeFact} from '../../facts/picture/python.ts'
import {ifTold} from '../../host/if-seen.ts'
import {type ExecCommand, execCommands} from '../../host/unit.ts'
import type {Seen} from '../../report/fact.ts'
import type {Context} from '../check.ts'

/** What is deployed: the package, its programs, Python and what is installed for it, the code. */
export async function packageFacts(context: Context): Promise<readonly Seen[]> {
  const {target} = context
  const [programs, system] = await Promise.all([programFacts(context), systemFacts(context)])
  return [
    ...(target.package === null ? [] : storeFact('package', target.package)),
    ...programs,
    ...environmentOfPython(target),
    ...codeFacts(target),
    ...system,
  ]
}

/** Scripts that the unit starts, and the server's own configuration, by what they hold. */
function programFacts({host, target}: Context): Promise<readonly Seen[]> {
  const {unit, server, django} = target
  const commands = ['ExecCondition', 'ExecStartPre', 'ExecStart', 'ExecStartPost'].flatMap(
    (property): readonly ExecCommand[] => execCommands(unit, property),
  )
  const configuration = server.config ?? django.answer?.server?.config
  const paths = [...commands.map(({path}) => path), configuration?.replace(/^file:/, '') ?? '']
  return contentFacts(
    host,
    'program/',
    paths.filter(path => path.startsWith('/')),
  )
}

/** The distribution's version, and what of it is installed: a generation, or packages. */
async function systemFacts({host, target}: Context): Promise<readonly Seen[]> {
  const {id, version} = target.platform
  const release = [id, version].filter(part => part !== null).join(' ')
  const profile = '/nix/var/nix/profiles/system'
  const [packages, current, generation] = await Promise.all([
    installedPackages(host),
    ifTold(host.stat('/run/current-system')),
    ifTold(host.stat(profile)),
  ])
  const at = changedAt(generation)
  return [
    factOf('system/release', '/etc/os-release', release),
    ...(generation?.link ? [factOf('system/generation', profile, generation.link, at)] : []),
    // With its hash: this is what changed.
    ...(current?.link
      ? [{name: 'system/current', source: '/run/current-system', value: current.link, ...at}]
      : []),
    ...packages,
  ]
}
