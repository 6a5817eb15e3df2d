import {type Filesystem, findFilesystems} from '../../facts/files/space.ts'
import {isLocal} from '../../facts/postgres/postgres.ts'
import {knownDatabase, type Target} from '../../facts/target/target.ts'
import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {type Metric, ok} from '../../report/finding.ts'
import type {CheckOf} from '../check.ts'
import {serviceUnit} from '../service/unit.ts'
import {explanation} from './space.explanation.ts'
import {bounds, type Code, found, judge, size} from './space.findings.ts'

const clusters = '/var/lib/postgresql'

export const stateSpace: CheckOf<Code> = {
  id: 'state/space',
  title: 'Space and inodes are left where the service and PostgreSQL write',
  explanation,
  findings: found,
  needs: [serviceUnit],
  async run({host, target}) {
    const paths = await ownPaths(host, target)
    const others = saidPaths(target).filter(path => !paths.includes(path))
    if (paths.length + others.length === 0)
      return ok('the unit names no directory that it writes to')
    const named = paths.length > 0 ? await findFilesystems(host, paths) : []
    // What only the application names may be another filesystem, also below the state directory.
    const more = others.length > 0 ? ((await ifSeen(findFilesystems(host, others))) ?? []) : []
    const filesystems = [...named, ...more.filter(({id}) => !named.some(other => other.id === id))]
    const metrics = metricsOf(named)
    const [first, ...rest] = filesystems.map(judge).filter(verdict => verdict !== null)
    if (first) return [{...first, metrics}, ...rest]
    const free = filesystems.map(({path, freeBytes}) => `${size(freeBytes)} at ${path}`)
    const message =
      free.length > 0 ? `${free.join(', ')} are free` : 'what the unit writes to is not there yet'
    return ok(message, {metrics})
  },
}

/** The state directory, and where PostgreSQL keeps its data. */
async function ownPaths(host: Host, target: Target): Promise<readonly string[]> {
  const {stateDirectory} = target
  const database = knownDatabase(target)
  const isHere = database !== null && isLocal(database)
  const versions = isHere ? ((await ifSeen(host.list(clusters))) ?? []) : []
  const data = versions.filter(name => /^\d+$/.test(name)).map(name => `${clusters}/${name}`)
  return [
    ...(stateDirectory ? [stateDirectory] : []),
    ...(data.length > 0 ? [clusters, ...data] : []),
  ]
}

/**
 * What only the application names. Static files are left out: they are written once, and may lie
 * where nobody can write.
 */
function saidPaths({mediaRoot, django}: Target): readonly string[] {
  const logs = (django.answer?.logFiles ?? []).map(({path}) => path)
  return [...new Set([mediaRoot ?? '', ...logs])].filter(path => path.startsWith('/'))
}

/** What is left, by what is kept there; of several filesystems, on the one that has least. */
function metricsOf(filesystems: readonly Filesystem[]): readonly Metric[] {
  return (['state', 'postgresql'] as const).flatMap(kept => {
    const its = filesystems.filter(
      ({path}) => path.startsWith(clusters) === (kept === 'postgresql'),
    )
    const countable = its.filter(({inodes}) => inodes > 0)
    return [
      ...least(its, ({freeBytes, bytes}) => ({
        name: `${kept}_free_bytes`,
        value: freeBytes,
        unit: 'bytes',
        direction: 'below',
        ...bounds('bytes', bytes),
        max: bytes,
      })),
      ...least(countable, ({freeInodes, inodes}) => ({
        name: `${kept}_free_inodes`,
        value: freeInodes,
        unit: '',
        direction: 'below',
        ...bounds('inodes', inodes),
        max: inodes,
      })),
    ]
  })
}

function least(
  filesystems: readonly Filesystem[],
  measure: (filesystem: Filesystem) => Metric,
): readonly Metric[] {
  return filesystems
    .map(measure)
    .sort((a, b) => a.value - b.value)
    .slice(0, 1)
}
