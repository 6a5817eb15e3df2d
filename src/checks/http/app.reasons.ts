import {type DjangoAnswer, type ExceptionLink, shownPlace} from '../../facts/django/django.ts'
import {chainEvidence, isOfPackage, wordsOf as wordsOfChain} from '../../facts/django/exception.ts'
import {askPageInside} from '../../facts/django/page.ts'
import {plainHost} from '../../facts/http.ts'
import {quotesOf, understand, wordsOf} from '../../facts/journal/chain.ts'
import {findJournal, type JournalLine} from '../../facts/journal/journal.ts'
import {wordsOf as wordsOfLines} from '../../facts/journal/last-words.ts'
import {recognise} from '../../facts/journal/signatures.ts'
import {statements} from '../../facts/journal/statements.ts'
import {raisedIn} from '../../facts/refusals/named.ts'
import {findRefusal, type Refusal} from '../../facts/refusals/refusal.ts'
import {findStaticFiles, sourceFiles} from '../../facts/static/static-files.ts'
import type {Target} from '../../facts/target/target.ts'
import {clock} from '../../host/clock.ts'
import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import type {Unit} from '../../host/unit.ts'
import {collectAnew} from '../../remedies/collect.ts'
import {adviceOnPage} from '../../remedies/exceptions.ts'
import {letIn} from '../../remedies/refusals.ts'
import {mend, remedy} from '../../remedies/remedy.ts'
import {restart} from '../../remedies/service.ts'
import type {Because, Experiment, Remedy} from '../../report/finding.ts'
import {readJournal} from '../../report/step.ts'
import {ownersOf, refusalWords} from '../service/access.ts'

/** Why a page fails. */
export interface Reason {
  readonly text: string
  readonly evidence: readonly string[]
  readonly cure: Remedy
  readonly because?: Because
  readonly experiments?: readonly Experiment[]
}

/** Milliseconds in which what the service said may be about the page that was requested. */
const justNow = 60_000

/** The exception of the page, if the settings log errors to the journal; null if they do not. */
export async function reasonInJournal(host: Host, target: Target): Promise<Reason | null> {
  const {unit} = target
  const said = statements(await saidJustNow(host, unit))
  const exception = said.findLast(
    each => each.exception && recognise(each)?.signature.kind !== 'noise',
  )
  if (!exception) return null
  const {recognised, link = null} = understand(exception) ?? {}
  const known = recognised?.signature.because ?? null
  const text = wordsOf(exception, link, recognised?.signature.meaning?.(recognised.match, unit))
  const advice = await adviceOnPage(host, target, text)
  return {
    text: advice ? `${text}; ${advice.adds}` : text,
    evidence: quotesOf(exception),
    cure: advice?.cure ?? afterCorrecting(target),
    ...(known && {because: [...(Array.isArray(known) ? known : []), 'app/settings']}),
  }
}

async function saidJustNow(host: Host, unit: Unit): Promise<readonly JournalLine[]> {
  // Not as many lines as service/journal asks for: that answer may be older than the page.
  const journal = await findJournal(host, unit, 200)
  // What an earlier start of the unit said, as when it was stopped, is not about this page.
  const ofThisStart = (line: JournalLine): boolean =>
    line.invocation === null || line.invocation === unit.get('InvocationID')
  return (journal ?? []).filter(line => line.at >= host.now() - justNow && ofThisStart(line))
}

/** What the service said last, where nobody can tell what that means. */
export async function lastSaid(host: Host, {unit}: Target): Promise<readonly string[]> {
  return wordsOfLines(await saidJustNow(host, unit))
}

function afterCorrecting(target: Target): Remedy {
  const means = target.platform.code(target)
  const first = [readJournal(target.unit.name)]
  const summary = `Correct what the exception names, then ${means.next}`
  const again = restart(target)
  if (means.steps.some(({shell}) => shell === again.shell))
    return mend(summary, means, {first, whole: true})
  // What it names may lie outside of the code as well.
  return mend(`${summary}, or restart the service`, means, {first, after: [again], whole: true})
}

