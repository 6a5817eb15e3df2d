import {rm} from 'node:fs/promises'
import {parseArgs} from 'node:util'
import {command, say} from '../container/command.ts'
import {tryAll} from '../container/trials.ts'
import {build} from '../hosts/build.ts'
import {made} from './made.ts'
import {trials} from './trials.ts'

const usage = `packages COMMAND

  test    make the Debian packages, and install, use, upgrade, remove and purge them on a fresh
          machine of test/hosts; --made: those of an earlier \`npm run deb\`
`

async function test(args: string[]): Promise<void> {
  const {values} = parseArgs({args, options: {made: {type: 'boolean', default: false}}})
  await build(say)
  const packages = await made({again: !values.made})
  try {
    // One after the other on one machine: each goes on where the one before it ended.
    if (!(await tryAll(trials(packages), 1))) process.exitCode = 1
  } finally {
    await rm(packages.directory, {recursive: true, force: true})
  }
}

await command(process.argv.slice(2), {usage, commands: {test: (_, args) => test(args)}})
