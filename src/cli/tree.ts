import type {ListrTask} from 'listr2'
import type {Check} from '../checks/check.ts'
import type {Outcome} from '../engine/outcome.ts'
import {visible} from '../report/escape.ts'
import {groupOf} from '../report/finding.ts'
import {drawTasks} from './draw-tasks.ts'

/**
 * Milliseconds: a run that ends sooner shows no tree, and does not load the library that draws it.
 */
const patience = 150

interface Watched {
  readonly check: Check
  readonly promise: Promise<Outcome>
  outcome: Outcome | null
}

export interface Tree {
  watch(check: Check, outcome: Promise<Outcome>): void
  /** Clears the tree, so that the verdict is all that stays. */
  done(): Promise<void>
}

/**
 * Draws what is running and what is not ok on stderr, while the promises that make the report are
 * settled.
 */
export function plant(conceal: (text: string) => string, rows: number): Tree {
  const watched: Watched[] = []
  let drawn: Promise<unknown> | null = null
  const timer = setTimeout(() => {
    drawn = draw(watched, conceal, rows)
  }, patience)
  return {
    watch(check, promise) {
      const entry: Watched = {check, promise, outcome: null}
      watched.push(entry)
      promise.then(outcome => {
        entry.outcome = outcome
      })
    },
    async done() {
      clearTimeout(timer)
      await drawn
    },
  }
}

async function draw(
  watched: readonly Watched[],
  conceal: (text: string) => string,
  rows: number,
): Promise<void> {
  const groups = [...new Set(watched.map(({check}) => groupOf(check.id)))]
  // A tree taller than the terminal is redrawn badly.
  const leafOf = leaves(() => titlesOf(watched, conceal, Math.max(0, rows - groups.length - 2)))
  const branchOf = (group: string): ListrTask => ({
    title: group,
    task: (_, branch) =>
      branch.newListr(watched.filter(({check}) => groupOf(check.id) === group).map(leafOf), {
        concurrent: true,
        exitOnError: false,
      }),
  })
  await drawTasks(groups.map(branchOf), {concurrent: true, stays: false})
}

type Titles = ReadonlyMap<Watched, string>

/** The lines that there is room for: bad news first, then as many running checks as fit. */
function titlesOf(
  watched: readonly Watched[],
  redact: (text: string) => string,
  room: number,
): Titles {
  const bad = watched.filter(
    ({outcome}) => outcome && outcome.status !== 'ok' && outcome.status !== 'skipped',
  )
  const running = watched.filter(({outcome}) => outcome === null)
  return new Map(
    [...bad, ...running].slice(0, room).map(entry => [entry, visible(redact(line(entry)))]),
  )
}

/** Makes the tasks of listr2 that draw the checks; as one ends, the others may get its room. */
function leaves(titles: () => Titles): (entry: Watched) => ListrTask {
  const running = new Map<Watched, {title: string | undefined}>()
  const refresh = (): void => {
    const known = titles()
    for (const [entry, leaf] of running) {
      const title = known.get(entry) ?? ''
      if (entry.outcome === null && leaf.title !== title) leaf.title = title
    }
  }
  return entry => ({
    // listr2 draws no line for an empty title.
    title: titles().get(entry) ?? '',
    task: async (_, leaf) => {
      running.set(entry, leaf)
      const {status} = await entry.promise
      running.delete(entry)
      const title = titles().get(entry) ?? ''
      leaf.title = title
      refresh()
      if (status === 'critical') throw new Error(title)
      if (status === 'warning' || status === 'unknown') leaf.skip(title)
    },
  })
}

function line({check, outcome}: Watched): string {
  const worst = outcome?.findings.find(({status}) => status === outcome.status)
  return worst ? `${check.id}  ${worst.message}` : check.id
}
