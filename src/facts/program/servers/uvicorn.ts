import {resolved} from '../locate.ts'
import {readOptions} from '../options.ts'
import type {Start} from '../shell/start.ts'
import {addressed, withVariables} from './click.ts'
import {entryOf, factory, moduleEntry} from './entry.ts'
import {silent, type Told} from './told.ts'

const flags = new Set(
  `--reload --http2 --access-log --use-colors --proxy-headers --server-header --date-header --version --reset-contextvars
   --factory --help`.split(/\s+/),
)

export function uvicorn({argv, environment, directory}: Start): Told {
  const options = readOptions(argv.slice(1), flags)
  const option = withVariables(options, environment, 'UVICORN')
  const [host, port, uds, fd, appDirectory] = [
    '--host',
    '--port',
    '--uds',
    '--fd',
    '--app-dir',
  ].map(option)
  const file = option('--env-file')?.value
  const isFactory =
    options.has('--factory') ||
    /^(?:1|true|yes|on|t|y)$/i.test(environment.get('UVICORN_FACTORY') ?? '')
  const common = {
    ...silent,
    entry: factory(
      entryOf(options, null) ?? moduleEntry(environment.get('UVICORN_APP'), null),
      isFactory,
    ),
    pythonPath: appDirectory ? [resolved(directory, appDirectory.value)] : [],
    environmentFiles: file ? [resolved(directory, file)] : [],
  }
  return {...common, ...addressed({host, port, uds, fd}, directory, "uvicorn's default")}
}
