import type {Report} from '../report/report.ts'
import {modeOf, render} from '../report/reporters/index.ts'
import {plainTerminal, terminalOf} from '../report/terminal.ts'
import {UsageError} from '../report/usage-error.ts'
import type {Delivery} from './deliveries.ts'
import {writeAnswer} from './output.ts'

interface Owed {
  /** Where no answer has been written yet. */
  readonly deliveries: readonly Delivery[]
  /** Whether stdout has got an answer or will get one. */
  readonly onStdout: boolean
  /** The unit that was asked about, where that is known. */
  readonly unit: string | null
}

let owed: Owed | null = null

/** From now on these get an answer, also when the run fails: a monitor must see that it did. */
export function oweAnswer(deliveries: readonly Delivery[], unit: string | null): void {
  owed = {deliveries, onStdout: deliveries.some(({file}) => file === null), unit}
}

/** What is still owed; null where the command line never got so far. */
export function owedAnswer(): Owed | null {
  return owed
}

export interface How {
  readonly verbose: boolean
  /** True when root looked. */
  readonly privileged: boolean
}

/**
 * Writes the report to each place. One that cannot be written costs the others nothing.
 * @throws UsageError that names every file that could not be written.
 */
export async function deliver(
  report: Report,
  deliveries: readonly Delivery[],
  how: How,
): Promise<void> {
  const failures: unknown[] = []
  for (const delivery of deliveries) {
    const {format, file} = delivery
    const terminal = file === null ? terminalOf(process.stdout) : plainTerminal
    try {
      const text = await render(report, format, {...how, terminal})
      await writeAnswer(text, file ?? undefined, modeOf(format))
    } catch (error) {
      failures.push(error)
    }
    settle(delivery)
  }
  if (failures.length === 0) return
  const other = failures.find(error => !(error instanceof UsageError))
  throw other ?? new UsageError(failures.map(error => (error as UsageError).message).join('; '))
}

function settle(delivery: Delivery): void {
  if (owed) owed = {...owed, deliveries: owed.deliveries.filter(each => each !== delivery)}
}
