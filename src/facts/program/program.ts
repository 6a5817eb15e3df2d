import type {ServerKind} from './kinds.ts'
import {type Start, untold} from './shell/start.ts'

/** What a command comes to, wrappers taken off. */
export interface Program extends Start {
  /** Null for a program whose name is not that of a server for Django applications. */
  readonly kind: ServerKind | null
  /** The Python that runs it; null where no script and no command names one. */
  readonly interpreter: string | null
  /** False where a wrapper on the way was not understood: the process knows better. */
  readonly understood: boolean
  /** A wrapper on the way runs it as another user than itself is (sudo, runuser). */
  readonly becomesAnother?: true
}

/** Of a command that nobody understands. */
export function unknownProgram(start: Start): Program {
  return {...start, kind: null, interpreter: null, understood: false}
}

/** What nixpkgs' python3.withPackages names as the environment's own Python. */
export function environmentPython({environment}: Start): string | null {
  return environment.get('NIX_PYTHONEXECUTABLE') ?? null
}

/**
 * What two ways through a script agree on: a word in which they differ is not known, of two servers
 * neither is.
 */
export function inCommon(one: Program, other: Program): Program {
  const isSame = one.kind === other.kind && one.argv.length === other.argv.length
  const argv = isSame
    ? one.argv.map((word, index) => (word === other.argv[index] ? word : untold))
    : []
  return {
    kind: isSame ? one.kind : null,
    interpreter: one.interpreter === other.interpreter ? one.interpreter : null,
    argv,
    environment: new Map(
      [...one.environment].filter(([name, value]) => other.environment.get(name) === value),
    ),
    directory: one.directory === other.directory ? one.directory : untold,
    understood: isSame && one.understood && other.understood && !argv.includes(untold),
    ...((one.becomesAnother || other.becomesAnother) && {becomesAnother: true as const}),
  }
}
