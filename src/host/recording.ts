import {UsageError} from '../report/usage-error.ts'
import {hostPort} from './address.ts'
import type {AsUnitOptions, Connection, ExecOptions, HttpRequest} from './host.ts'

/** What one question was answered: the answer, or why nobody could look. */
export type Answer = {readonly answer: unknown} | {readonly cannotLook: string; readonly privilege?: boolean}

export type QuestionKind = 'exec' | 'asUnit' | 'readFile' | 'stat' | 'list' | 'walk' | 'digests' | 'query' | 'request'

/** A machine as it answered: what `record` writes, `--replay` reads, and a fixture extends. */
export interface Recording {
  readonly recording: 1
  readonly tool: string
  readonly host: string
  /** ISO 8601; the recorded machine's "now". */
  readonly recordedAt: string
  /** Effective user id of the one who looked. */
  readonly uid: number
  readonly answers: {readonly [kind in QuestionKind]?: Readonly<Record<string, Answer>>}
}

/** A question as a person would write it, so that a fixture can be read and edited. No secret is part of it. */
export function keyOf(kind: QuestionKind, args: readonly unknown[]): string {
  switch (kind) {
    case 'exec': {
      const [argv, options] = args as [readonly string[], ExecOptions?]
      return `${options?.user ? `as ${options.user}: ` : ''}${argv.join(' ')}${options?.input ? ` < ${options.input}` : ''}`
    }
    case 'asUnit': {
      const [unit, argv, options] = args as [string, readonly string[], AsUnitOptions?]
      const without = options?.without?.length ? ` without ${options.without.join(',')}` : ''
      return `${unit}: ${options?.question ?? argv.join(' ')}${without}`
    }
    case 'query': {
      const [connection, sql] = args as [Connection, string]
      const {host, port, user, database, as} = connection
      return `${as ? `as ${as}: ` : ''}${user}@${hostPort({host, port})}/${database}${connection.password ? ' with password' : ''}: ${sql}`
    }
    case 'request': {
      const [{address, path, headers, tls}] = args as [HttpRequest]
      const scheme = address.protocol ?? (tls === undefined ? 'http' : 'https')
      const where =
        'socketPath' in address
          ? `${address.protocol ? `${scheme}+` : ''}unix:${address.socketPath}:`
          : `${scheme}://${hostPort(address)}`
      const said = Object.entries(headers ?? {}).map(([name, value]) => ` ${name}: ${value}`)
      return `${where}${path}${said.join('')}`
    }
    default:
      return String(args[0])
  }
}

/**
 * Reads a recording.
 * @throws UsageError when the text is not one.
 */
export function parseRecording(text: string, file: string): Recording {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    throw new UsageError(
      `${file} is not a recording: it is not JSON; make one with \`prism-doctor record --output FILE\``,
    )
  }
  const recording = parsed as Partial<Recording> | null
  const wellFormed =
    typeof recording === 'object' &&
    recording !== null &&
    recording.recording === 1 &&
    typeof recording.host === 'string' &&
    typeof recording.uid === 'number' &&
    !Number.isNaN(Date.parse(recording.recordedAt ?? '')) &&
    typeof recording.answers === 'object' &&
    recording.answers !== null &&
    Object.values(recording.answers).every(
      kind => typeof kind === 'object' && kind !== null && Object.values(kind).every(isAnswer),
    )
  if (!wellFormed)
    throw new UsageError(`${file} is not a recording of version 1; make one with \`prism-doctor record --output FILE\``)
  return recording as Recording
}

function isAnswer(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    ('answer' in value || typeof (value as {cannotLook?: unknown}).cannotLook === 'string')
  )
}
