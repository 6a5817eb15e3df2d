import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {availableParallelism, cpus, release, tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {parseArgs} from 'node:util'
import {measureStart} from './bench/start.ts'
import {measureStatic, measureWalk} from './bench/trees.ts'

/**
 * Measures against yardsticks, in pairs, so that a busy machine slows both alike, and writes
 * docs/performance.md. A part that is named is only printed; --runs says how often each is measured,
 * and --scale makes the trees smaller.
 */
const {values, positionals} = parseArgs({
  allowPositionals: true,
  options: {runs: {type: 'string'}, scale: {type: 'string', default: '1'}},
})
const scale = Number(values.scale)
const runs = (usual: number): number => Number(values.runs ?? usual)

const parts = {
  start: async () => measureStart(runs(21)),
  static: async () => inDirectory(directory => measureStatic({runs: runs(7), scale, directory})),
  walk: async () => inDirectory(directory => measureWalk({runs: runs(5), scale, directory})),
} as const

async function inDirectory(measure: (directory: string) => Promise<string>): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'prism-doctor-bench-'))
  try {
    return await measure(directory)
  } finally {
    rmSync(directory, {recursive: true, force: true})
  }
}

const unknown = positionals.find(name => !(name in parts))
if (unknown !== undefined)
  throw new Error(`${unknown} is no part: ${Object.keys(parts).join(', ')}`)

const said: string[] = []
for (const [name, measure] of Object.entries(parts)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue
  const section = await measure()
  process.stdout.write(`${section}\n`)
  said.push(section)
}

const day = new Date().toISOString().slice(0, 10)
const machine = `${availableParallelism()} × ${cpus()[0]?.model.trim()}, Linux ${release()}`
const page = `# How fast it is

\`npm run bench\` wrote this page on ${day}: ${machine}, Node ${process.versions.node}. Each figure
stands beside a yardstick that was measured in the same run, and the multiple of it is what counts:
another machine has other seconds.

${said.join('\n')}`
if (positionals.length === 0)
  writeFileSync(fileURLToPath(new URL('../docs/performance.md', import.meta.url)), page)
