import type {Bind} from '../../target/bind.ts'

/** What a server is told, by its words and its environment. */
export interface Told {
  readonly entry: {readonly module: string} | {readonly file: string} | null
  readonly directory: string | null
  readonly pythonPath: readonly string[]
  readonly settingsModule: string | null
  readonly environment: ReadonlyMap<string, string>
  /**
   * Files with more of the environment, which count where a name is not set already
   * (python-dotenv).
   */
  readonly environmentFiles: readonly string[]
  readonly binds: readonly Bind[] | null
  /**
   * `arguments` for the words of the command; else a variable's name, a file, or whose default it
   * is.
   */
  readonly bindsFrom: string | null
  /** A configuration of the server that is a program or another file, which may say more. */
  readonly config: string | null
  /** Where the server listens on what systemd hands over, instead of on `binds`. */
  readonly inherited: readonly number[] | 'all' | null
  /**
   * Whom a server that is started as root becomes before it imports the application; null where
   * nothing says so.
   */
  readonly user: string | null
  readonly group: string | null
  /** The word that sends it into the background: "--daemon", "daemonize"; null for none. */
  readonly background: string | null
  /** The file that it writes the number of its process into. */
  readonly pidFile: string | null
}

/** Of a server that is told nothing. */
export const silent: Told = {
  entry: null,
  directory: null,
  pythonPath: [],
  settingsModule: null,
  environment: new Map(),
  environmentFiles: [],
  binds: [],
  bindsFrom: null,
  config: null,
  inherited: null,
  user: null,
  group: null,
  background: null,
  pidFile: null,
}
