import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import {constants} from 'node:os'
import {basename} from 'node:path'
import {build, type Plugin} from 'esbuild'
import {escaped} from '../src/report/escape.ts'
import {ownManualPage} from './man.ts'
import {thirdParty} from './third-party.ts'

/** Libraries that only some runs need: each in a bundle of its own, loaded where it is used. */
const lazy = ['execa', 'listr2', 'pg', 'chalk', 'smol-toml', '@inquirer/prompts'] as const

/** What runs in a process of its own: to be another user there, or to be killed while it hangs. */
const children = readdirSync('src/host/local')
  .filter(name => name.endsWith('-child.ts'))
  .map(name => basename(name, '.ts'))

const bundleOf = (library: string): string => `lib-${library.replace(/[^a-z0-9]+/g, '-')}`

const split: Plugin = {
  name: 'split',
  setup(bundle) {
    bundle.onResolve({filter: new RegExp(`^(?:${lazy.join('|')})$`)}, ({path, kind}) =>
      kind === 'entry-point' ? undefined : {path: `./${bundleOf(path)}.cjs`, external: true},
    )
  },
}

const {outputFiles, metafile} = await build({
  entryPoints: {
    main: 'src/cli/main.ts',
    ...Object.fromEntries(children.map(name => [name, `src/host/local/${name}.ts`])),
    ...Object.fromEntries(lazy.map(library => [bundleOf(library), library])),
  },
  outdir: 'dist',
  write: false,
  metafile: true,
  bundle: true,
  platform: 'node',
  target: 'node22',
  format: 'cjs',
  outExtension: {'.js': '.cjs'},
  minify: true,
  define: {'import.meta.url': 'importMetaUrl'},
  banner: {js: 'const importMetaUrl = require("node:url").pathToFileURL(__filename).href;'},
  // Bundles are CommonJS, of which a native import() would not see every name.
  supported: {'dynamic-import': false},
  // Neither is there where this runs, and nothing asks for it: oclif would for plugins in TypeScript.
  external: ['pg-native', 'typescript'],
  plugins: [split],
  logLevel: 'warning',
})

/** V8 reads ASCII at half the cost; esbuild leaves regular expressions as they are. */
function ascii(code: string): string {
  return code.replace(/[^\x00-\x7f]/g, escaped)
}

// Built beside and then swapped: whoever runs the program meanwhile finds a whole one.
const fresh = `.dist-${process.pid}`
const stale = `.dist-${process.pid}-old`
process.on('exit', () => {
  for (const directory of [fresh, stale]) rmSync(directory, {recursive: true, force: true})
})
// A signal alone would end the process without the above.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => process.exit(128 + constants.signals[signal]))

mkdirSync(fresh)
// The compile cache is used only where nobody else can write, whatever the umask says.
chmodSync(fresh, 0o755)
for (const {path, text} of outputFiles) writeFileSync(`${fresh}/${basename(path)}`, ascii(text))
for (const script of ['ask.py', 'look.py'])
  copyFileSync(`src/facts/django/${script}`, `${fresh}/${script}`)
writeFileSync(`${fresh}/THIRD-PARTY.txt`, thirdParty(metafile))
writeFileSync(`${fresh}/prism-doctor.1`, await ownManualPage())
if (existsSync('dist')) renameSync('dist', stale)
renameSync(fresh, 'dist')

const caching = spawn(process.execPath, ['scripts/compile-cache.ts'], {
  stdio: ['ignore', 'ignore', 'inherit'],
})
process.on('exit', () => caching.kill())
const [failed] = await once(caching, 'exit')
if (failed) throw new Error('what was built does not run: try node bin/run.js')