/** What the page raises when a new process of the unit makes it; null where that tells nothing. */
export async function reasonInside(
  host: Host,
  target: Target,
  path: string,
): Promise<Reason | null> {
  const began = clock()
  const asked = await askPageInside(host, target, path, plainHost(target.hosts))
  const page = asked?.answer?.start?.page
  if (page?.status && page.status < 500) {
    const same = `a new process of the unit makes the same page (${page.status})`
    return {
      text: `${same}, so the running one is at fault`,
      evidence: [`asked inside a process of the unit: ${page.status}`],
      cure: remedy('Restart the service', 'disruptive', [restart(target)]),
      experiments: [
        {
          outcome: `${same}, and the running one does not`,
          rulesOut: 'the code and the settings, as a new start would have them',
          runs: 1,
          durationMs: clock() - began,
        },
      ],
    }
  }
  const ofPage = page?.chain ?? null
  const chain = ofPage ?? chainOfStart(asked?.answer ?? null)
  if (!chain || chain.length === 0) return null
  const lacking = chain.flatMap(
    ({message}) => /^Missing staticfiles manifest entry for '(.+)'$/.exec(message)?.[1] ?? [],
  )[0]
  if (lacking !== undefined) return nameThatManifestLacks(host, target, chain, lacking)
  const text = wordsOfChain(chain, target)
  const advice = await adviceOnPage(host, target, text)
  const because = ofPage === null ? null : becauseOf(ofPage)
  const refusal = ofPage && (await refusalOf(host, target, ofPage))
  if (refusal) {
    const owners = ownersOf(target, refusal.at.path)
    return {
      text: `${text}; ${refusalWords(refusal).message}`,
      evidence: chainEvidence(chain),
      cure: letIn(target, refusal),
      because: owners.length > 0 ? owners : 'itself',
    }
  }
  return {
    text: advice ? `${text}; ${advice.adds}` : text,
    evidence: chainEvidence(chain),
    cure: advice?.cure ?? mend('Correct what the exception names', target.platform.code(target)),
    // What keeps Django from starting at all is for app/settings to tell.
    ...(ofPage === null ? {because: ['app/settings']} : because && {because}),
  }
}

/** What refuses the service a path that the page needs; the settings need not log that. */
async function refusalOf(
  host: Host,
  target: Target,
  chain: readonly ExceptionLink[],
): Promise<Refusal | null> {
  const names = raisedIn([{stage: 'page', chain: [...chain]}])
  return names.length > 0 ? ifSeen(findRefusal(host, target, names)) : null
}

/** By the same table as what stands in the journal; null where that leaves it open. */
function becauseOf(chain: readonly ExceptionLink[]): Because | null {
  if (isOfPackage(chain)) return 'itself'
  for (const {type, message} of chain.toReversed()) {
    // A traceback has the whole name of Django's own exceptions.
    for (const name of [type, `django.db.utils.${type}`]) {
      const known = recognise({by: 'service', text: `${name}: ${message}`})?.signature
      const owners = known?.kind === 'cause' ? known.because : null
      if (Array.isArray(owners)) return [...owners, 'app/settings']
    }
  }
  return null
}

function chainOfStart(answer: DjangoAnswer | null): readonly ExceptionLink[] | null {
  const failure = answer?.failures.find(({stage}) => /^(?:entry|settings|start|urls)$/.test(stage))
  return failure?.chain ?? null
}

/** A name in `{% static %}` that the manifest does not have: Django raises, and logs nothing. */
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
  const inPackage = (await ifSeen(sourceFiles(host, findStaticFiles(target).sources)))?.some(
    file => file.name === name,
  )
  // The package has the file, so the manifest is wrong, not the name: static/manifest says so.
  if (inPackage) return {...reason, cure: await collectAnew(host, target)}
  const {platform} = target
  const summary = `Correct the name in the template, or add the file to the ${platform.application}`
  return {
    ...reason,
    cure: mend(summary, platform.code(target)),
    // That the rest of the manifest is well was seen.
    because: ['service/active', 'secrets/*', 'database/*'],
  }
}
