#!/usr/bin/env node
// Written for any Node: one that is too old must say so instead of failing at syntax it does not
// know.
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 13)) {
  refuse(`needs Node 22.13 or newer and this is ${process.versions.node}; run it with a newer node`)
} else {
  const {statSync} = process.getBuiltinModule('node:fs')
  const {createRequire, enableCompileCache} = process.getBuiltinModule('node:module')
  const {fileURLToPath} = process.getBuiltinModule('node:url')
  const root = fileURLToPath(new URL('..', import.meta.url))
  const dist = statSync(`${root}dist`, {throwIfNoEntry: false})
  if (dist === undefined) {
    refuse('is not built; run npm run build')
  } else {
    // Node's cache of compiled code lies beside the code, and is used where nobody but this user
    // can write: as root, where root alone can.
    if (dist.uid === process.geteuid() && (dist.mode & 0o022) === 0)
      enableCompileCache(`${root}dist/cache`)
    // oclif asks the user database for these, and does not start for a user that is not in it.
    process.env.SHELL = process.env.SHELL || '/bin/sh'
    process.env.HOME = process.env.HOME || '/nonexistent'
    // What oclif prints for DEBUG=* passes no redactor: for us any value means the same.
    if (process.env.DEBUG) process.env.DEBUG = '1'
    createRequire(import.meta.url)('../dist/main.cjs').main(process.argv.slice(2), root)
  }
}

function refuse(why) {
  process.stderr.write(`prism-doctor ${why}\n`)
  process.exitCode = 3
}
