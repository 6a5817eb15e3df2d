import {readdirSync} from 'node:fs'
import {createRequire, enableCompileCache} from 'node:module'
import {fileURLToPath} from 'node:url'

/**
 * Fills the compile cache that bin/run.js reads. Node keeps of a module what is compiled at the moment it is loaded: not one
 * function, since V8 compiles each when it is first called. So the program runs, and is then loaded once more: what the run
 * has called is compiled by now, and goes along.
 */
const root = fileURLToPath(new URL('..', import.meta.url))
const require = createRequire(import.meta.url)
const {main} = require('../dist/main.cjs') as {main(argv: readonly string[], root: string): Promise<void>}
await main(['--replay', `${root}fixtures/healthy.json`], root)

enableCompileCache(`${root}dist/cache`)
delete require.cache[require.resolve('../dist/main.cjs')]
for (const file of readdirSync(`${root}dist`)) if (/^(?:main|lib-.*)\.cjs$/.test(file)) require(`../dist/${file}`)
process.exitCode = 0
