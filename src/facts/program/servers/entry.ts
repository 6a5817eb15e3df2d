import {resolved} from '../locate.ts'
import type {Options} from '../options.ts'
import {untold} from '../shell/start.ts'
import type {Told} from './told.ts'

/** `module:attribute`; `standard` is the attribute where none is named. */
export function moduleEntry(text: string | undefined, standard: string | null): Told['entry'] {
  if (text === undefined || text === '' || text.includes(untold)) return null
  return {module: text.includes(':') || standard === null ? text : `${text}:${standard}`}
}

/** The application that a command line names. */
export function entryOf({positionals}: Options, standard: string | null): Told['entry'] {
  // An option that nobody here knows may have no value: the application is what reads as one then.
  const path = positionals.find(word => /^[\w.]+:[A-Za-z_]/.test(word)) ?? positionals[0]
  return moduleEntry(path, standard)
}

/** With the call that --factory asks for. */
export function factory(entry: Told['entry'], isOne: boolean): Told['entry'] {
  return isOne && entry && 'module' in entry && !entry.module.endsWith(')')
    ? {module: `${entry.module}()`}
    : entry
}

/** `file:gunicorn.conf.py`, `python:config.gunicorn`, or a path. */
export function configPath(config: string, directory: string): string {
  if (config.startsWith('python:')) return config
  return resolved(directory, config.replace(/^file:/, ''))
}
