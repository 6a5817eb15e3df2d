import {expect, test} from 'vitest'
import {checks} from '../../../src/checks/index.ts'
import {renderExplanation} from '../../../src/report/reporters/explanation.ts'
import {plainTerminal} from '../../../src/report/terminal.ts'

const flat = (text: string): string => text.replace(/\s+/g, ' ')

test('every explanation fits into the terminal, and never takes more than 80 columns', async () => {
  const wide: string[] = []
  for (const check of checks) {
    for (const width of [40, 60, 80, 200]) {
      const text = await renderExplanation(check, {...plainTerminal, width})
      const lines = text.split('\n').filter(line => line.trim().includes(' '))
      const tooWide = lines.filter(line => line.length > Math.min(80, width))
      wide.push(...tooWide.map(line => `${check.id} at ${width}: ${line}`))
    }
  }
  expect(wide).toEqual([])
})

test('every explanation says all that is known of the check', async () => {
  for (const check of checks) {
    const text = flat(await renderExplanation(check, plainTerminal))
    const {title, explanation, needs = []} = check
    const {why, asks, findings, mistakenFor} = explanation
    const meanings = Object.entries(findings).map(
      ([code, {means, remedy}]) => `${code} ${means} → ${remedy}`,
    )
    const needed = needs.map(({id}) => id).join(', ')
    const parts = [`${check.id} · ${title}`, why, asks, ...meanings, mistakenFor, needed].map(flat)
    expect(
      parts.filter(part => !text.includes(part)),
      check.id,
    ).toEqual([])
  }
})

test('colours change no word, and where only ASCII can be shown nothing else is', async () => {
  for (const check of checks) {
    const plain = await renderExplanation(check, plainTerminal)
    const painted = await renderExplanation(check, {...plainTerminal, colours: 1})
    expect(painted, check.id).not.toBe(plain)
    expect(painted.replaceAll(/\x1b\[\d+m/g, ''), check.id).toBe(plain)
    expect(
      await renderExplanation(check, {...plainTerminal, unicode: false}),
      check.id,
    ).not.toMatch(/[→·]/)
  }
})
