import {posix} from 'node:path'
import {envWords} from './locate.ts'
import type {Start} from './shell/start.ts'

/** Programs that run the program which their words name, and pass the environment on. */
const passing: ReadonlySet<string> = new Set([
  'env', 'nice', 'ionice', 'chrt', 'taskset', 'numactl', 'nohup', 'setsid', 'stdbuf', 'timeout', 'time', 'prlimit',
  'setpriv', 'runuser', 'chpst', 'authbind', 'dumb-init', 'tini', 'catchsegv', 'newrelic-admin', 'ddtrace-run',
  'opentelemetry-instrument', 'dotenv', 'honcho', 'poetry', 'pipenv', 'uv', 'pdm', 'hatch', 'rye', 'sudo',
]) // biome-ignore format: a list of words

/** Those of them that may run it as another user. */
const becoming: ReadonlySet<string> = new Set(['setpriv', 'runuser', 'chpst', 'sudo'])

/** The same, in an environment of Python's that only they find. */
const choosing: ReadonlySet<string> = new Set(['poetry', 'pipenv', 'uv', 'pdm', 'hatch', 'rye'])

/** Whether a program of this name runs another one that its words name. */
export function isWrapper(name: string): boolean {
  return passing.has(name)
}

/** What a wrapper may run: a program that begins with one of its words. */
export interface Wrapped extends Start {
  /** It is looked for in an environment of Python's that only the wrapper finds. */
  readonly isChosen: boolean
  /** It may run as another user than the wrapper. */
  readonly becomesAnother: boolean
}

/**
 * `env NAME=value PROGRAM`, `nice -n 5 PROGRAM`, `poetry run PROGRAM`: any word but an option may
 * be the program.
 */
export function* wrappedBy(start: Start): Iterable<Wrapped> {
  const [first = '', ...rest] = start.argv
  const name = posix.basename(first)
  const words =
    name === 'env' && rest[0] === '-S' ? [...envWords(rest[1] ?? ''), ...rest.slice(2)] : rest
  const isEmptied = name === 'env' && rest.some(word => /^-(?:$|\w*i)/.test(word))
  const environment = new Map(isEmptied ? [] : start.environment)
  for (const [index, word] of words.entries()) {
    const [, variable, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(word) ?? []
    if (name === 'env' && variable !== undefined) environment.set(variable, value ?? '')
    if (/^-|=/.test(word)) continue
    yield {
      ...start,
      argv: words.slice(index),
      environment: new Map(environment),
      isChosen: choosing.has(name) && !word.startsWith('/'),
      becomesAnother:
        becoming.has(name) &&
        words.slice(0, index).some(each => /^-(?:u|U|g|-user|-reuid)/.test(each)),
    }
  }
}
