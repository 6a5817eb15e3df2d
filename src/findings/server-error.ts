import {type CheckId, critical, type Remedy, type Verdict} from '../check.ts'
import type {Host, HttpAnswer} from '../host/host.ts'
import {ifSeen} from '../host/if-seen.ts'
import {allowedHost, isValidHost, shownBind} from '../probes/http.ts'
import {findJournal, type JournalLine, statements} from '../probes/journal.ts'
import {recognise} from '../probes/signatures.ts'
import {sourceFiles} from '../probes/static-files.ts'
import {findStaticTree} from '../probes/static-tree.ts'
import {staticReferences} from '../probes/templates.ts'
import {hand, mend, remedy, restart} from '../remedy.ts'
import type {Bind, Target} from '../target.ts'
import {collectAnew, manageStep} from './static-files.ts'

/** Why a page fails, where that can be found. */
interface Reason {
  readonly text: string
  readonly evidence: readonly string[]
  readonly cure: Remedy
  readonly because?: readonly CheckId[]
}

/** Milliseconds in which what the service said may be of the page that was asked for. */
const justNow = 60_000

/** A page answers 5xx. Django's default logging tells only DEBUG and mail to the administrators why. */
export async function serverError(
  host: Host,
  target: Target,
  bind: Bind,
  path: string,
  {status, headers}: Extract<HttpAnswer, {kind: 'response'}>,
): Promise<Verdict> {
  const reason = (await exceptionInJournal(host, target)) ?? (await nameThatManifestLacks(host, target))
  const cure = reason?.cure ?? (await findOut(host, target, path))
  const evidence = [`HTTP ${status}`, ...(headers.server ? [`Server: ${headers.server}`] : [])]
  return critical(
    'server-error',
    `${shownBind(bind)} answers ${path} with ${status}${reason ? `: ${reason.text}` : ''}`,
    cure,
    {evidence: [...evidence, ...(reason?.evidence ?? [])], ...(reason?.because && {because: reason.because})},
  )
}

/** Nothing tells why: Django's test client raises what the page hides (django.test.Client, raise_request_exception). */
async function findOut(host: Host, target: Target, path: string): Promise<Remedy> {
  const readJournal = hand(`journalctl -u ${target.unit.name} -n 50 --no-pager`)
  const admitted = allowedHost(target.hosts)
  // It comes from the process, and would be Python in what the operator is to type.
  const name = admitted !== null && isValidHost(admitted) ? admitted : 'localhost'
  const client = `from django.test import Client; Client(SERVER_NAME="${name}").get("${path}", secure=True)`
  const ask = await manageStep(host, target, 'shell', '-c', client)
  if (ask)
    return remedy('Let the application show the exception, as its own user in its own environment', 'manual', [
      hand(ask.shell),
      readJournal,
    ])
  return remedy(
    'Find the error in the journal, or let Django log it there (LOGGING with a StreamHandler), and restart',
    'manual',
    [readJournal, restart(target)],
  )
}

/** Where the settings log what goes wrong, the exception of the page stands in the journal by now. */
async function exceptionInJournal(host: Host, target: Target): Promise<Reason | null> {
  const {unit} = target
  // Fewer lines than service/journal asks for: another question, which is not answered from before the page was asked for.
  const journal = await findJournal(host, unit, 200)
  // What an earlier start of the unit said, as when it was stopped, is not of this page.
  const ofThisStart = (line: JournalLine): boolean =>
    line.invocation === null || line.invocation === unit.get('InvocationID')
  const said = statements((journal ?? []).filter(line => line.at >= host.now() - justNow && ofThisStart(line)))
  const exception = said.findLast(each => each.exception && recognise(each)?.signature.kind !== 'noise')
  if (!exception) return null
  const recognised = recognise(exception)
  const [first = ''] = exception.text.split('\n')
  const words = recognised?.signature.meaning?.(recognised.match, unit) ?? first
  return {
    text: `${words.length > 300 ? `${words.slice(0, 299)}…` : words}${exception.where ? ` (${exception.where})` : ''}`,
    evidence: exception.text.split('\n').slice(0, 4),
    cure: afterCorrecting(target),
    ...(recognised?.signature.because && {because: recognised.signature.because}),
  }
}

function afterCorrecting(target: Target): Remedy {
  const means = target.platform.code(target)
  const first = [hand(`journalctl -u ${target.unit.name} -n 50 --no-pager`)]
  const summary = `Correct what the exception names, then ${means.next}`
  // What it names may lie outside of the code as well.
  return target.platform.rollback
    ? mend(`${summary}, or restart the service`, means, {first, after: [restart(target)], whole: true})
    : mend(summary, means, {first, whole: true})
}

/** A name that a template gives to `{% static %}` and that has no entry: Django raises, and tells nobody (S1). */
async function nameThatManifestLacks(host: Host, target: Target): Promise<Reason | null> {
  const found = await ifSeen(findStaticTree(host, target))
  if (!found?.manifest || found.files.keepsManifest !== true || found.files.servesUncollected) return null
  const {paths} = found.manifest
  const references = await staticReferences(host, found.files.django)
  // What is cut off is no part of the name, and a directory has no entry and needs none (HashedFilesMixin.url).
  const clean = (name: string): string => name.replace(/[?#].*/s, '').trim()
  const lacking = references.filter(({name}) => !/\/$|%/.test(clean(name)) && !paths.has(clean(name)))
  const inPackage = new Set((await ifSeen(sourceFiles(host, found.files.sources)))?.map(({name}) => name))
  const uncollected = lacking.filter(({name}) => inPackage.has(clean(name)))
  const [first] = uncollected.length > 0 ? uncollected : lacking
  if (!first) return null
  const reason = {
    text: `${first.template} names the static file ${first.name}, which the manifest does not have`,
    evidence: lacking.slice(0, 5).map(({name, template}) => `${template}: ${name}`),
  }
  // The package has the file, so the name is right and the manifest is not: static/manifest says so.
  if (uncollected.length > 0) return {...reason, cure: await collectAnew(host, target)}
  return {
    ...reason,
    cure: mend(
      `Correct the name in the template, or add the file to the ${target.platform.application}`,
      target.platform.code(target),
    ),
    // That the rest of the manifest is well was seen.
    because: ['service/active', 'secrets/*', 'database/*'],
  }
}
