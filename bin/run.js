#!/usr/bin/env node
// Written for any Node: one that is too old must say so instead of failing at syntax it does not know.
const version = process.versions.node.split('.').map(Number)
if (version[0] < 22 || (version[0] === 22 && version[1] < 13)) {
  process.stderr.write(
    `prism-doctor needs Node 22.13 or newer and this is ${process.versions.node}; run it with a newer node\n`,
  )
  process.exitCode = 3
} else {
  import('./load.js').then(({load}) =>
    load('main.cjs').main(process.argv.slice(2), new URL('..', import.meta.url).pathname),
  )
}
