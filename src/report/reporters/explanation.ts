import {type Explained, symptomsOf} from '../finding.ts'
import type {Terminal} from '../terminal.ts'
import {beside, indented, type Painted, wrap} from './layout.ts'
import {type Style, styleFor} from './style.ts'

/** Lines are no longer than this, however wide the terminal is. */
const widest = 80

/** What `explain` prints of a check. */
export async function renderExplanation(check: Explained, terminal: Terminal): Promise<string> {
  const style = await styleFor(terminal)
  const width = Math.min(widest, terminal.width)
  const {id, title, explanation} = check
  const {why, asks, mistakenFor} = explanation
  const [first = '', ...rest] = wrap(`${id}${style.separator}${title}`, width)
  const section = (heading: string, text: string): readonly string[] => [
    '',
    style.strong(heading),
    ...indented(wrap(text, width - 2), 2),
  ]
  const lines = [
    `${style.strong(id)}${first.slice(id.length)}`,
    ...rest,
    '',
    ...wrap(why, width),
    ...section('What is asked', asks),
    ...meanings(check, style, width, terminal.unicode ? '→ ' : '> '),
    ...section('Look-alikes', mistakenFor),
    ...relations(check, style, width),
  ]
  return `${lines.join('\n')}\n`
}

function meanings(
  {explanation}: Explained,
  style: Style,
  width: number,
  arrow: string,
): readonly string[] {
  const {findings} = explanation
  const column = Math.max(...Object.keys(findings).map(code => code.length)) + 2
  const rows = Object.entries(findings).map(([code, {means, remedy}]) =>
    indented(
      beside(
        {text: code, paint: style.command},
        column,
        [{text: means}, {text: remedy, bullet: arrow}],
        width - 2,
      ),
      2,
    ),
  )
  return [
    '',
    style.strong('What it may find, and what to do'),
    ...rows.flatMap((row, at) => [...(at ? [''] : []), ...row]),
  ]
}

function relations(check: Explained, style: Style, width: number): readonly string[] {
  const {needs = []} = check
  const symptoms = symptomsOf(check)
  const row = (label: string, texts: readonly Painted[]): readonly string[] =>
    beside({text: label, paint: style.strong}, 'Symptoms'.length + 2, texts, width)
  return [
    ...(needs.length + symptoms.length > 0 ? [''] : []),
    ...(needs.length > 0
      ? row('Needs', [
          {text: needs.map(({id}) => id).join(', ')},
          {text: 'Until that passes, this is skipped.', paint: style.faint},
        ])
      : []),
    ...(symptoms.length > 0
      ? row('Symptoms', [
          {text: symptoms.join(', ')},
          {
            text: 'While a check that stands below is as bad, that one is the reason.',
            paint: style.faint,
          },
        ])
      : []),
  ]
}
