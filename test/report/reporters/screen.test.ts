import {readdirSync} from 'node:fs'
import {basename} from 'node:path'
import {describe, expect, test} from 'vitest'
import {checks} from '../../../src/checks/index.ts'
import {diagnose} from '../../../src/engine/diagnose.ts'
import type {Report} from '../../../src/report/report.ts'
import {groupLines} from '../../../src/report/reporters/groups.ts'
import {render} from '../../../src/report/reporters/index.ts'
import {styleFor} from '../../../src/report/reporters/style.ts'
import {plainTerminal, type Terminal} from '../../../src/report/terminal.ts'
import {fixture, machine} from '../../machine.ts'

process.env.TZ = 'UTC'

const names = readdirSync(new URL('../../../fixtures', import.meta.url)).map(file =>
  basename(file, '.json'),
)

async function reportOf(name: string): Promise<Report> {
  const host = machine(name)
  return diagnose({
    host,
    hostname: fixture(name).host,
    checks,
    settings: {unit: 'prism-django.service'},
    deadline: 30_000,
  })
}

interface Screen {
  readonly report: Report
  /** What stays of the tree. */
  readonly tree: readonly string[]
  /** What goes to stdout. */
  readonly answer: readonly string[]
}

async function screenOf(
  name: string,
  {verbose = false, ...given}: Partial<Terminal> & {readonly verbose?: boolean} = {},
): Promise<Screen> {
  const report = await reportOf(name)
  const terminal = {...plainTerminal, ...given}
  const privileged = fixture(name).uid === 0
  const text = await render(report, 'text', {verbose, privileged, terminal})
  const style = await styleFor(terminal)
  return {
    report,
    tree: groupLines({report, style, verbose, width: terminal.width}),
    answer: text.trimEnd().split('\n'),
  }
}

/** Lines of a terminal, which breaks what is wider. */
function rows(lines: readonly string[], width: number): number {
  return lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / width)), 0)
}

const verdict =
  /^(?:✔ Nothing is wrong|✖ (?:One thing is|Two things are) wrong|\? Nothing is known to be wrong)/

describe.each(names)('%s', name => {
  test.each([60, 80, 120])('at %i columns', async width => {
    for (const verbose of [false, true]) {
      const {tree, answer} = await screenOf(name, {width, verbose})
      expect(answer[0]).toMatch(verdict)
      // Commands and what is to be written stand as they are to be typed, paths to be copied.
      const wide = [...tree, ...answer].filter(
        line =>
          line.length > width && !/^ {4,7}\S|^ +More: /.test(line) && line.trim().includes(' '),
      )
      expect(wide).toEqual([])
    }
  })

  test('one cause fits on a screen of 24 lines, below what stays of the tree', async () => {
    const {report, tree, answer} = await screenOf(name)
    expect(tree).toHaveLength(7)
    if (report.rootCauses.length > 1) return
    expect(rows([...tree, '', ...answer], 80)).toBeLessThanOrEqual(24)
  })

  test('a message stands on the left', async () => {
    for (const verbose of [false, true]) {
      const {report, answer} = await screenOf(name, {verbose})
      const shown = report.checks.filter(({id}) => verbose || report.rootCauses.includes(id))
      for (const {message} of shown.flatMap(({findings}) => findings)) {
        const [start = ''] = message.split(' ')
        const columns = answer.map(line => line.indexOf(start)).filter(column => column >= 0)
        expect(Math.min(...columns), message).toBeLessThan(8)
      }
    }
  })

  test('no quote says again what was said', async () => {
    const {report, answer} = await screenOf(name, {verbose: true})
    const [causes = '', ...details] = answer.join('\n').split(/\n(?=\S [a-z]+\/[a-z]+ · )/)
    const said = ({findings}: Report['checks'][number]): string =>
      findings.map(({message}) => message).join('\n')
    const quotes = (text: string): readonly string[] =>
      [...text.matchAll(/^(?<indent> +)> (?<line>.+(?:\n\k<indent> {2}.+)*)$/gm)].map(({groups}) =>
        (groups?.line ?? '').replace(/\n +/g, ' '),
      )
    const roots = report.checks.filter(({id}) => report.rootCauses.includes(id)).map(said)
    expect(quotes(causes).filter(quote => roots.join('\n').includes(quote))).toEqual([])
    expect(details).toHaveLength(report.checks.length)
    for (const [index, check] of report.checks.entries())
      expect(quotes(details[index] ?? '').filter(quote => said(check).includes(quote))).toEqual([])
  })

  test('only root causes are red', async () => {
    const {report, tree, answer} = await screenOf(name, {verbose: true, colours: 1})
    const red = (lines: readonly string[]): readonly string[] =>
      lines.flatMap(
        line =>
          /^ *\x1b\[31m(?:\x1b\[1m)?✖(?:\x1b\[39m)? (?<what>[^\x1b]+)/.exec(line)?.groups?.what ??
          [],
      )
    const roots = report.checks.filter(
      ({id, status}) => report.rootCauses.includes(id) && status === 'critical',
    )
    const ids = roots.map(({id}) => id)
    expect(red(answer).filter(what => !/ wrong/.test(what))).toEqual(ids)
    const drawn = red(tree.filter(line => line.startsWith(' '))).map(title => title.slice(0, 50))
    expect(drawn).toEqual(roots.map(({title}) => title.slice(0, 50)))
  })
})
