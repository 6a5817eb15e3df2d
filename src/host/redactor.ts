import {isPlaceholder, replaced, type Seek, seekerOf} from './secrecy/seek.ts'
import {secretsIn} from './secrecy/told.ts'
import {vocabulary} from './secrecy/vocabulary.ts'
import type {Secrets} from './secrets.ts'

/** Eight hexadecimal digits. */
function randomHex(): string {
  return Math.floor(Math.random() * 2 ** 32)
    .toString(16)
    .padStart(8, '0')
}

/** Remembers the secrets of one run, and replaces each by its placeholder. */
export function createSecrets(): Secrets {
  const placeholders = new Map<string, string>()
  const visible = new Set<string>(vocabulary)
  let seek: Seek | null = null
  const placeholder = (value: string): string => {
    const known = placeholders.get(value)
    if (known) return known
    // It tells nothing of the value, whoever may guess it: node:crypto would cost a sixth of the
    // time to start.
    const made = `redacted-${randomHex()}`
    placeholders.set(value, made)
    seek = null
    return made
  }
  const add = (value: string): void => {
    if (value.trim() !== '') placeholder(value)
  }
  const learn = (text: string): void => {
    for (const value of secretsIn(text)) if (!isPlaceholder(value)) add(value)
  }
  const redactAll = (parts: readonly string[]): readonly string[] => {
    seek ??= seekerOf(placeholders, visible)
    return replaced(parts, seek(parts.join('\n')))
  }
  const redact = (text: string): string => redactAll([text])[0] ?? ''
  return {
    add,
    learn,
    has: value => placeholders.has(value),
    addPublic(value) {
      if (visible.has(value)) return
      visible.add(value)
      seek = null
    },
    placeholder,
    redact,
    redactAll,
    conceal(text) {
      learn(text)
      return redact(text)
    },
  }
}
