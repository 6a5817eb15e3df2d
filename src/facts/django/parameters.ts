import {escaped} from '../../report/escape.ts'

/**
 * Random for each process, so that nothing that the application prints can stand in the answer's
 * place.
 */
export const fence = `prism-doctor-answer-${Math.random().toString(36).slice(2)}${Math.random().toString(36).slice(2)}:`

/** A script of ours with what it is told, for an interpreter's standard input. */
export function withParameters(parameters: object, script: string): string {
  return `PARAMETERS = ${pythonString(JSON.stringify(parameters))}\n${script}`
}

/**
 * A Python literal of a text: JSON's escapes are Python's, but for the slash and lone surrogates,
 * which JSON never needs.
 */
function pythonString(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\uffff]/g, escaped)
}
