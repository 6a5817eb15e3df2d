import {resolved} from '../locate.ts'
import {readOptions} from '../options.ts'
import type {Start} from '../shell/start.ts'
import {addressed, withVariables} from './click.ts'
import {entryOf, factory} from './entry.ts'
import {silent, type Told} from './told.ts'

const flags = new Set(
  `--ws --http1-keep-alive --http1-pipeline-flush --http2-adaptive-window --log --access-log --ssl-client-verify
   --respawn-failed-workers --factory --reload --reload-ignore-worker-failure --metrics --version --help`.split(
    /\s+/,
  ),
)

export function granian({argv, environment, directory}: Start): Told {
  const options = readOptions(argv.slice(1), flags)
  const option = withVariables(options, environment, 'GRANIAN')
  const [host, port, uds, changed] = ['--host', '--port', '--uds', '--working-dir'].map(option)
  const own = changed ? resolved(directory, changed.value) : directory
  return {
    ...silent,
    entry: factory(entryOf(options, null), options.has('--factory')),
    directory: changed ? own : null,
    environmentFiles: options.all('--env-files').map(file => resolved(directory, file)),
    ...addressed({host, port, uds, fd: null}, directory, "granian's default"),
  }
}
