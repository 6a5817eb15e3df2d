import {hostPort} from './address.ts'
import type {
  AsUnitOptions,
  Connection,
  ExecOptions,
  HttpRequest,
  JournalSource,
  ReadOptions,
  Statement,
} from './host.ts'

/** What one question was answered: the answer, or why nobody could look. */
export type Answer =
  | {readonly answer: unknown}
  | {
      readonly cannotLook: string
      readonly privilege?: boolean
      /** Where what does not answer is mounted. */
      readonly hanging?: string
    }

export type QuestionKind =
  | 'unit'
  | 'journal'
  | 'exec'
  | 'asUnit'
  | 'sandbox'
  | 'activity'
  | 'readFile'
  | 'stat'
  | 'list'
  | 'walk'
  | 'digests'
  | 'query'
  | 'request'

/** By what was asked, in the words of keyOf. */
export type Answers = {readonly [kind in QuestionKind]?: Readonly<Record<string, Answer>>}

/** A machine as it answered: what `record` writes, and `--replay` and the tests read. */
export interface Recording {
  readonly recording: 2
  readonly tool: string
  readonly host: string
  /** The unit that was looked at. */
  readonly unit: string
  /** ISO 8601; the recorded machine's "now". */
  readonly recordedAt: string
  /** Effective user id of the one who looked. */
  readonly uid: number
  readonly answers: Answers
}

/**
 * What a question means, as a person would write it: with which program, flags, columns or number
 * of lines it is asked may change, and an old recording still answers. No secret is part of it.
 */
export function keyOf(kind: QuestionKind, args: readonly unknown[]): string {
  switch (kind) {
    case 'journal': {
      const [sources] = args as [readonly JournalSource[]]
      return sources
        .map(source => ('unit' in source ? source.unit : source.identifier))
        .join(' and ')
    }
    case 'readFile': {
      const [path, options] = args as [string, ReadOptions?]
      return options?.tail === undefined ? path : `end of ${path}`
    }
    case 'exec': {
      const [argv, options] = args as [readonly string[], ExecOptions?]
      // A third party's check may not say what it means.
      return `${options?.user ? `as ${options.user}: ` : ''}${options?.question ?? argv.join(' ')}`
    }
    case 'asUnit': {
      const [unit, argv, options] = args as [string, readonly string[], AsUnitOptions?]
      const without = options?.without?.length ? ` without ${options.without.join(',')}` : ''
      const added = (options?.with ?? []).map(({name, value}) => ` with ${name}=${value}`)
      return `${unit}: ${options?.question ?? argv.join(' ')}${without}${added.join('')}`
    }
    case 'query': {
      const [connection, statement] = args as [Connection, Statement]
      const {host, port, user, database, as} = connection
      const with_ = connection.password ? ' with password' : ''
      return `${as ? `as ${as}: ` : ''}${user}@${hostPort({host, port})}/${database}${with_}: ${statement.question}`
    }
    case 'request': {
      const [{address, path, headers, tls, time = 1}] = args as [HttpRequest]
      const scheme = address.protocol ?? (tls === undefined ? 'http' : 'https')
      const where =
        'socketPath' in address
          ? `${address.protocol ? `${scheme}+` : ''}unix:${address.socketPath}:`
          : `${scheme}://${hostPort(address)}`
      const said = Object.entries(headers ?? {}).map(([name, value]) => ` ${name}: ${value}`)
      return `${where}${path}${said.join('')}${time > 1 ? ` time ${time}` : ''}`
    }
    default:
      return String(args[0])
  }
}
