import {fstatSync} from 'node:fs'
import type {ListrTask} from 'listr2'
import type {Check} from '../checks/check.ts'
import type {Outcome} from '../engine/outcome.ts'
import {visibleReport} from '../report/boundary.ts'
import {visible} from '../report/escape.ts'
import {groupOf} from '../report/finding.ts'
import type {Report} from '../report/report.ts'
import {cut, groupColumn, groupLines, tally} from '../report/reporters/groups.ts'
import {type Style, styleFor} from '../report/reporters/style.ts'
import {worstStanding} from '../report/standing.ts'
import {terminalOf} from '../report/terminal.ts'
import {drawTasks, sizeOfStderr} from './draw-tasks.ts'

interface Watched {
  readonly check: Check
  readonly promise: Promise<Outcome>
  outcome: Outcome | null
}

export interface Tree {
  watch(check: Check, outcome: Promise<Outcome>): void
  /** Clears what was drawn, and writes the lines that stay; none without a report. */
  done(report: Report | null): Promise<void>
}

export interface TreeOptions {
  /** For stderr. */
  readonly style: Style
  /** Replaces the secrets of a text. */
  readonly conceal: (text: string) => string
  readonly verbose: boolean
}

/**
 * Whether trees are drawn on stderr: on a terminal, but not if the answer goes through a pipe.
 * Behind it may be a pager, which has the same terminal to itself. A file is in nobody's way.
 */
export function isWatched(): boolean {
  return terminalOf(process.stderr).animated && (process.stdout.isTTY || fstatSync(1).isFile())
}

/** A tree for whoever watches, or null. */
export async function treeOnStderr(options: Omit<TreeOptions, 'style'>): Promise<Tree | null> {
  return isWatched() ? plant({...options, style: await styleFor(terminalOf(process.stderr))}) : null
}

/**
 * Draws on stderr what is running and what is not ok, while the promises that make the report are
 * settled.
 */
export function plant(options: TreeOptions): Tree {
  const watched: Watched[] = []
  let isOver = false
  let drawn: Promise<void> | null = null
  /** The library loads after everything was asked, and while nobody has answered. */
  const draw = async (): Promise<void> => {
    await new Promise(resolve => setImmediate(resolve))
    if (isOver) return
    const {tasks, refresh} = drawing(watched, options)
    process.stderr.on('resize', refresh)
    await drawTasks(tasks, {
      style: options.style,
      concurrent: true,
      stays: false,
      isMarked: true,
      isOver: () => isOver,
    })
    process.stderr.off('resize', refresh)
  }
  return {
    watch(check, promise) {
      const entry: Watched = {check, promise, outcome: null}
      watched.push(entry)
      promise.then(outcome => {
        entry.outcome = outcome
      })
      drawn ??= draw()
    },
    async done(report) {
      isOver = true
      await drawn
      if (report === null) return
      const {width} = terminalOf(process.stderr)
      const lines = groupLines({...options, report: visibleReport(report), width})
      process.stderr.write(options.conceal(`${lines.join('\n')}\n\n`))
    },
  }
}

interface Drawing {
  readonly tasks: ListrTask[]
  /** Says anew which checks have a line: as one ends, others may get its room. */
  readonly refresh: () => void
}

/** The tasks of listr2: the groups, and in each its checks. */
function drawing(watched: readonly Watched[], options: TreeOptions): Drawing {
  const groups = [...Map.groupBy(watched, ({check}) => groupOf(check.id))]
  const column = groupColumn(groups.map(([group]) => group))
  const drawn = new Map<Watched, {title: string | undefined}>()
  const titles = (): ReadonlyMap<Watched, string> => {
    // A tree taller than the terminal is redrawn badly.
    const {columns, rows} = sizeOfStderr()
    return titlesOf(watched, options, {rows: rows - groups.length - 2, columns: columns - 6})
  }
  const refresh = (): void => {
    const known = titles()
    for (const [entry, leaf] of drawn) leaf.title = known.get(entry) ?? ''
  }
  const leafOf = (entry: Watched, ended: () => void): ListrTask => ({
    // listr2 draws no line for an empty title.
    title: titles().get(entry) ?? '',
    task: async (_, leaf) => {
      drawn.set(entry, leaf)
      await entry.promise
      refresh()
      drawn.delete(entry)
      ended()
    },
  })
  const branchOf = ([group, members]: readonly [string, readonly Watched[]]): ListrTask => {
    const title = (): string => {
      const statuses = members.map(({outcome}) => outcome?.status ?? null)
      const said = `${group.padEnd(column)}  ${tally(statuses)}`
      return statuses.includes(null) ? said : `${markOf(members, options)} ${said}`
    }
    return {
      title: title(),
      task(_, branch) {
        const ended = (): void => {
          branch.title = title()
        }
        return branch.newListr(
          members.map(entry => leafOf(entry, ended)),
          {concurrent: true, exitOnError: false},
        )
      },
    }
  }
  return {tasks: groups.map(branchOf), refresh}
}

function markOf(members: readonly Watched[], {style}: TreeOptions): string {
  const worst = worstStanding(members.flatMap(({outcome}) => outcome?.status ?? []))
  return style.status(worst, style.symbol(worst))
}

/**
 * The lines that there is room for: bad news first, then as many running checks as fit, of every
 * group some.
 */
function titlesOf(
  watched: readonly Watched[],
  options: TreeOptions,
  {rows, columns}: {readonly rows: number; readonly columns: number},
): ReadonlyMap<Watched, string> {
  const bad = watched.filter(
    ({outcome}) => outcome && outcome.status !== 'ok' && outcome.status !== 'skipped',
  )
  const running = watched.filter(({outcome}) => outcome === null)
  const places = [...Map.groupBy(running, ({check}) => groupOf(check.id)).values()]
    .flatMap(members => members.map((entry, place) => ({entry, place})))
    .sort((a, b) => a.place - b.place)
  return new Map(
    [...bad, ...places.map(({entry}) => entry)].slice(0, Math.max(0, rows)).map(entry => {
      const title = cut(visible(options.conceal(entry.check.title)), columns, options.style)
      return [entry, entry.outcome ? `${markOf([entry], options)} ${title}` : title]
    }),
  )
}
