import {type ExceptionLink, shownPlace} from '../facts/django/django.ts'
import {askPageInside} from '../facts/django/page.ts'
import {allowedHost, isValidHost} from '../facts/http.ts'
import {findJournal, type JournalLine, statements} from '../facts/journal/journal.ts'
import {recognise} from '../facts/journal/signatures.ts'
import {findStaticFiles, sourceFiles} from '../facts/static/static-files.ts'
import {type Bind, shownBind} from '../facts/target/bind.ts'
import type {Target} from '../facts/target/target.ts'
import type {Host, HttpAnswer} from '../host/host.ts'
import {ifSeen} from '../host/if-seen.ts'
import {mend, remedy} from '../remedies/remedy.ts'
import {restart} from '../remedies/service.ts'
import {type CheckId, critical, type Remedy, type Verdict} from '../report/finding.ts'
import {hand} from '../report/step.ts'
import {chainEvidence, isOfPackage, wordsOf} from './exception.ts'
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
  const reason = (await exceptionInJournal(host, target)) ?? (await exceptionInside(host, target, path))
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
    text: `${words}${exception.where ? ` (${exception.where})` : ''}`,
    evidence: exception.text.split('\n').slice(0, 4),
    cure: afterCorrecting(target),
    ...(recognised?.signature.because && {because: [...recognised.signature.because, 'app/settings']}),
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

/** Nothing was logged: the page is made once more inside a new process of the unit, where an exception shows itself. */
async function exceptionInside(host: Host, target: Target, path: string): Promise<Reason | null> {
  const name = allowedHost(target.hosts)
  const asked = await askPageInside(host, target, path, name !== null && isValidHost(name) ? name : 'localhost')
  const answer = asked?.answer
  const page = answer?.start?.page
  if (page?.status && page.status < 500) {
    return {
      text: `a new process of the unit makes the same page (${page.status}), so that the running one is at fault`,
      evidence: [`asked inside a process of the unit: ${page.status}`],
      cure: remedy('Restart the service', 'disruptive', [restart(target)]),
    }
  }
  // What keeps Django from starting at all is app/settings' to tell.
  const ofStart = page?.chain == null
  const chain =
    page?.chain ?? answer?.failures.find(({stage}) => /^(?:entry|settings|start|urls)$/.test(stage))?.chain ?? null
  if (!chain || chain.length === 0) return null
  const evidence = chainEvidence(chain)
  const lacking = chain.flatMap(
    ({message}) => /^Missing staticfiles manifest entry for '(.+)'$/.exec(message)?.[1] ?? [],
  )[0]
  if (lacking !== undefined) return nameThatManifestLacks(host, target, chain, lacking)
  return {
    text: wordsOf(chain, target),
    evidence,
    cure: mend('Correct what the exception names', target.platform.code(target)),
    ...(ofStart ? {because: ['app/settings']} : isOfPackage(chain) && {because: []}),
  }
}

/** A name that a template gives to `{% static %}` and that has no entry: Django raises, and tells nobody (S1). */
async function nameThatManifestLacks(
  host: Host,
  target: Target,
  chain: readonly ExceptionLink[],
  name: string,
): Promise<Reason> {
  const where = chain.find(({template}) => template !== null)?.template ?? null
  const named = where && shownPlace({...where, line: null}, target.workingDirectory)
  const template = named ? `line ${where?.line ?? '?'} of ${named}` : 'a page'
  const reason = {
    text: `${template} names the static file ${name}, which the manifest does not have`,
    evidence: chainEvidence(chain),
  }
  const inPackage = (await ifSeen(sourceFiles(host, findStaticFiles(target).sources)))?.some(file => file.name === name)
  // The package has the file, so the name is right and the manifest is not: static/manifest says so.
  if (inPackage) return {...reason, cure: await collectAnew(host, target)}
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
