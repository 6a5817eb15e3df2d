import type {JournalLine} from './journal.ts'

/**
 * The lines of one process, in which an exception group stands as an ordinary chain: the first
 * exception that it holds, and then the group, which says only how many there are.
 */
export function ungrouped(lines: readonly JournalLine[]): readonly JournalLine[] {
  const found: JournalLine[] = []
  let group: JournalLine[] | null = null
  for (const line of lines) {
    if (group && /^\s+[|+]/.test(line.text)) group.push(line)
    else {
      if (group) found.push(...asChain(group))
      group = /^ {2}\+ Exception Group Traceback \(most/.test(line.text) ? [line] : null
      if (!group) found.push(line)
    }
  }
  return group ? [...found, ...asChain(group)] : found
}

/** `  +-+---------------- 1 ----------------` begins the first of those that a group holds. */
const firstBorder = /^( +)\+-\+-+ 1 -+$/

function asChain(group: readonly JournalLine[]): readonly JournalLine[] {
  const border = group.findIndex(({text}) => firstBorder.test(text))
  if (border < 0) return group.map(withoutBars)
  const indent = firstBorder.exec(group[border]?.text ?? '')?.[1]?.length ?? 0
  const next = new RegExp(`^ {${indent + 2}}\\+-{4,}`)
  const end = group.findIndex(({text}, at) => at > border && next.test(text))
  const held = group.slice(border + 1, end < 0 ? undefined : end)
  const head = group.slice(0, border)
  const link = {...(head[0] as JournalLine), text: directCause}
  return [...asChain(held), link, ...head.map(withoutBars)]
}

const directCause = 'The above exception was the direct cause of the following exception:'

/** `    |   File "x.py", line 7` as it would stand alone. */
function withoutBars(line: JournalLine): JournalLine {
  const text = line.text.replace(/^\s+[|+] ?/, '')
  return {...line, text: text.replace(/^Exception Group (?=Traceback \()/, '')}
}
