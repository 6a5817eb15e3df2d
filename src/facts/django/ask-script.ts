import {readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'

/**
 * The text of ask.py. It is a part of this program, not of the machine that is looked at, so that
 * no host is asked.
 */
export function askScript(): string {
  return readFileSync(fileURLToPath(new URL('./ask.py', import.meta.url)), 'utf8')
}

/** The same of look.py. */
export function lookScript(): string {
  return readFileSync(fileURLToPath(new URL('./look.py', import.meta.url)), 'utf8')
}
