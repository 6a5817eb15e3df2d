import type {Standing} from '../standing.ts'
import type {Terminal} from '../terminal.ts'

type Paint = (text: string) => string

type Mark = Standing | 'running'

/**
 * The few ways in which text stands out; each returns its text unchanged where there are no
 * colours.
 */
export interface Style {
  readonly status: (status: Mark, text: string) => string
  /** What is to be typed. */
  readonly command: Paint
  readonly strong: Paint
  readonly faint: Paint
  readonly symbol: (status: Mark) => string
  /** Whether anything but ASCII can be shown. */
  readonly isUnicode: boolean
  /** Between the parts of one line. */
  readonly separator: string
}

const symbols = {
  ok: '✔',
  unknown: '?',
  warning: '▲',
  critical: '✖',
  skipped: '·',
  explained: '↳',
  waived: '·',
  running: '❯',
} as const satisfies Record<Mark, string>
const ascii = {
  ok: 'v',
  unknown: '?',
  warning: '!',
  critical: 'x',
  skipped: '-',
  explained: '~',
  waived: '-',
  running: '>',
} as const satisfies Record<Mark, string>

export async function styleFor({colours, unicode}: Terminal): Promise<Style> {
  const symbol = (status: Mark): string => (unicode ? symbols : ascii)[status]
  const separator = unicode ? ' · ' : ' - '
  const plain: Paint = text => text
  if (colours === 0)
    return {
      status: (_, text) => text,
      command: plain,
      strong: plain,
      faint: plain,
      symbol,
      isUnicode: unicode,
      separator,
    }
  const {Chalk} = await import('chalk')
  const chalk = new Chalk({level: colours})
  const byStatus = {
    ok: chalk.green,
    unknown: chalk.magenta,
    warning: chalk.yellow,
    critical: chalk.red,
    skipped: chalk.dim,
    explained: chalk.dim,
    waived: chalk.dim,
    running: chalk.yellow,
  } as const satisfies Record<Mark, Paint>
  // chalk joins all of its arguments, and map() gives more than one.
  return {
    status: (status, text) => byStatus[status](text),
    command: text => chalk.cyan(text),
    strong: text => chalk.bold(text),
    faint: text => chalk.dim(text),
    symbol,
    isUnicode: unicode,
    separator,
  }
}
