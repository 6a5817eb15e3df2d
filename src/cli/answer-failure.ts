import {hostname} from 'node:os'
import {parseArgs} from 'node:util'
import {failedReport} from '../engine/diagnose.ts'
import {guarded} from '../report/boundary.ts'
import {isFormat} from '../report/reporters/index.ts'
import {deliver, owedAnswer} from './deliver.ts'
import type {Delivery} from './deliveries.ts'
import {knownSecrets} from './failure.ts'

/**
 * Writes an error, with status unknown, wherever this run owes an answer. Text on stdout is left
 * out: people are told on stderr.
 */
export async function answerFailure(sentence: string, argv: readonly string[]): Promise<void> {
  const {deliveries, onStdout, unit} = owedAnswer() ?? {deliveries: [], onStdout: false, unit: null}
  const all = onStdout ? deliveries : [...deliveries, ...askedOfStdout(argv)]
  const waiting = all.filter(({file, format}) => file !== null || format !== 'text')
  if (waiting.length === 0) return
  const report = guarded(failedReport(sentence, hostname(), unit), knownSecrets())
  const how = {verbose: false, privileged: process.geteuid?.() === 0}
  // Where this cannot be delivered either, the sentence on stderr is what is left.
  await deliver(report, waiting, how).catch(() => undefined)
}

/**
 * What the flags want on stdout where the answer would have gone to a file, or where the command
 * line cannot be read as a whole. Then no file is touched: who mistyped a flag may have mistyped
 * that, too.
 */
function askedOfStdout(argv: readonly string[]): readonly Delivery[] {
  const {values} = parseArgs({
    args: [...argv],
    options: {json: {type: 'boolean'}, format: {type: 'string'}},
    strict: false,
  })
  const format = values.json === true ? 'json' : values.format
  return typeof format === 'string' && isFormat(format) ? [{format, file: null}] : []
}
