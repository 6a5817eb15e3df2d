import {readOptions} from '../options.ts'
import type {Start} from '../shell/start.ts'
import {bindsOf, inheritedOf} from './addresses.ts'
import {configPath, moduleEntry} from './entry.ts'
import {silent, type Told} from './told.ts'

const flags = new Set(['-h', '--help', '--debug', '--reload', '-q', '--version'])

export function hypercorn({argv, directory}: Start): Told {
  const options = readOptions(argv.slice(1), flags)
  const config = options.last('-c', '--config')
  const bound = options.all('-b', '--bind')
  const [path] = options.positionals
  const binds = bound.length > 0 ? bound : config === undefined ? ['127.0.0.1:8000'] : []
  const file = config === undefined ? null : configPath(config, directory)
  return {
    ...silent,
    entry: moduleEntry(path?.replace(/^(?:asgi|wsgi):/, ''), null),
    binds: bindsOf(binds, directory),
    bindsFrom: bound.length > 0 ? 'arguments' : (file ?? "hypercorn's default"),
    config: file,
    inherited: binds.some(bind => bind.startsWith('fd://')) ? inheritedOf(binds) : null,
    user: options.last('-u', '--user') ?? null,
    group: options.last('-g', '--group') ?? null,
  }
}
