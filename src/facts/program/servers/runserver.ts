import {readOptions} from '../options.ts'
import type {Start} from '../shell/start.ts'
import {bindsOf} from './addresses.ts'
import {silent, type Told} from './told.ts'

const flags = new Set(
  `-h --help --version --traceback --no-color --force-color --skip-checks -6 --ipv6 --nothreading --noreload --nostatic
   --insecure --threaded`.split(/\s+/),
)

/**
 * `manage.py runserver [ADDRESS:PORT]`, 127.0.0.1:8000 where nothing is said
 * (django/core/management/commands).
 */
export function runserver({argv}: Start): Told {
  const options = readOptions(argv.slice(1), flags)
  const [, address] = options.positionals
  const [pythonPath, settings] = [options.last('--pythonpath'), options.last('--settings')]
  const sixth = options.has('-6', '--ipv6')
  const said = address === undefined ? '' : /^\d+$/.test(address) ? `:${address}` : address
  const bind =
    said.startsWith(':') || said === ''
      ? `${sixth ? '[::1]' : '127.0.0.1'}${said || ':8000'}`
      : said
  return {
    ...silent,
    pythonPath: pythonPath ? [pythonPath] : [],
    settingsModule: settings ?? null,
    binds: bindsOf([bind.replace(/^0:/, '0.0.0.0:')], '/'),
    bindsFrom: address === undefined ? "runserver's default" : 'arguments',
  }
}
