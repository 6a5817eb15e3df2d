import type * as v from 'valibot'
import type {libpq, passfile} from './answer-schema.ts'
import type {DjangoAnswer} from './django.ts'

/**
 * How libpq completes what the settings say. The driver's own libpq was asked, in a process of the
 * unit: which HOME counts, whom the unit's sandbox hides a file from and which line fits is its
 * word (libpq, "The Password File" and "The Connection Service File").
 */
export type Libpq = v.InferOutput<typeof libpq>
export type Passfile = v.InferOutput<typeof passfile>

/** Null where the settings say all there is, or nobody could be asked. */
export function libpqOf({libpq: told}: Pick<DjangoAnswer, 'libpq'>): Libpq | null {
  return told === null || 'unasked' in told ? null : told
}

/** Where the password stands among `secrets` that libpq finds beside the settings. */
export const libpqPassword = 'libpq.password'
