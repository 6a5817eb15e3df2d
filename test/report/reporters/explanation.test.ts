import {describe, expect, test} from 'vitest'
import {checks} from '../../../src/checks/index.ts'
import {renderExplanation} from '../../../src/report/reporters/explanation.ts'
import {plainTerminal} from '../../../src/report/terminal.ts'

const each = checks.map(check => [check.id, check] as const)

describe.each(each)('%s', (_, check) => {
  test.each([40, 60, 80, 200])('fits into %i columns, and never takes more than 80', async width => {
    const text = await renderExplanation(check, {...plainTerminal, width})
    const wide = text.split('\n').filter(line => line.length > Math.min(80, width) && line.trim().includes(' '))
    expect(wide).toEqual([])
  })

  test('says all that is known of it', async () => {
    const text = (await renderExplanation(check, plainTerminal)).replace(/\s+/g, ' ')
    const {title, explanation, needs = []} = check
    const {why, asks, findings, mistakenFor} = explanation
    const meanings = Object.entries(findings).flatMap(([code, {means, remedy}]) => [`${code} ${means} → ${remedy}`])
    const relations = needs.map(({id}) => id).join(', ')
    for (const part of [`${check.id} · ${title}`, why, asks, ...meanings, mistakenFor, relations]) {
      expect(text).toContain(part.replace(/\s+/g, ' '))
    }
  })

  test('is painted without a change of its words, and plain where nothing but ASCII can be shown', async () => {
    const plain = await renderExplanation(check, plainTerminal)
    const painted = await renderExplanation(check, {...plainTerminal, colours: 1})
    expect(painted).not.toBe(plain)
    expect(painted.replaceAll(/\x1b\[\d+m/g, '')).toBe(plain)
    expect(await renderExplanation(check, {...plainTerminal, unicode: false})).not.toMatch(/[→·]/)
  })
})
