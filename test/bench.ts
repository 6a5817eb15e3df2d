import {spawnSync} from 'node:child_process'
import {existsSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'

/**
 * How long a start takes, as a multiple of an empty Node's: interleaved, so that a busy machine
 * slows both alike.
 */
const root = fileURLToPath(new URL('..', import.meta.url))
const program = join(root, 'bin/run.js')
const recording = join(root, 'fixtures/healthy.json')

const commands: readonly (readonly [string, readonly string[]])[] = [
  ['node -e 0', ['-e', '0']],
  ['--version', [program, '--version']],
  ['--help', [program, '--help']],
  ['checks', [program, 'checks']],
  ...(existsSync(recording)
    ? ([['diagnosis of the recorded healthy machine', [program, '--replay', recording]]] as const)
    : []),
]

const runs = Number(process.argv[2] ?? 21)
const warmUp = 3
const rusage = join(tmpdir(), `prism-doctor-bench-${process.pid}`)
const {NODE_EXTRA_CA_CERTS: _, ...env} = process.env

/** Milliseconds of one run, from spawn to exit. */
function time(args: readonly string[]): number {
  const start = process.hrtime.bigint()
  const {error} = spawnSync(process.execPath, args, {stdio: 'ignore', env})
  if (error) throw error
  return Number(process.hrtime.bigint() - start) / 1e6
}

/**
 * MiB resident at the most (wait4's ru_maxrss, as GNU time prints it); null where there is no GNU
 * time.
 */
function peakMemory(args: readonly string[]): number | null {
  spawnSync('/usr/bin/time', ['-f', '%M', '-o', rusage, process.execPath, ...args], {
    stdio: 'ignore',
    env,
  })
  if (!existsSync(rusage)) return null
  const kibibytes = Number(readFileSync(rusage, 'utf8').trim().split('\n').at(-1))
  rmSync(rusage)
  return kibibytes / 1024
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}

const times = commands.map(() => [] as number[])
for (let run = -warmUp; run < runs; run += 1) {
  for (const [index, [, args]] of commands.entries()) {
    const took = time(args)
    if (run >= 0) times[index]?.push(took)
  }
}

const empty = times[0] ?? []
process.stdout.write(`Node ${process.versions.node}, median of ${runs} interleaved runs\n\n`)
process.stdout.write('      ms   ratio   peak MiB\n')
for (const [index, [name, args]] of commands.entries()) {
  const own = times[index] ?? []
  const ratio = median(own.map((took, run) => took / (empty[run] ?? Number.NaN)))
  const memory = peakMemory(args)
  const columns = [
    median(own).toFixed(1).padStart(8),
    ratio.toFixed(2).padStart(8),
    (memory?.toFixed(0) ?? '-').padStart(11),
  ]
  process.stdout.write(`${columns.join('')}   ${name}\n`)
}
