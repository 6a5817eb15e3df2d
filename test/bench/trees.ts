import {execFileSync} from 'node:child_process'
import {cpSync, mkdirSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {build} from 'esbuild'
import type {Took} from './ask.ts'
import {interleaved, median, ratio, table, time} from './measure.ts'
import {makeStaticTree, type StaticTree} from './static-tree.ts'

/** How trees are measured. */
export interface Options {
  readonly runs: number
  /** Factor of how many files there are. */
  readonly scale: number
  /** A directory that is removed afterwards. */
  readonly directory: string
}

/** The host as it ships, beside the children that it starts. @returns a function that asks it. */
async function bundledHost(directory: string): Promise<(...args: readonly string[]) => Took> {
  const dist = join(directory, 'dist')
  const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url))
  cpSync(path('../../dist'), dist, {recursive: true})
  await build({
    entryPoints: [path('ask.ts')],
    outfile: join(dist, 'ask.cjs'),
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'cjs',
    define: {'import.meta.url': 'importMetaUrl'},
    banner: {js: 'const importMetaUrl = require("node:url").pathToFileURL(__filename).href;'},
    logLevel: 'error',
  })
  return (...args) => {
    const said = execFileSync(process.execPath, [join(dist, 'ask.cjs'), ...args])
    return JSON.parse(said.toString()) as Took
  }
}

const trees: readonly (readonly [string, StaticTree])[] = [
  ['sizes spread', {files: 40_000, size: 7975, spread: true, compressed: false}],
  ['8 KB each', {files: 20_000, size: 8192, spread: false, compressed: false}],
  ['with .gz and .br', {files: 20_000, size: 8192, spread: false, compressed: true}],
]

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(2)} s`

/** Static files against md5sum. */
export async function measureStatic({runs, scale, directory}: Options): Promise<string> {
  const ask = await bundledHost(directory)
  const rows = trees.map(([name, tree]) => {
    const root = join(directory, 'static')
    const cache = join(directory, 'cache')
    const files = Math.round(tree.files * scale)
    const bytes = makeStaticTree(root, {...tree, files})
    const yardstick = () => time('sh', ['-c', `find ${root} -type f -print0 | xargs -0 md5sum`])
    const first = () => {
      rmSync(cache, {recursive: true, force: true})
      return whole(ask('digests', root, cache))
    }
    const second = () => whole(ask('digests', root, cache))
    const both = interleaved(runs, [() => [yardstick(), first(), second()] as const], 1)[0] ?? []
    rmSync(root, {recursive: true})
    const md5sum = both.map(([took]) => took)
    const cells = [1, 2].flatMap(index => {
      const times = both.map(taken => (taken[index] as Took).milliseconds)
      return [seconds(median(times)), ratio(times, md5sum).toFixed(2)]
    })
    const peak = Math.max(...both.flatMap(([, one, two]) => [one.peak, two.peak]))
    const size = `${(bytes / 1e6).toFixed(0)} MB`
    const count = `${both[0]?.[1].count}`
    return [name, count, size, seconds(median(md5sum)), ...cells, `${peak.toFixed(0)} MiB`]
  })
  const head = ['', 'files', 'size', 'md5sum', 'first run', '×', 'second run', '×', 'peak memory']
  return `## Static files

\`find ROOT -type f -print0 | xargs -0 md5sum\` against all that prism-doctor does with the files
below STATIC_ROOT: starting the processes that read, the MD5 of each file, of style sheets and
scripts another one without what collectstatic rewrites, of .gz and .br the decoding and the MD5 of
what comes out, and the cache. md5sum does nothing of the last three. Everything is in the page
cache. The first run finds no cache and writes one, the second one reads it. Of ten files five are
pictures, three scripts and two style sheets; each has a hashed copy. The median of ${runs} runs, one
of each after the other; the memory is that of the largest process.

${table(head, rows)}`
}

function whole(took: Took): Took {
  if (!took.complete) throw new Error('not everything was read')
  return took
}

/** A state directory with very many files against find. */
export async function measureWalk({runs, scale, directory}: Options): Promise<string> {
  const ask = await bundledHost(directory)
  const root = join(directory, 'state')
  const count = Math.round(1_000_000 * scale)
  for (let at = 0; at < count; at += 1) {
    const below = join(root, `d${Math.floor(at / 1000)}`)
    if (at % 1000 === 0) mkdirSync(below, {recursive: true})
    writeFileSync(join(below, `f${at}`), '')
  }
  const format = '%y %m %U %G %n %s %T@ %P\\0%l\\0'
  const yardstick = () => time('find', [root, '-printf', format])
  const own = () => whole(ask('walk', root))
  const both = interleaved(runs, [() => [yardstick(), own()] as const], 1)[0] ?? []
  rmSync(root, {recursive: true})
  const find = both.map(([took]) => took)
  const walks = both.map(([, {milliseconds}]) => milliseconds)
  const row = [
    `${count} files`,
    seconds(median(find)),
    seconds(median(walks)),
    ratio(walks, find).toFixed(2),
    `${Math.max(...both.map(([, {peak}]) => peak)).toFixed(0)} MiB`,
  ]
  return `## A large state directory

\`find ROOT -printf '${format}'\` against the question of who owns what below the state directory, up
to its answer. The median of ${runs} runs, one of each after the other.

${table(['', 'find', 'prism-doctor', '×', 'peak memory'], [row])}`
}
