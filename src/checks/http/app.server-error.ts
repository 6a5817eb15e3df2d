import type {Response} from '../../facts/http.ts'
import {plainHost} from '../../facts/http.ts'
import {type Bind, shownBind} from '../../facts/target/bind.ts'
import type {Target} from '../../facts/target/target.ts'
import type {Host} from '../../host/host.ts'
import {manageStep} from '../../remedies/collect.ts'
import {remedy} from '../../remedies/remedy.ts'
import {restart} from '../../remedies/service.ts'
import {type Finding, finding, type Remedy} from '../../report/finding.ts'
import {hand, readJournal} from '../../report/step.ts'
import {type Code, found} from './app.findings.ts'
import {lastSaid, reasonInJournal, reasonInside} from './app.reasons.ts'

/**
 * A page answers 5xx. Django's default logging tells only DEBUG and mail to the administrators why.
 */
export async function serverError(
  host: Host,
  target: Target,
  bind: Bind,
  path: string,
  {status, headers}: Response,
): Promise<Finding<'critical', Code>> {
  const reason = (await reasonInJournal(host, target)) ?? (await reasonInside(host, target, path))
  const cure = reason?.cure ?? (await findOut(host, target, path))
  const server = headers.server ? [`Server: ${headers.server}`] : []
  return finding(found['server-error'](shownBind(bind), path, status, reason?.text ?? null), cure, {
    evidence: [`HTTP ${status}`, ...server, ...(reason?.evidence ?? [])],
    ...(reason === null && {open: {lines: await lastSaid(host, target), look: cure}}),
    ...(reason?.because && {because: reason.because}),
    ...(reason?.experiments && {experiments: reason.experiments}),
  })
}

/**
 * Django's test client raises what the page hides (django.test.Client, raise_request_exception).
 */
async function findOut(host: Host, target: Target, path: string): Promise<Remedy> {
  const journal = readJournal(target.unit.name)
  // It comes from the process, and would be Python in what the operator is to type.
  const name = plainHost(target.hosts)
  const get = `Client(SERVER_NAME="${name}").get("${path}", secure=True)`
  const ask = await manageStep(
    host,
    target,
    'shell',
    '-c',
    `from django.test import Client; ${get}`,
  )
  const find =
    'Find the error in the journal, or let Django log it there (LOGGING with a StreamHandler)'
  return ask
    ? remedy(
        'Let the application show the exception, as its own user in its own environment',
        'manual',
        [hand(ask.shell), journal],
      )
    : remedy(`${find}, and restart`, 'manual', [journal, restart(target)])
}
