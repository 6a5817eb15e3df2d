import type {ListrTask} from 'listr2'
import {activity, titleOf} from '../fix/activity.ts'
import type {StepsView} from '../fix/audience.ts'
import type {PlannedStep} from '../fix/plan.ts'
import type {Style} from '../report/reporters/style.ts'
import {drawTasks} from './draw-tasks.ts'

type End = Parameters<StepsView['end']>[1]

/** A step on the screen. */
interface Row {
  title: string
  /** Set while listr2 draws it. */
  leaf: {title: string | undefined} | null
  readonly ended: Promise<End>
  readonly end: (end: End) => void
}

/**
 * Draws the steps of a plan on stderr: what is going on while one runs and is verified, then
 * what it was and how it ended. The drawing stays.
 */
export function plantSteps(
  steps: readonly PlannedStep[],
  shown: (text: string) => string,
  style: Style,
): StepsView {
  const rows = new Map(steps.map(each => [each, newRow(shown(titleOf(each.step)))]))
  const drawn = drawTasks([...rows.values()].map(taskOf), {style, concurrent: false, stays: true})
  const retitle = (planned: PlannedStep, title: string): void => {
    const row = rows.get(planned)
    if (!row) return
    row.title = title
    if (row.leaf) row.leaf.title = title
  }
  return {
    begin: planned => retitle(planned, shown(activity(planned.step))),
    ask: (planned, checks) => retitle(planned, `asking ${shown(checks.join(', '))} again`),
    verify: (planned, checks) => retitle(planned, `verifying ${shown(checks.join(', '))}`),
    end(planned, end) {
      const reason = typeof end === 'object' ? `  ${end.reason}` : ''
      retitle(planned, shown(`${titleOf(planned.step)}${reason}`))
      rows.get(planned)?.end(end)
    },
    async done() {
      // Where a fault of our own ended the run, the others never end by themselves.
      for (const {end} of rows.values()) end('passed')
      await drawn
    },
  }
}

function newRow(title: string): Row {
  const {promise, resolve} = Promise.withResolvers<End>()
  return {title, leaf: null, ended: promise, end: resolve}
}

function taskOf(row: Row): ListrTask {
  return {
    title: row.title,
    task: async (_, leaf) => {
      row.leaf = leaf
      leaf.title = row.title
      const end = await row.ended
      leaf.title = row.title
      if (typeof end === 'object') throw new Error(row.title)
      if (end === 'passed') leaf.skip(row.title)
    },
  }
}
