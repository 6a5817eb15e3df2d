import {run} from '../report/step.ts'
import {type Means, nothing} from './platform.ts'

/** A unit that is masked is made startable, and started. */
export function unmask(unit: string): Means {
  return {
    ...nothing,
    steps: [run('systemctl', 'unmask', unit), run('systemctl', 'start', unit)],
    summary: `Unmask ${unit}, then start it`,
  }
}
