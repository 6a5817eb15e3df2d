import {titleOf} from '../fix/activity.ts'
import type {Audience, StepsView} from '../fix/audience.ts'
import {visible} from '../report/escape.ts'
import {render} from '../report/reporters/index.ts'
import type {Style} from '../report/reporters/style.ts'
import type {Terminal} from '../report/terminal.ts'
import {plantSteps} from './step-tree.ts'
import {isWatched, plant} from './tree.ts'

interface Watcher {
  /** Of stderr. */
  readonly terminal: Terminal
  readonly style: Style
  /** Replaces the secrets of a text. */
  readonly conceal: (text: string) => string
  readonly write: (text: string) => void
  /** Whether anything may be changed. */
  readonly acts: boolean
  /** Whether the one who looks is root. */
  readonly privileged: boolean
  readonly verbose: boolean
}

/** Shows a run of `--fix` on stderr: as trees on a terminal, else as lines. */
export function audienceOnStderr(watcher: Watcher): Audience {
  const {terminal, style, conceal, write, acts, privileged} = watcher
  const watched = isWatched()
  return {
    look: () => (watched ? plant(watcher) : {watch: () => undefined, done: async () => undefined}),
    async verdict(report) {
      if (!acts) return
      write(`${await render(report, 'text', {verbose: false, privileged, terminal})}\n`)
    },
    steps(steps) {
      const shown = (text: string): string => visible(conceal(text))
      const view = watched ? plantSteps(steps, shown, style) : stepLines(watcher, shown)
      return {
        ...view,
        async done() {
          await view.done()
          write('\n')
        },
      }
    },
  }
}

function stepLines({style, write}: Watcher, shown: (text: string) => string): StepsView {
  const say = (text: string): void => write(`${style.faint(shown(text))}\n`)
  return {
    ask: () => undefined,
    begin: ({step}) => say(titleOf(step)),
    verify: (_, checks) => say(`  verifying ${checks.join(', ')}`),
    end(_, end) {
      if (typeof end === 'object') say(`  ${end.reason}`)
    },
    done: async () => undefined,
  }
}
