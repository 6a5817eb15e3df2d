import {type Filesystem, findFilesystems} from '../../facts/files/space.ts'
import {clusters, saidPaths, writtenPaths} from '../../facts/files/written-paths.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {type Metric, ok} from '../../report/finding.ts'
import type {CheckOf} from '../check.ts'
import {serviceUnit} from '../service/unit.ts'
import {explanation} from './space.explanation.ts'
import {spaceFacts} from './space.facts.ts'
import {bounds, type Code, found, judge, size} from './space.findings.ts'

export const stateSpace: CheckOf<Code> = {
  id: 'state/space',
  title: 'Space and inodes are left where the service and PostgreSQL write',
  explanation,
  findings: found,
  needs: [serviceUnit],
  facts: spaceFacts,
  async run({host, target}) {
    const paths = await writtenPaths(host, target)
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
