import {writeSync} from 'node:fs'
import type {ListrTask} from 'listr2'
import type {Style} from '../report/reporters/style.ts'

interface Drawing {
  readonly style: Style
  readonly concurrent: boolean
  /** Whether the drawing stays when it is over. */
  readonly stays: boolean
  /** Whether the title of what has ended holds its own mark. */
  readonly isMarked?: boolean
  /** Asked once the library is loaded: whether what was to be drawn is over already. */
  readonly isOver?: () => boolean
}

/** Columns and rows. A serial console often has none of either. */
export function sizeOfStderr(): {readonly columns: number; readonly rows: number} {
  const {columns, rows} = process.stderr
  return {columns: columns || 80, rows: rows || 24}
}

/** Draws tasks of listr2 on stderr until they have ended; listr2 itself would go by stdout. */
export async function drawTasks(
  tasks: ListrTask[],
  {style, concurrent, stays, isMarked = false, isOver = () => false}: Drawing,
): Promise<void> {
  const library = await import('listr2')
  const {Listr, ListrDefaultRendererLogLevels, ListrEventType, ListrLogger, ProcessOutput} = library
  if (isOver()) return
  // listr2 asks the stream, and cuts everything off where that says 0.
  Object.assign(process.stderr, sizeOfStderr())
  // It would draw everything anew for everything that happens; the spinner's ten times a second do.
  const calm: typeof tasks = tasks.map(each => ({
    ...each,
    task(context, self) {
      listr.events.off(ListrEventType.SHOULD_REFRESH_RENDER)
      return each.task?.(context, self)
    },
  }))
  const {SKIPPED_WITH_COLLAPSE, COMPLETED, FAILED, PENDING, WAITING} = ListrDefaultRendererLogLevels
  const listr = new Listr(calm, {
    concurrent,
    exitOnError: false,
    registerSignalListeners: false,
    fallbackRenderer: 'silent',
    rendererOptions: {
      clearOutput: !stays,
      collapseSubtasks: false,
      formatOutput: 'truncate',
      ...(!style.isUnicode && {spinner: plainSpinner(new library.Spinner())}),
      icon: {
        [SKIPPED_WITH_COLLAPSE]: style.symbol('skipped'),
        [COMPLETED]: isMarked ? '' : style.symbol('ok'),
        [FAILED]: style.symbol('critical'),
        [PENDING]: style.symbol('running'),
        [WAITING]: style.symbol('skipped'),
      },
      color: {
        [SKIPPED_WITH_COLLAPSE]: painting(style, 'skipped'),
        [COMPLETED]: painting(style, 'ok'),
        [FAILED]: painting(style, 'critical'),
        [PENDING]: painting(style, 'running'),
        [WAITING]: painting(style, 'skipped'),
      },
      logger: new ListrLogger({processOutput: new ProcessOutput(process.stderr, process.stderr)}),
    },
  })
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.once(signal, giveCursorBack)
  await listr.run()
  for (const signal of signals) process.off(signal, giveCursorBack)
}

/** listr2 itself goes by stdout, and by what Windows can show. */
function painting(style: Style, mark: Parameters<Style['status']>[0]): (text?: string) => string {
  return (text = '') => style.status(mark, text)
}

function plainSpinner<T extends object>(spinner: T): T {
  return Object.assign(spinner, {spinner: ['-', '\\', '|', '/']})
}

/** The cursor is hidden while something is drawn; whoever interrupts it wants theirs back. */
function giveCursorBack(signal: NodeJS.Signals): void {
  // listr2 holds back what is written to the streams themselves.
  writeSync(2, '\x1b[?25h')
  process.kill(process.pid, signal)
}
