import {run} from '../container/container.ts'
import {parse} from '../container/trials.ts'

/** What a run, or the history, says has changed. */
export interface Change {
  readonly name: string
  readonly old: string | null
  readonly new: string | null
}

/** A run by hand, which is remembered. */
export async function ask(instance: number): Promise<ReturnType<typeof parse>> {
  const argv = ['prism-doctor', '--json', '--timeout', '30']
  const {stdout, stderr} = await run(instance, argv, {timeout: 60})
  return parse(stdout, stderr)
}

/** In the report of a new run; of a machine on which nothing is wrong in its history. */
export async function changesOf(instance: number): Promise<readonly Change[]> {
  const {status, history} = await ask(instance)
  if (status !== 'ok') return history?.changes ?? []
  const {stdout} = await run(instance, ['prism-doctor', 'history', '--json'])
  const {events} = JSON.parse(stdout) as {events: {changes: Change[]}[]}
  // The last is that of the picture before anything was changed.
  return events.slice(0, -1).flatMap(({changes}) => changes)
}
