import {readdirSync} from 'node:fs'
import fc from 'fast-check'
import {checks} from '../../src/checks/index.ts'
import {diagnose} from '../../src/engine/diagnose.ts'
import type {Report} from '../../src/report/report.ts'
import {type Format, render} from '../../src/report/reporters/index.ts'
import {plainTerminal} from '../../src/report/terminal.ts'
import {anyReport} from '../any-report.ts'
import {machine} from '../machine.ts'
import {monitored} from '../monitored.ts'
import {reports} from '../reports.ts'

/** The report of every recorded machine, and of every kind that the tests know, by name. */
export async function knownReports(): Promise<ReadonlyMap<string, Report>> {
  const known = new Map<string, Report>()
  const fixtures = readdirSync(new URL('../../fixtures', import.meta.url))
  for (const name of fixtures.map(file => file.replace(/\.json$/, '')))
    known.set(`fixture ${name}`, await diagnosis(name))
  for (const [name, make] of Object.entries({...reports, ...monitored}))
    known.set(name, await make())
  return known
}

async function diagnosis(name: string): Promise<Report> {
  return diagnose({
    host: machine(name),
    hostname: 'midship',
    checks,
    settings: {unit: 'prism-django.service'},
    deadline: 60_000,
  })
}

/**
 * So many reports of which every word comes from an enemy, by a name that finds each again: others
 * in every run.
 */
export function enemyReports(count: number, seed = Date.now()): ReadonlyMap<string, Report> {
  const made = fc.sample(anyReport, {numRuns: count, seed})
  return new Map(
    made.map((report, at) => [`enemyReports(${count}, ${seed}), number ${at}`, report]),
  )
}

export function written(report: Report, format: Format, verbose = true): Promise<string> {
  return render(report, format, {verbose, privileged: true, terminal: plainTerminal})
}
