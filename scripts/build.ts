import {spawnSync} from 'node:child_process'
import {copyFileSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {type BuildOptions, build, type Plugin} from 'esbuild'

/** Libraries that only some runs need: each in a bundle of its own, loaded where it is used. */
const lazy = ['execa', 'listr2', 'pg', 'chalk', 'smol-toml', '@inquirer/prompts'] as const

/** The program, and the child that asks PostgreSQL as another user. */
const parts = {
  main: 'src/cli/main.ts',
  'postgres-child': 'src/host/local/postgres-child.ts',
}

const fileOf = (name: string): string => `lib-${name.replace(/[^a-z0-9]+/g, '-')}.cjs`

const split: Plugin = {
  name: 'split',
  setup(bundle) {
    bundle.onResolve({filter: new RegExp(`^(?:${lazy.join('|')})$`)}, ({path, kind}) =>
      kind === 'entry-point' ? undefined : {path: `./${fileOf(path)}`, external: true},
    )
    bundle.onResolve({filter: /^pg-native$/}, () => ({path: 'pg-native', external: true}))
  },
}

/**
 * oclif requires all of itself before it does anything. What its compiler wrote as `const x_1 = require("x")` is required
 * where x_1 is first used instead, as Babel's `lazy` does: half of the time to start was spent on modules that no run needs.
 */
const lazyRequires: Plugin = {
  name: 'lazy-requires',
  setup(bundle) {
    bundle.onLoad({filter: /@oclif\/core\/lib\/.*\.js$/}, ({path}) => {
      let contents = readFileSync(path, 'utf8')
      const required = /^(?:const|var) (\w+_\d+) = ((?:__import(?:Default|Star)\()?require\("[^"]+"\)\)?);$/gm
      for (const [statement, name = '', expression] of contents.matchAll(required)) {
        contents = contents
          .replace(statement, '')
          .replaceAll(new RegExp(`\\b${name}\\b`, 'g'), `(${name}())`)
          .replace(
            '"use strict";',
            `"use strict"; let ${name}$; function ${name}() { return ${name}$ ??= ${expression}; }`,
          )
      }
      return {contents, loader: 'js'}
    })
  },
}

/** oclif asks this whether Linux is Windows' own; it answers by loading four modules and child_process. */
const notWindows: Plugin = {
  name: 'not-windows',
  setup(bundle) {
    bundle.onResolve({filter: /^wsl-utils$/}, () => ({path: 'wsl-utils', namespace: 'stub'}))
    bundle.onLoad({filter: /.*/, namespace: 'stub'}, () => ({contents: 'export const isWsl = false'}))
  },
}

const common: BuildOptions = {
  bundle: true,
  platform: 'node',
  target: 'node22',
  format: 'cjs',
  minify: true,
  keepNames: true,
  outExtension: {'.js': '.cjs'},
  define: {'import.meta.url': 'importMetaUrl'},
  banner: {js: 'const importMetaUrl = require("node:url").pathToFileURL(__filename).href;'},
  // A native import() of CommonJS loses the names that a minifier has hidden; require() keeps them, and is faster.
  supported: {'dynamic-import': false},
  logLevel: 'warning',
}

// Built beside and then swapped: whoever runs the program meanwhile finds a whole one.
const fresh = `.dist-${process.pid}`
const stale = `.dist-${process.pid}-old`
// What a failed build leaves.
process.on('exit', () => rmSync(fresh, {recursive: true, force: true}))
await Promise.all([
  build({...common, entryPoints: parts, outdir: fresh, plugins: [split, lazyRequires, notWindows]}),
  ...lazy.map(name =>
    build({
      ...common,
      stdin: {contents: `module.exports = require(${JSON.stringify(name)})`, resolveDir: '.'},
      outfile: `${fresh}/${fileOf(name)}`,
    }),
  ),
])

// One byte per character, for V8 and for the disk. What is not ASCII stands in strings and regular expressions only.
for (const file of readdirSync(fresh)) {
  const code = readFileSync(`${fresh}/${file}`, 'utf8')
  const escaped = code.replace(/[^\x00-\x7f]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
  writeFileSync(`${fresh}/${file}`, escaped)
}

copyFileSync('src/facts/django/ask.py', `${fresh}/ask.py`)

if (existsSync('dist')) renameSync('dist', stale)
renameSync(fresh, 'dist')
rmSync(stale, {recursive: true, force: true})

const warmed = spawnSync(process.execPath, ['scripts/warm.ts', ...lazy.map(fileOf)], {stdio: 'ignore'})
if (warmed.status !== 0) throw new Error('what was built does not run: try node bin/run.js')
