import {readdirSync} from 'node:fs'
import {createRequire, enableCompileCache} from 'node:module'
import {fileURLToPath} from 'node:url'

/**
 * Fills the compile cache that bin/run.js reads. Node caches what is compiled when a module is
 * loaded, and V8 compiles a function only when it is first called. So the program runs, and is then
 * loaded again: what the run called is compiled by now, and gets into the cache.
 */
const root = fileURLToPath(new URL('..', import.meta.url))
const require = createRequire(import.meta.url)
const {main} = require('../dist/main.cjs') as {
  main(argv: readonly string[], root: string): Promise<void>
}
await main(['--replay', `${root}fixtures/healthy.json`], root)

enableCompileCache(`${root}dist/cache`)
delete require.cache[require.resolve('../dist/main.cjs')]
for (const file of readdirSync(`${root}dist`))
  if (/^(?:main|lib-.*)\.cjs$/.test(file)) require(`../dist/${file}`)
process.exitCode = 0
