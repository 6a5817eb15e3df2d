import {spawnSync} from 'node:child_process'
import {existsSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {interleaved, median, ratio, table, time} from './measure.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const program = join(root, 'bin/run.js')
const recording = join(root, 'fixtures/healthy.json')
const {NODE_EXTRA_CA_CERTS: _, ...env} = process.env

const commands: readonly (readonly [string, readonly string[]])[] = [
  ['`node -e 0`', ['-e', '0']],
  ['`--version`', [program, '--version']],
  ['`--help`', [program, '--help']],
  ['`checks`', [program, 'checks']],
  ['diagnosis of the recorded healthy machine', [program, '--replay', recording]],
]

/** How long a start takes, as a multiple of an empty Node's. */
export function measureStart(runs: number): string {
  const measures = commands.map(
    ([, args]) =>
      () =>
        time(process.execPath, args, env),
  )
  const times = interleaved(runs, measures, 3)
  const rows = commands.map(([name, args], index) => {
    const own = times[index] ?? []
    const memory = peakMemory(args)
    return [
      name,
      `${median(own).toFixed(1)} ms`,
      ratio(own, times[0] ?? []).toFixed(2),
      memory === null ? '-' : `${memory.toFixed(0)} MiB`,
    ]
  })
  return `## Start

From the start of the process to its end, and as a multiple of an empty Node: the median of ${runs}
runs.

${table(['', 'time', '×', 'peak memory'], rows)}`
}

/**
 * MiB resident at the most (wait4's ru_maxrss, as GNU time prints it); null where there is no GNU
 * time.
 */
function peakMemory(args: readonly string[]): number | null {
  const usage = join(tmpdir(), `prism-doctor-bench-${process.pid}`)
  spawnSync('/usr/bin/time', ['-f', '%M', '-o', usage, process.execPath, ...args], {
    stdio: 'ignore',
    env,
  })
  if (!existsSync(usage)) return null
  const kibibytes = Number(readFileSync(usage, 'utf8').trim().split('\n').at(-1))
  rmSync(usage)
  return kibibytes / 1024
}
