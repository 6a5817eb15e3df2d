import {CannotLook} from '../host.ts'

/** What this process lacks, and no other (errno(3)). */
const lacks: Readonly<Record<string, string>> = {
  EMFILE: 'this process may open no more files',
  ENFILE: 'this machine can open no more files',
  ENOMEM: 'there is no memory left for this process',
  ENOBUFS: 'there is no memory left for this process',
}

/**
 * The answer of another program, but for a question that never reached it because of this process:
 * that is no news about who was asked.
 * @throws CannotLook
 */
export function notOurFault<A extends {readonly kind: string; readonly code?: string}>(
  answer: A,
): A {
  const lack = answer.kind === 'unreachable' ? lacks[answer.code ?? ''] : undefined
  if (lack !== undefined) throw new CannotLook(`nobody could be asked: ${lack} (${answer.code})`)
  return answer
}
