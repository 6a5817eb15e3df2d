import {resolved} from '../locate.ts'
import {assignment, readOptions} from '../options.ts'
import {type Start, untold} from '../shell/start.ts'
import {tokenize} from '../shell/tokens.ts'
import {bindsOf, inheritedOf} from './addresses.ts'
import {configPath, entryOf} from './entry.ts'
import {silent, type Told} from './told.ts'

const flags = new Set(
  `-h --help -v --version --reload --spew --check-config --print-config --preload --reuse-port -D --daemon --initgroups
   --disable-redirect-access-to-syslog --capture-output --log-syslog -R --enable-stdio-inheritance --suppress-ragged-eofs
   --enable-backlog-metric --do-handshake-on-connect --permit-obsolete-folding --strip-header-spaces
   --permit-unconventional-http-method --permit-unconventional-http-version --casefold-http-method`.split(
    /\s+/,
  ),
)

/**
 * The command line is stronger than GUNICORN_CMD_ARGS, that than the configuration file (gunicorn's
 * docs, "Configuration Overview"); a list replaces the weaker one. Sockets that systemd hands over
 * replace every bind (gunicorn/sock.py).
 */
export function gunicorn({argv, environment, directory}: Start): Told {
  const line = readOptions(argv.slice(1), flags)
  const variable = readOptions(wordsOf(environment.get('GUNICORN_CMD_ARGS') ?? ''), flags)
  const last = (...names: readonly string[]): string | undefined =>
    line.last(...names) ?? variable.last(...names)
  const all = (...names: readonly string[]): readonly string[] =>
    (line.has(...names) ? line : variable).all(...names)
  const changed = last('--chdir')
  const own = changed === undefined ? directory : resolved(directory, changed)
  const file = last('-c', '--config')
  const config = file === undefined ? null : configPath(file, directory)
  const [binds, from] = boundBy(
    line.all('-b', '--bind'),
    variable.all('-b', '--bind'),
    config,
    environment.get('PORT'),
  )
  return {
    ...silent,
    entry: last('--paste', '--paster') ? null : entryOf(line, 'application'),
    directory: changed === undefined ? null : own,
    pythonPath: (last('--pythonpath') ?? '')
      .split(',')
      .filter(path => path !== '')
      .map(path => resolved(own, path)),
    environment: new Map(all('-e', '--env').flatMap(assignment)),
    binds: bindsOf(
      binds.flatMap(bind => bind.split(',')),
      own,
    ),
    bindsFrom: from,
    config,
    inherited: binds.some(bind => bind.startsWith('fd://')) ? inheritedOf(binds) : 'all',
    user: last('-u', '--user') ?? null,
    group: last('-g', '--group') ?? null,
    background: line.has('-D', '--daemon') || variable.has('-D', '--daemon') ? '--daemon' : null,
    pidFile: pathOf(last('-p', '--pid'), own),
  }
}

/**
 * The addresses that count, and who says so. What gunicorn would do by itself, a configuration may
 * have otherwise.
 */
function boundBy(
  line: readonly string[],
  variable: readonly string[],
  config: string | null,
  port: string | undefined,
): readonly [binds: readonly string[], from: string] {
  if (line.length > 0) return [line, 'arguments']
  if (variable.length > 0) return [variable, 'GUNICORN_CMD_ARGS']
  if (config !== null) return [[], config]
  return port ? [[`0.0.0.0:${port}`], 'PORT'] : [['127.0.0.1:8000'], "gunicorn's default"]
}

/** A path that is written out, from the directory in which the server is started. */
function pathOf(path: string | undefined, directory: string): string | null {
  return path === undefined || path.includes(untold) ? null : resolved(directory, path)
}

/** Words with quotes, as Python's shlex.split has them. */
function wordsOf(text: string): readonly string[] {
  return tokenize(text).flatMap(token =>
    token.kind === 'word'
      ? [token.parts.map(part => (part.kind === 'text' ? part.text : untold)).join('')]
      : [],
  )
}
