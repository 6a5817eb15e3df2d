import type {Check} from '../src/checks/check.ts'
import {type DiagnoseOptions, diagnose} from '../src/engine/diagnose.ts'
import type {Picture} from '../src/engine/picture.ts'
import type {Audience} from '../src/fix/audience.ts'
import {CannotLook, type Host, type Stat} from '../src/host/host.ts'
import {createSecrets} from '../src/host/redactor.ts'
import type {CheckId, Details, Finding, Kind, Remedy, Verdict} from '../src/report/finding.ts'
import type {Report} from '../src/report/report.ts'
import {invalidities} from './valid.ts'

const unasked = (question: string) => async (): Promise<never> => {
  throw new Error(`nobody expected ${question}`)
}

/** What /etc/os-release of the machines of the tests says. */
export const nixosRelease = {
  kind: 'file',
  text: 'ID=nixos\nVERSION_ID="25.11"\n',
  utf8: true,
} as const

/** A machine as an object literal: a loaded unit, and what a test adds. */
export function literalHost(answers: Partial<Host> = {}): Host {
  return {
    uid: 0,
    secrets: createSecrets(),
    now: () => Date.parse('2026-11-23T08:00:00.000Z'),
    units: async names => names.map(Id => ({Id, LoadState: 'loaded'})),
    journal: async () => [],
    exec: async () => ({exitCode: 0, stdout: '', stderr: ''}),
    asUnit: unasked('asUnit'),
    sandbox: unasked('sandbox'),
    activity: unasked('activity'),
    readFile: async path => (path === '/etc/os-release' ? nixosRelease : unasked('readFile')()),
    stat: unasked('stat'),
    list: unasked('list'),
    walk: unasked('walk'),
    digests: unasked('digests'),
    query: unasked('query'),
    request: unasked('request'),
    ...answers,
  }
}

type Bad = 'warning' | 'critical'

function saying<S extends Bad>(status: S, kind: Kind) {
  return (code: string, message: string, remedy: Remedy, details: Details = {}): Finding<S> => ({
    code,
    status,
    kind,
    message,
    since: null,
    evidence: [],
    remedy,
    ...details,
  })
}

/** Bad news of a check that saw the fault itself. */
export const critical = saying('critical', 'cause')
export const warning = saying('warning', 'cause')

/** Bad news whose reason may lie below. */
export const symptom = saying('critical', 'symptom')

/** A check as an object literal. */
export function literalCheck(
  id: CheckId,
  says: Verdict | readonly Verdict[] | Error | (() => Promise<Verdict | readonly Verdict[]>),
  relations: Partial<Pick<Check, 'needs' | 'findings'>> = {},
): Check {
  return {
    id,
    title: `${id} is well`,
    explanation: {
      why: 'A check of a test.',
      asks: 'It says what it is told.',
      findings: {},
      mistakenFor: 'Nothing.',
    },
    findings: {},
    ...relations,
    run: async () => {
      if (says instanceof Error) throw says
      return typeof says === 'function' ? says() : says
    },
  }
}

export const refused = new CannotLook('this may not be read by this user', {privilege: true})

/**
 * Runs literal checks on a literal machine. The report is always one that the published schema
 * allows, and no recording lacks an answer.
 */
export async function diagnosed(
  checks: readonly Check[],
  options: Partial<DiagnoseOptions> = {},
): Promise<Report> {
  const host = options.host ?? literalHost()
  const report = await diagnose({
    host,
    hostname: 'midship',
    checks,
    settings: {unit: 'prism-django.service'},
    deadline: 10_000,
    ...options,
  })
  const wrong = invalidities(JSON.parse(JSON.stringify(report)))
  if (wrong.length > 0)
    throw new Error(`the report is not what its schema says: ${wrong.join('; ')}`)
  for (const {id, findings} of report.checks)
    for (const {message, evidence} of findings)
      for (const said of [message, ...evidence])
        if (said.startsWith(unanswered)) throw new Error(`${id}: ${said}`)
  return report
}

/** What checks know of a machine, as a run takes it. */
export async function pictured(
  checks: readonly Check[],
  options: Partial<DiagnoseOptions> = {},
): Promise<Picture> {
  const pictures: Picture[] = []
  await diagnosed(checks, {
    ...options,
    async remember(look) {
      pictures.push(await look.picture)
      return look.report
    },
  })
  const [picture] = pictures
  if (!picture) throw new Error('nobody took a picture')
  return picture
}

/**
 * How NotRecorded begins, which the engine makes unknown: in a test it is a question that no
 * fixture holds.
 */
const unanswered = 'the recording has no answer to '

/** The status of every check, by id. */
export function statuses(report: Report): Readonly<Record<string, string>> {
  return Object.fromEntries(report.checks.map(({id, status}) => [id, status]))
}

/** Nobody watches a run of `--fix`. */
export const nobody: Audience = {
  look: () => ({watch: () => undefined, done: async () => undefined}),
  verdict: async () => undefined,
  steps: () => ({
    ask: () => undefined,
    begin: () => undefined,
    verify: () => undefined,
    end: () => undefined,
    done: async () => undefined,
  }),
}

/** lstat(2) of a symbolic link. */
export const linkTo = (to: string): Stat => ({
  type: 'symlink',
  mode: 0o777,
  uid: 0,
  gid: 0,
  nlink: 1,
  size: 1,
  mtime: 0,
  dev: 1,
  link: to,
})
