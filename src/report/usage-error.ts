/**
 * Bad input, or an answer that cannot be delivered: one sentence that says what, where and what to
 * do. Exit code 3.
 */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
