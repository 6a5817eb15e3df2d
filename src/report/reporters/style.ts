import type {Status} from '../finding.ts'
import type {Terminal} from '../terminal.ts'

type Paint = (text: string) => string

/**
 * The few ways in which text stands out; each returns its text unchanged where there are no
 * colours.
 */
export interface Style {
  readonly status: (status: Status, text: string) => string
  /** What is to be typed. */
  readonly command: Paint
  readonly strong: Paint
  readonly faint: Paint
  readonly symbol: (status: Status) => string
  /** Between the parts of one line. */
  readonly separator: string
}

const symbols = {
  ok: '✔',
  unknown: '?',
  warning: '▲',
  critical: '✖',
  skipped: '·',
} as const satisfies Record<Status, string>
const ascii = {
  ok: 'v',
  unknown: '?',
  warning: '!',
  critical: 'x',
  skipped: '-',
} as const satisfies Record<Status, string>

export async function styleFor({colours, unicode}: Terminal): Promise<Style> {
  const symbol = (status: Status): string => (unicode ? symbols : ascii)[status]
  const separator = unicode ? ' · ' : ' - '
  const plain: Paint = text => text
  if (colours === 0)
    return {
      status: (_, text) => text,
      command: plain,
      strong: plain,
      faint: plain,
      symbol,
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
  } as const satisfies Record<Status, Paint>
  // chalk joins all of its arguments, and map() gives more than one.
  return {
    status: (status, text) => byStatus[status](text),
    command: text => chalk.cyan(text),
    strong: text => chalk.bold(text),
    faint: text => chalk.dim(text),
    symbol,
    separator,
  }
}
