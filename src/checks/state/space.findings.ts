import type {Filesystem} from '../../facts/files/space.ts'
import {remedy} from '../../remedies/remedy.ts'
import {
  type CodeOf,
  cause,
  finding,
  findingsOf,
  type Remedy,
  type Verdict,
} from '../../report/finding.ts'
import {byHand, commandLine, hand} from '../../report/step.ts'
import {explanation} from './space.explanation.ts'

const mebibyte = 1024 * 1024

/** Below these nothing of size can be written: one file of PostgreSQL's log alone is 16 MiB. */
const few = {bytes: 16 * mebibyte, inodes: 100}

/** A share alone cries wolf: 5 % of a large disk is room for years. */
const scarce = {share: 0.05, bytes: 1024 * mebibyte, inodes: 10_000}

type Lacking = 'bytes' | 'inodes'

/** How much must be left of `all`: below `warning` it is scarce, below `critical` it is full. */
export function bounds(lacking: Lacking, all: number): {warning: number; critical: number} {
  return {
    warning: Math.ceil(Math.min(all * scarce.share, scarce[lacking])),
    critical: Math.ceil(Math.min(all / 2, few[lacking])),
  }
}

export const found = findingsOf(explanation, {
  full: cause('critical', ({path, ...left}: Filesystem, lacking: Lacking) =>
    lacking === 'bytes'
      ? `${path} is full: ${size(left.freeBytes)} of ${size(left.bytes)} are left to the service`
      : `${path} has no inodes left: ${left.freeInodes} of ${left.inodes}`,
  ),
  scarce: cause('warning', ({path, ...left}: Filesystem, lacking: Lacking) =>
    lacking === 'bytes'
      ? `${path} is nearly full: ${size(left.freeBytes)} of ${size(left.bytes)} are left`
      : `${path} has few inodes left: ${left.freeInodes} of ${left.inodes}`,
  ),
})

export type Code = CodeOf<typeof found>

/** Null where there is room. */
export function judge(filesystem: Filesystem): Verdict<Code> | null {
  const {freeBytes, bytes, freeInodes, inodes} = filesystem
  const full = (lacking: Lacking, summary: string): Verdict<Code> =>
    finding(found.full(filesystem, lacking), look(filesystem, lacking, summary))
  const nearlyFull = (lacking: Lacking, summary: string): Verdict<Code> =>
    finding(found.scarce(filesystem, lacking), look(filesystem, lacking, summary))
  const left = {bytes: bounds('bytes', bytes), inodes: bounds('inodes', inodes)}
  if (freeBytes < left.bytes.critical) {
    return full('bytes', 'Make room, then start what has stopped')
  }
  if (inodes > 0 && freeInodes < left.inodes.critical) {
    return full('inodes', 'Remove files that nobody needs, then start what has stopped')
  }
  if (freeBytes < left.bytes.warning) {
    return nearlyFull('bytes', 'Find out what grows')
  }
  if (inodes > 0 && freeInodes < left.inodes.warning) {
    return nearlyFull('inodes', 'Find out what makes so many files')
  }
  return null
}

function look({path}: Filesystem, lacking: Lacking, summary: string): Remedy {
  return remedy(summary, 'manual', [
    byHand('df', lacking === 'bytes' ? '-h' : '-i', path),
    hand(`${commandLine('sudo', 'du', '-xh', '-d', '2', path)} | sort -h | tail`),
  ])
}

/** "3.5 GiB", for a reader. */
export function size(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const
  const exact = bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10)
  const power = Math.min(units.length - 1, exact)
  const value = bytes / 1024 ** power
  return `${value < 10 && power > 0 ? value.toFixed(1) : Math.round(value)} ${units[power]}`
}
