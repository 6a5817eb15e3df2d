import type {Postgres} from '../platform/platform.ts'
import type {Step} from '../report/finding.ts'
import {hand} from '../report/step.ts'

/** What PostgreSQL said last, wherever it says it. */
export function readServerLog({unit, log}: Pick<Postgres, 'unit' | 'log'>): Step {
  return hand(log === null ? `journalctl -u ${unit} -n 50 --no-pager` : `sudo tail -n 50 ${log}`)
}
