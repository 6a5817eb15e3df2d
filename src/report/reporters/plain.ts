import type {CheckReport, FixReport, Report} from '../report.ts'
import {alikeText, changedAt, toldChanges, wasThen} from './changed.ts'
import {counted, dated} from './words.ts'

type Finding = CheckReport['findings'][number]
type Remedy = NonNullable<Finding['remedy']>
type Way = Omit<Remedy, 'alternatives'>

/** What to do, each way of it, for formats that have lines and no layout. */
export function remedyLines(remedy: Remedy): readonly string[] {
  return [
    ...wayLines(remedy),
    ...remedy.alternatives.flatMap(({summary, ...way}) =>
      wayLines({...way, summary: `Or: ${summary}`}),
    ),
  ]
}

function wayLines({summary, steps, lasting}: Way): readonly string[] {
  const kept = lasting === null ? [] : linesOf(lasting.text)
  return [
    summary,
    ...steps.flatMap(({shell}) => linesOf(shell)),
    ...(kept.length > 0 && lasting !== null
      ? [`To keep it${lasting.file === null ? '' : `, in ${lasting.file}`}:`, ...kept]
      : []),
  ]
}

function linesOf(text: string): readonly string[] {
  return text
    .trimEnd()
    .split('\n')
    .map(line => `  ${line}`)
}

/** Where it comes from, if that is not the machine itself, and not now. */
export function originLines(
  {startedAt}: Report,
  isRecorded: boolean | undefined,
): readonly string[] {
  return isRecorded ? [`diagnosed from a recording of ${dated(startedAt)}`] : []
}

/** What is not as it was when all was well: a heading, and a line each. */
export function changeLines(report: Report): readonly string[] {
  const {history, startedAt} = report
  const told = toldChanges(report)
  if (!told || !history?.comparedWith) return []
  const since = `since it ${wasThen(history)}, ${dated(history.comparedWith.at)}`
  if (history.changes.length === 0)
    return history.compared === 0 ? [] : [`nothing that is compared has changed ${since}`]
  const {first, more} = told
  if (first.length === 0) return []
  return [
    `changed ${since}:`,
    ...first.map(alike => {
      const at = changedAt(alike[0], history, startedAt)
      return `  ${alikeText(alike)}${at === null ? '' : `, ${dated(at)}`}`
    }),
    ...(more > 0 ? [`  and ${counted(more, 'more change')}`] : []),
  ]
}

/** What became of each step of --fix. */
export function fixLines(fix: FixReport | undefined): readonly string[] {
  return (fix?.steps ?? []).map(
    ({outcome, shell, reason}) => `${outcome}: ${shell}${reason === null ? '' : ` (${reason})`}`,
  )
}
