/** Values that no output, log, argv, recording or error may hold, and their placeholders. */
export interface Secrets {
  add(value: string): void
  has(value: string): boolean
  /**
   * Names that are shown on purpose; a secret that equals one is not replaced, since it would tell
   * which it is.
   */
  addPublic(value: string): void
  /**
   * Takes note of what a text tells by itself: passwords in URLs, and values of names that speak
   * of a secret. What comes from the machine word by word (evidence, a recording) may hold secrets
   * that no environment names.
   */
  learn(text: string): void
  /** The placeholder of a value: the same for the same value in one run, different in the next. */
  placeholder(value: string): string
  /**
   * Replaces what is known, also where it was wrapped or encoded. Of a secret that was cut it
   * recognises the beginning, if that looks like nothing else; so redact first, then shorten.
   */
  redact(text: string): string
  /** Redacts lines that follow one another: a secret may begin in one and end in the next. */
  redactAll(lines: readonly string[]): readonly string[]
  /** Learns from a text that stands alone, such as a line on stderr, and redacts it. */
  conceal(text: string): string
}

/** Registers a name that is shown on purpose, and the words that it is made of. */
export function addPublicWords(secrets: Secrets, name: string): void {
  for (const part of [name, ...name.split('/'), ...name.split(/\W+/)]) secrets.addPublic(part)
}
