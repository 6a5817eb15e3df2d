import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {onTestFinished} from 'vitest'
import type {Check} from '../../src/checks/check.ts'
import {memory} from '../../src/history/remember.ts'
import type {Host} from '../../src/host/host.ts'
import {type Fact, whole} from '../../src/report/fact.ts'
import {type CheckId, ok, type Verdict} from '../../src/report/finding.ts'
import type {Report} from '../../src/report/report.ts'
import {diagnosed, literalCheck, literalHost} from '../literal.ts'

/** A directory of a test's own, which goes with it. */
export function ownPlace(): string {
  const directory = mkdtempSync(join(tmpdir(), 'prism-doctor-history-'))
  onTestFinished(() => rmSync(directory, {recursive: true, force: true}))
  return directory
}

/** What a machine of a test is like. */
export interface State {
  /** ISO 8601. */
  readonly at: string
  /** By the name of the fact; a whole one has `secret`. */
  readonly facts?: Readonly<Record<string, string | Partial<Fact>>>
  readonly says?: Verdict | Error
  readonly wholes?: readonly string[]
  readonly host?: Partial<Host>
  readonly checks?: readonly Check[]
  readonly unit?: string
}

/** One check, `unit/own`, that knows all the facts. */
function checkWith({facts = {}, says = ok('fine'), wholes = []}: Omit<State, 'at'>): Check {
  return offering('unit/own', says, facts, wholes)
}

/** A check that offers facts. */
export function offering(
  id: CheckId,
  says: Verdict | Error,
  facts: State['facts'] = {},
  wholes: readonly string[] = [],
  needs: readonly Check[] = [],
): Check {
  return {
    ...literalCheck(id, says, {needs}),
    facts: async () => [
      ...Object.entries(facts).map(([name, fact]) => ({
        name,
        source: 'a test',
        value: '',
        ...(typeof fact === 'string' ? {value: fact} : fact),
      })),
      ...wholes.map(whole),
    ],
  }
}

/** What a run says of a machine in this state, and remembers in this directory. */
export async function look(
  directory: string,
  state: State,
  {isWhole = true}: {readonly isWhole?: boolean} = {},
): Promise<Report> {
  return diagnosed(state.checks ?? [checkWith(state)], {
    settings: {unit: state.unit ?? 'prism-django.service'},
    host: literalHost({now: () => Date.parse(state.at), ...state.host}),
    remember: memory({directory, isWhole}),
  })
}
