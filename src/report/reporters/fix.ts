import type {Status} from '../finding.ts'
import type {FixReport} from '../report.ts'
import {indented, wrap} from './layout.ts'
import type {Page} from './page.ts'

type Step = FixReport['steps'][number]

const statuses: Readonly<Record<Step['outcome'], Status>> = {
  planned: 'skipped',
  verified: 'ok',
  unneeded: 'skipped',
  declined: 'skipped',
  refused: 'warning',
  ineffective: 'critical',
  failed: 'critical',
}

/** Whether any step was carried out: else the report is of the machine as it was found. */
export function hasActed(fix: FixReport | undefined): boolean {
  return (fix?.steps ?? []).some(wasCarriedOut)
}

export function wasCarriedOut({outcome}: Step): boolean {
  return outcome === 'verified' || outcome === 'ineffective' || outcome === 'failed'
}

/** Whether the plan says it all; what was refused has its reason. */
function isOnlyPlanned({steps}: FixReport): boolean {
  return (
    steps.length > 0 && steps.every(({outcome}) => outcome === 'planned' || outcome === 'declined')
  )
}

/** What became of each step of --fix, and how it is put back. */
export function fixSections(page: Page): readonly (readonly string[])[] {
  const {report, style, width} = page
  const {fix} = report
  if (!fix || (page.isPlanShown && isOnlyPlanned(fix))) return []
  if (fix.steps.length === 0)
    return report.status === 'ok' ? [] : [['None of this can be fixed automatically.']]
  const lines = fix.steps.flatMap(({outcome, shell, check, reason}) => {
    const status = statuses[outcome]
    const became = [outcome, check, ...(reason === null ? [] : [reason])].join(style.separator)
    return [
      `  ${style.status(status, style.symbol(status))} ${style.command(shell)}`,
      ...indented(wrap(became, width - 4), 4).map(style.faint),
    ]
  })
  const title = hasActed(fix) ? 'What was done' : 'What could be done: nothing was changed'
  const undo = undoing(fix)
  const last = undo === null ? [] : [`  To take the safe steps back: ${style.command(undo)}`]
  return [[style.strong(title), ...lines, ...last]]
}

/** What to type to take back what can be; null where nothing can. */
export function undoing({run, steps}: FixReport): string | null {
  const isUndoable = steps.some(
    ({risk, outcome}) => risk === 'safe' && (outcome === 'verified' || outcome === 'ineffective'),
  )
  return run !== null && isUndoable ? `sudo prism-doctor undo ${run}` : null
}
