import {createHash, createHmac, randomBytes} from 'node:crypto'
import {readLines, replaceLines, setAside} from '../host/local/kept-lines.ts'

/** What secrets are hashed with; it never leaves the directory. */
export interface Key {
  /** Which one it is: hashes of another one cannot be compared with its own. */
  readonly id: string
  /** Of the value of a fact, so that two facts of the same value do not show it. */
  readonly hash: (name: string, value: string) => string
}

const shape = /^[0-9a-f]{64}$/

/** The key of a directory; null where there is none that can be used. */
export function readKey(directory: string): Key | null {
  const [text = ''] = readLines(pathOf(directory)).lines
  return shape.test(text) ? keyOf(text) : null
}

/**
 * The same, made where there is none.
 * @returns `aside`: where a damaged one is now, or null.
 * @throws an errno where it cannot be written.
 */
export function ensureKey(directory: string): {readonly key: Key; readonly aside: string | null} {
  const known = readKey(directory)
  if (known) return {key: known, aside: null}
  const path = pathOf(directory)
  const aside = readLines(path).size > 0 ? setAside(path) : null
  const text = randomBytes(32).toString('hex')
  replaceLines(path, [text])
  return {key: keyOf(text), aside}
}

function pathOf(directory: string): string {
  return `${directory}/key`
}

function keyOf(text: string): Key {
  const bytes = Buffer.from(text, 'hex')
  const known = new Map<string, string>()
  return {
    id: createHash('sha256').update(`id ${text}`).digest('hex').slice(0, 16),
    hash(name, value) {
      const fact = `${name}\0${value}`
      const hash =
        known.get(fact) ?? createHmac('sha256', bytes).update(fact).digest('hex').slice(0, 32)
      known.set(fact, hash)
      return hash
    },
  }
}
