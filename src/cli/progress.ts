import {writeSync} from 'node:fs'
import {setTimeout} from 'node:timers/promises'
import {visible} from '../report/escape.ts'
import {styleFor} from '../report/reporters/style.ts'
import {terminalOf} from '../report/terminal.ts'
import {drawTasks} from './draw-tasks.ts'
import {isWatched} from './tree.ts'

/** Milliseconds: what ends sooner is not announced. */
const patience = 500

/** Says on stderr what is waited for, in a line that goes when it is over; only on a terminal. */
export async function withProgress<T>(title: string, work: Promise<T>): Promise<T> {
  if (!isWatched()) return work
  let isOver = false
  const end = (): void => {
    isOver = true
  }
  const ended = work.then(end, end)
  await Promise.race([ended, setTimeout(patience, undefined, {ref: false})])
  if (isOver) return work
  const style = await styleFor(terminalOf(process.stderr))
  const task = {title: visible(title), task: () => ended}
  await drawTasks([task], {style, concurrent: false, stays: false, isOver: () => isOver})
  return work
}

/** The same for what lets nothing else run meanwhile: the line stands still. */
export function whileShown<T>(title: string, work: () => T): T {
  if (!isWatched()) return work()
  writeSync(2, visible(title).slice(0, terminalOf(process.stderr).width - 1))
  try {
    return work()
  } finally {
    writeSync(2, '\r\x1b[2K')
  }
}
