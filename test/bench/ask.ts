import {readFileSync} from 'node:fs'
import {createDigests} from '../../src/host/local/digests.ts'
import {localHost} from '../../src/host/local/index.ts'
import {createSecrets} from '../../src/host/redactor.ts'

/** What one question of the host took, as it ships: test/bench.ts makes a bundle of this. */
export interface Took {
  readonly milliseconds: number
  /** Of the largest of our processes, MiB. */
  readonly peak: number
  /** Files or entries in the answer, and whether it is all of them. */
  readonly count: number
  readonly complete: boolean
}

const [kind, root = '', cache] = process.argv.slice(2)

/** The bench makes its trees shortly before. */
const settled = 0

async function ask(): Promise<Pick<Took, 'count' | 'complete'>> {
  if (kind === 'walk') {
    const walk = await localHost(createSecrets()).walk(root)
    if (!walk.truncated) return {count: walk.entries.length, complete: true}
    const count = walk.kinds.reduce((sum, each) => sum + each.count, 0)
    return {count, complete: walk.unjudged === 0}
  }
  const {digests} = createDigests(cache === undefined ? null : {directory: cache, settled})
  const {files, complete} = await digests(root)
  return {count: Object.keys(files).length, complete}
}

/** KiB that were resident at the most. */
function peakOf(pid: string): number {
  try {
    return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
  } catch {
    return 0
  }
}

async function main(): Promise<void> {
  const start = performance.now()
  const {count, complete} = await ask()
  const milliseconds = performance.now() - start
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ')
  const peak = Math.max(...[...children, 'self'].map(peakOf)) / 1024
  const took: Took = {milliseconds, peak, count, complete}
  process.stdout.write(JSON.stringify(took), () => process.exit())
}

main()
