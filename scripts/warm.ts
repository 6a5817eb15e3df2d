import {existsSync, writeFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'

interface Loader {
  readonly scripts: ReadonlyMap<string, import('node:vm').Script>
  load(name: string): {main(argv: readonly string[], root: string): Promise<void>}
}

/** Runs the program in several ways and keeps what V8 compiled on the way, for every later start. */
const root = fileURLToPath(new URL('..', import.meta.url))
const {load, scripts} = (await import(new URL('../bin/load.js', import.meta.url).href)) as Loader
const {main} = load('main.cjs')
const recording = `${root}fixtures/healthy.json`
const replays = existsSync(recording)
  ? [
      ['--replay', recording],
      ['--json', '--replay', recording],
    ]
  : []
// A second after its answer main ends the process, which on a slow machine is in the middle of the next one.
process.exit = (() => undefined) as unknown as typeof process.exit
for (const argv of [['--version'], ['--help'], ['help', 'diagnose'], ['checks'], ...replays, ['--bogus']])
  await main(argv, root)
for (const library of process.argv.slice(2)) load(library)
for (const [file, script] of scripts) writeFileSync(`${file}.cache`, script.createCachedData())
process.exitCode = 0
