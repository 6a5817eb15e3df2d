import {writeSync} from 'node:fs'
import type {ListrTask} from 'listr2'

/**
 * Draws tasks of listr2 on stderr until they have ended; listr2 itself would go by stdout.
 * @param stays Whether the drawing stays when it is over.
 */
export async function drawTasks(
  tasks: ListrTask[],
  {concurrent, stays}: {readonly concurrent: boolean; readonly stays: boolean},
): Promise<void> {
  const {Listr, ListrDefaultRendererLogLevels, ListrLogger, ProcessOutput} = await import('listr2')
  const listr = new Listr(tasks, {
    concurrent,
    exitOnError: false,
    registerSignalListeners: false,
    fallbackRenderer: 'silent',
    rendererOptions: {
      clearOutput: !stays,
      formatOutput: 'truncate',
      icon: {[ListrDefaultRendererLogLevels.SKIPPED_WITH_COLLAPSE]: '▲'},
      logger: new ListrLogger({processOutput: new ProcessOutput(process.stderr, process.stderr)}),
    },
  })
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.once(signal, giveCursorBack)
  await listr.run()
  for (const signal of signals) process.off(signal, giveCursorBack)
}

/** The cursor is hidden while something is drawn; whoever interrupts it wants theirs back. */
function giveCursorBack(signal: NodeJS.Signals): void {
  // listr2 holds back what is written to the streams themselves.
  writeSync(2, '\x1b[?25h')
  process.kill(process.pid, signal)
}
