import {octal} from '../facts/files/access.ts'
import {groupName, userName} from '../facts/files/identity.ts'
import {type Alteration, readable, type Survey} from '../host/hands.ts'
import type {Host} from '../host/host.ts'
import {ifSeen} from '../host/if-seen.ts'
import {indented, wrap} from '../report/reporters/layout.ts'
import type {Style} from '../report/reporters/style.ts'
import {type Prospect, riskOf} from './survey.ts'

interface PlanPage {
  readonly host: Host
  readonly style: Style
  readonly width: number
  /** A text as a terminal may be given it, without secrets. */
  readonly shown: (text: string) => string
}

/**
 * What will be done, in order: what for, the command with its number, what it changes, what it
 * interrupts. What several steps are for is said once.
 */
export async function planLines(
  prospects: readonly Prospect[],
  page: PlanPage,
): Promise<readonly string[]> {
  const {style, width, shown} = page
  const steps = await Promise.all(prospects.map(each => stepLines(each, page)))
  let last = ''
  return prospects.flatMap(({planned}, index) => {
    const {remedies} = planned
    const summary = [...new Set(remedies.map(remedy => remedy.summary))].join('; ')
    const checks = [...new Set(remedies.flatMap(remedy => remedy.checks))].join(', ')
    const heading = `${summary} (${checks}, ${riskOf(planned)})`
    const isNew = heading !== last
    last = heading
    const number = `${index + 1}. `
    const [command = '', ...notes] = steps[index] ?? []
    return [
      ...(isNew && index > 0 ? [''] : []),
      ...(isNew ? indented(wrap(shown(heading), width - 2).map(style.strong), 2) : []),
      `    ${number}${command}`,
      ...indented(notes, 4 + number.length),
    ]
  })
}

async function stepLines(
  prospect: Prospect,
  {host, style, width, shown}: PlanPage,
): Promise<readonly string[]> {
  const {planned, survey, refused} = prospect
  const notes = [
    ...(survey ? await surveyNotes(survey, host) : []),
    ...(refused === null ? [] : [`refused: ${refused}`]),
    ...interruption(prospect),
  ]
  return [
    style.command(shown(planned.step.shell)),
    ...notes.flatMap(note => wrap(shown(note), width - 8)).map(style.faint),
  ]
}

/** "212 entries from root:root to prism:prism, like static/css/site.css". */
async function surveyNotes({entries, refused}: Survey, host: Host): Promise<readonly string[]> {
  const groups = Map.groupBy(entries, ({was, to}) =>
    JSON.stringify([was && [was.uid, was.gid], to && [to.uid, to.gid]]),
  )
  const notes: string[] = []
  for (const group of groups.values()) {
    const [first] = group
    if (first)
      notes.push(
        `${group.length} ${group.length === 1 ? 'entry' : 'entries'} ${await fromTo(first, host)}, like ${readable(first.path)}`,
      )
  }
  const [left] = refused
  if (left) notes.push(`${refused.length} left alone, like ${readable(left.path)}: ${left.why}`)
  return notes
}

async function fromTo({was, to}: Alteration, host: Host): Promise<string> {
  if (!was) return 'to make'
  if (!to) return 'to move or remove'
  if (was.uid === to.uid && was.gid === to.gid)
    return `from mode ${octal(was.mode)} to ${octal(to.mode)}`
  const name = async ({uid, gid}: {uid: number; gid: number}): Promise<string> => {
    const [user, group] = await Promise.all([
      ifSeen(userName(host, uid)),
      ifSeen(groupName(host, gid)),
    ])
    return `${user ?? uid}:${group ?? gid}`
  }
  return `from ${await name(was)} to ${await name(to)}`
}

function interruption({planned}: Prospect): readonly string[] {
  if (riskOf(planned) === 'safe') return []
  const {argv} = planned.step
  if (argv?.[0] === 'systemctl' && argv[1] === 'restart')
    return [`interrupts ${argv[2]} while it restarts; undo does not take it back`]
  return ['undo does not take it back']
}
