import {writeSync} from 'node:fs'
import {setTimeout} from 'node:timers/promises'
import type {ListrTask} from 'listr2'
import {visible} from '../report/escape.ts'
import {styleFor} from '../report/reporters/style.ts'
import {isDrawable, type Terminal, terminalOf} from '../report/terminal.ts'
import {drawTasks} from './draw-tasks.ts'

/** Milliseconds: what ends sooner is not announced. */
const patience = 500

/** Milliseconds between two looks at what is to be said. */
const pace = 100

/**
 * Says on stderr what is waited for, in a line that goes when it is over; only on a terminal.
 * @param title Asked again and again: what has been done changes.
 */
export async function withProgress<T>(title: () => string, work: Promise<T>): Promise<T> {
  const terminal = terminalOf(process.stderr)
  if (!isDrawable(terminal)) return work
  const ended = work.then(
    () => true,
    () => true,
  )
  if (await Promise.race([ended, setTimeout(patience, false, {ref: false})])) return work
  const waiting: ListrTask = {
    title: visible(title()),
    async task(_, line) {
      while (!(await Promise.race([ended, setTimeout(pace, false)]))) line.title = visible(title())
    },
  }
  const drawing = {style: await styleFor(terminal), concurrent: false, stays: false}
  await drawTasks([waiting], drawing)
  return work
}

/** The same for what lets nothing else run meanwhile: the line stands still. */
export function whileShown<T>(title: string, work: () => T): T {
  const terminal: Terminal = terminalOf(process.stderr)
  if (!terminal.animated) return work()
  writeSync(2, visible(title).slice(0, terminal.width - 1))
  try {
    return work()
  } finally {
    writeSync(2, '\r\x1b[2K')
  }
}
