/** Stands in a word for what cannot be told. */
export const untold = '\0'

/** What a script is started with. */
export interface Start {
  /**
   * [0] is the script. A word that holds `untold` is not known, in what comes out as in what goes
   * in.
   */
  readonly argv: readonly string[]
  readonly environment: ReadonlyMap<string, string>
  readonly directory: string
}

/** A program that a script runs. */
export interface Launch extends Start {
  /**
   * Whether it is run whatever the machine is like: it stands under no condition that could not be
   * decided.
   */
  readonly certain: boolean
}

/** What a script may ask of the machine. */
export interface ScriptWorld {
  /** The text of a file that is sourced; null where it cannot be read. */
  readonly read: (path: string) => Promise<string | null>
  /** Null where it cannot be told. */
  readonly typeOf: (path: string) => Promise<'file' | 'directory' | 'other' | 'missing' | null>
}
