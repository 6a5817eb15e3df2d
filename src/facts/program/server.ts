import {posix} from 'node:path'
import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import type {Unit} from '../../host/unit.ts'
import {told} from './arguments.ts'
import {startOf} from './exec-start.ts'
import type {ServerKind} from './kinds.ts'
import {type Listening, listening} from './listening.ts'
import type {Program} from './program.ts'
import {runningProgram} from './running-program.ts'
import {becomes, type RunsAs} from './runs-as.ts'
import {setByServer} from './server-environment.ts'
import type {Told} from './servers/told.ts'
import {type UwsgiTold, uwsgiPython, uwsgiTold} from './servers/uwsgi.ts'
import {type Start, untold} from './shell/start.ts'
import {unwrap} from './unwrap.ts'

/** The program that serves the application, behind wrappers, as its own unit names it. */
export interface Server extends Listening, RunsAs {
  readonly kind: ServerKind | null
  /**
   * Absolute path of the Python that runs it (venv's, Debian's, the store's); null when nothing
   * names it.
   */
  readonly interpreter: string | null
  /**
   * The server's own arguments, wrappers taken off; [0] is the program. What is not known of a word
   * is "…".
   */
  readonly argv: readonly string[]
  /** What wrappers set on the way (makeWrapper --set, uwsgi env=), by name. */
  readonly environment: ReadonlyMap<string, string>
  /** Names that wrappers set, extend or remove on the way, also where it is not told to what. */
  readonly touched: ReadonlySet<string>
  /**
   * `config.wsgi:application`, `config:create_app()`, as ExecStart=, uwsgi's ini (module, wsgi,
   * wsgi-file) … name it; a file is {file}. Null for manage.py runserver, whose settings say it,
   * and where the server's own configuration may.
   */
  readonly entry: {readonly module: string} | {readonly file: string} | null
  /**
   * Where the server changes to before it imports (--chdir, chdir=, cd); else null:
   * WorkingDirectory= counts.
   */
  readonly directory: string | null
  /**
   * Directories put in front of sys.path (--pythonpath, --app-dir, pythonpath=); PYTHONPATH of a
   * wrapper is in environment.
   */
  readonly pythonPath: readonly string[]
  /** DJANGO_SETTINGS_MODULE or --settings when the command itself states it. */
  readonly settingsModule: string | null
  /**
   * The server's own configuration: gunicorn.conf.py (-c, or of the directory), "python:MODULE",
   * hypercorn's file, uwsgi's ini.
   */
  readonly config: string | null
  /** The word that sends it into the background: "--daemon", "daemonize"; null for none. */
  readonly background: string | null
  /** The file that it is told to write the number of its process into. */
  readonly pidFile: string | null
}

/**
 * Finds the server of a unit: by ExecStart= and what that leads to; where a wrapper is not
 * understood, by what the running process was started as.
 * @param environment What a new process of the unit gets.
 */
export async function findServer(
  host: Host,
  unit: Unit,
  environment: ReadonlyMap<string, string>,
): Promise<Server> {
  const start = await startOf(host, unit, environment)
  const stated = await unwrap(host, start)
  const isTold =
    stated.kind !== null &&
    stated.understood &&
    (stated.interpreter !== null || stated.kind === 'uwsgi')
  const actual = isTold ? null : await runningProgram(host, unit, start)
  const program = merged(stated, actual)
  const said =
    program.kind === 'uwsgi'
      ? await uwsgiTold(host, program)
      : program.kind && told(program.kind, program)
  return serverOf(host, unit, start, program, said)
}

/**
 * What the server's own arguments and files say; of uWSGI's Python and of what was not read of its
 * files besides.
 */
type Said = Told & Partial<Pick<UwsgiTold, 'home' | 'isWhole'>>

/**
 * A wrapper that was understood knows the server's words, and the process knows its Python; one
 * that was not knows neither.
 */
function merged(stated: Program, actual: Program | null): Program {
  if (!actual?.kind) {
    const {becomesAnother = actual?.becomesAnother} = stated
    const interpreter = stated.interpreter ?? actual?.interpreter ?? null
    return {...stated, interpreter, ...(becomesAnother && {becomesAnother})}
  }
  if (stated.kind === actual.kind && stated.understood)
    return {...stated, interpreter: stated.interpreter ?? actual.interpreter}
  const {environment, directory, becomesAnother = actual.becomesAnother} = stated
  return {...actual, environment, directory, ...(becomesAnother && {becomesAnother})}
}

async function serverOf(
  host: Host,
  unit: Unit,
  start: Start,
  program: Program,
  said: Said | null,
): Promise<Server> {
  const {kind, directory} = program
  const environment = await setByServer(host, start, program, said)
  const changed = said?.directory ?? (directory === start.directory ? null : directory)
  const config =
    said?.config ?? (kind === 'gunicorn' ? await standardConfig(host, directory) : null)
  return {
    kind,
    interpreter:
      kind === 'uwsgi' ? await uwsgiPython(host, program, said?.home ?? null) : program.interpreter,
    argv: program.argv.map(word => word.replaceAll(untold, '…')),
    environment,
    touched: touchedBy(start, program),
    entry: said?.entry ?? null,
    directory: changed === null || changed.includes(untold) ? null : changed,
    pythonPath: (said?.pythonPath ?? []).filter(path => !path.includes(untold)),
    settingsModule: said?.settingsModule ?? environment.get('DJANGO_SETTINGS_MODULE') ?? null,
    ...(await listening(host, unit, said, config, whereStated(start, program))),
    config,
    background: said?.background ?? null,
    pidFile: said?.pidFile ?? null,
    ...(await becomes(host, unit, program, said, {config, isWhole: said?.isWhole ?? true})),
  }
}

function touchedBy(start: Start, program: Program): ReadonlySet<string> {
  const names = [...program.environment.keys(), ...start.environment.keys()]
  return new Set(
    names.filter(name => program.environment.get(name) !== start.environment.get(name)),
  )
}

/** A word that ExecStart= itself has nobody else has said. */
function whereStated({argv}: Start, program: Program): string | null {
  const line = argv.slice(1).join(' ')
  return program.argv.slice(1).every(word => line.includes(word)) ? 'ExecStart=' : (argv[0] ?? null)
}

/**
 * gunicorn reads ./gunicorn.conf.py unasked, of the directory in which it is started
 * (gunicorn/config.py).
 */
async function standardConfig(host: Host, directory: string): Promise<string | null> {
  if (directory.includes(untold)) return null
  const path = posix.join(directory, 'gunicorn.conf.py')
  return (await ifSeen(host.stat(path))) === null ? null : path
}
