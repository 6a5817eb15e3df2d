import {type Filesystem, findFilesystems} from '../../facts/files/space.ts'
import {isLocal} from '../../facts/postgres/postgres.ts'
import {knownDatabase} from '../../facts/target/target.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {remedy} from '../../remedies/remedy.ts'
import {critical, type Metric, ok, type Verdict, warning} from '../../report/finding.ts'
import {hand} from '../../report/step.ts'
import type {Check} from '../check.ts'
import {serviceUnit} from '../service/unit.ts'

const mebibyte = 1024 * 1024

/** Below these nothing of size can be written: one page of PostgreSQL's log alone is 16 MiB. */
const fewBytes = 16 * mebibyte
const fewInodes = 100

/** A share alone cries wolf: 5 % of a large disk is room for years. */
const scarce = {share: 0.05, bytes: 1024 * mebibyte, inodes: 10_000}

const clusters = '/var/lib/postgresql'

export const stateSpace: Check = {
  id: 'state/space',
  title: 'Bytes and inodes are left where the service and PostgreSQL write',
  explanation: {
    why: `A full disk cuts off what is being written: the static manifest, an upload, PostgreSQL's log. PostgreSQL then stops with a
PANIC and its socket is gone, which looks like a server that nobody started.`,
    asks: `stat --file-system (statfs(2)) for the state directory, MEDIA_ROOT, the log files of the settings, ${clusters}
and each cluster in it: bytes that one who is not root
may still write, and inodes. Each filesystem is judged once.`,
    findings: {
      full: {
        means: 'Less than 16 MiB, or fewer than 100 inodes, are left to those who are not root.',
        remedy: 'Make room, then start what has stopped: PostgreSQL first. What may go is for a human to say.',
      },
      scarce: {
        means: 'Less than 5 % is left, and less than 1 GiB or 10,000 inodes.',
        remedy: 'Find out what grows before it is full.',
      },
    },
    mistakenFor: `Root's shell can still write where a service cannot: ext4 reserves 5 % for root. A filesystem without a fixed number
of inodes (btrfs, zfs) says 0 of 0. A quota (EDQUOT) is not seen here.`,
  },
  needs: [serviceUnit],
  async run({host, target}) {
    const {stateDirectory} = target
    const database = knownDatabase(target)
    const versions = database && isLocal(database) ? ((await ifSeen(host.list(clusters))) ?? []) : []
    const ofPostgres = versions.filter(name => /^\d+$/.test(name)).map(name => `${clusters}/${name}`)
    const paths = [
      ...(stateDirectory ? [stateDirectory] : []),
      ...(ofPostgres.length > 0 ? [clusters, ...ofPostgres] : []),
    ]
    // Static files are written once, and may lie where nobody can write.
    const said = [target.mediaRoot ?? '', ...(target.django.answer?.logFiles ?? []).map(({path}) => path)]
    const others = [...new Set(said)].filter(path => path.startsWith('/') && !paths.includes(path))
    if (paths.length + others.length === 0) return ok('the unit names no directory that it writes to')
    const named = paths.length > 0 ? await findFilesystems(host, paths) : []
    // What only the application names may lie in another filesystem, also below the state directory.
    const more = others.length > 0 ? ((await ifSeen(findFilesystems(host, others))) ?? []) : []
    const filesystems = [...named, ...more.filter(({id}) => !named.some(other => other.id === id))]
    const metrics = named.flatMap(metricsOf)
    const found = filesystems.map(judge).filter(verdict => verdict !== null)
    const [first, ...rest] = found
    if (first) return [{...first, metrics}, ...rest]
    const free = filesystems.map(({path, freeBytes}) => `${size(freeBytes)} for ${path}`)
    return ok(free.length > 0 ? `${free.join(', ')} left` : 'what the unit writes to is not there yet', {metrics})
  },
}

function judge(filesystem: Filesystem): Verdict | null {
  const {path, freeBytes, bytes, freeInodes, inodes} = filesystem
  const look = (...argv: readonly string[]) => [
    hand(`df ${argv.join(' ')} ${path}`),
    hand(`sudo du -xh -d 2 ${path} | sort -h | tail`),
  ]
  if (freeBytes < fewBytes && freeBytes < bytes / 2) {
    return critical(
      'full',
      `${path} is full: ${size(freeBytes)} of ${size(bytes)} are left to the service`,
      remedy('Make room, then start what has stopped', 'manual', look('-h')),
      {because: []},
    )
  }
  if (inodes > 0 && freeInodes < fewInodes && freeInodes < inodes / 2) {
    return critical(
      'full',
      `${path} has no inodes left: ${freeInodes} of ${inodes}`,
      remedy('Remove files that nobody needs, then start what has stopped', 'manual', look('-i')),
      {because: []},
    )
  }
  if (freeBytes < bytes * scarce.share && freeBytes < scarce.bytes) {
    return warning(
      'scarce',
      `${path} is nearly full: ${size(freeBytes)} of ${size(bytes)} are left`,
      remedy('Find out what grows', 'manual', look('-h')),
    )
  }
  if (inodes > 0 && freeInodes < inodes * scarce.share && freeInodes < scarce.inodes) {
    return warning(
      'scarce',
      `${path} has few inodes left: ${freeInodes} of ${inodes}`,
      remedy('Find out what makes so many files', 'manual', look('-i')),
    )
  }
  return null
}

function metricsOf({path, freeBytes, bytes, freeInodes, inodes}: Filesystem): readonly Metric[] {
  const name = path.startsWith(clusters) ? 'postgresql' : 'state'
  const direction = 'below'
  const left: Metric = {
    name: `${name}_free_bytes`,
    value: freeBytes,
    unit: 'bytes',
    direction,
    critical: fewBytes,
    max: bytes,
  }
  if (inodes === 0) return [left]
  return [left, {name: `${name}_free_inodes`, value: freeInodes, unit: '', direction, critical: fewInodes, max: inodes}]
}

function size(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10))
  const value = bytes / 1024 ** power
  return `${value < 10 && power > 0 ? value.toFixed(1) : Math.round(value)} ${units[power]}`
}
