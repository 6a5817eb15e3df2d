import {isBelow} from '../../facts/files/paths.ts'
import type {Route} from '../../facts/fronts/front.ts'
import type {Question} from '../../facts/fronts/questions.ts'
import {encodings} from '../../facts/static/ask-sample.ts'
import type {Came} from '../../facts/static/media-types.ts'
import type {Sample} from '../../facts/static/sample.ts'
import type {StaticTree} from '../../facts/static/static-tree.ts'
import type {Target} from '../../facts/target/target.ts'
import type {HttpAnswer} from '../../host/host.ts'
import {awaitStart} from '../../remedies/service.ts'
import {
  type CodeOf,
  cause,
  finding,
  findingsOf,
  ok,
  type Remedy,
  symptom,
  type Verdict,
} from '../../report/finding.ts'
import {explanation} from './served.explanation.ts'
import {restartForFiles} from './served.remedies.ts'

export const found = findingsOf(explanation, {
  'not-served': symptom(
    'critical',
    (who: string, {url}: Pick<Sample, 'url'>, answer: HttpAnswer, as: string) =>
      answer.kind === 'unreachable'
        ? `${who} does not answer ${url}: ${answer.message}`
        : `${who} answers ${url} with ${answer.status} (as ${as})`,
  ),
  starting: symptom(
    'warning',
    ({url}: Sample, unit: string) => `${url} does not come while ${unit} is starting`,
  ),
  'other-bytes': symptom(
    'critical',
    (who: string, {url}: Sample) => `${who} answers ${url} with other bytes than were collected`,
  ),
  'wrong-type': cause(
    'critical',
    (who: string, {url}: Pick<Sample, 'url'>, came: Came, own: string | null, why: string) =>
      `${who} answers ${url} as ${came.type || 'a file of no type'}${own === null ? '' : ` rather than ${own}`}${came.nosniff ? ', with nosniff' : ''}, ${why === '' ? 'which browsers do not take for what it is' : `since ${why}`}`,
  ),
  'media-not-served': symptom(
    'critical',
    (who: string, url: string, looks: string) =>
      `${who} answers the upload ${url} with 404, and it is there: it looks in ${looks}`,
  ),
  'not-immutable': cause(
    'warning',
    ({url}: Sample, caching: string) =>
      `${url} has a hash in its name and comes with Cache-Control "${caching}"`,
  ),
})

export type Code = CodeOf<typeof found>

export function starting({unit}: Target, sample: Sample): Verdict<Code> {
  return finding(found.starting(sample, unit.name), awaitStart(unit), {
    because: ['service/active', 'http/app'],
  })
}

export function notImmutable(target: Target, sample: Sample, caching: string): Verdict<Code> {
  return finding(found['not-immutable'](sample, caching), restartForFiles(target), {
    evidence: [`cache-control: ${caching}`],
  })
}

/** The first answer that is wrong; null where none is. */
export function judgeAnswers(
  who: string,
  sample: Sample,
  answers: readonly HttpAnswer[],
  cure: Remedy,
): Verdict<Code> | null {
  const judged = answers.map((answer, index) =>
    judgeAnswer(who, sample, answer, encodings[index] ?? '', cure),
  )
  return judged.find(verdict => verdict !== null) ?? null
}

/** @param as what was said to be accepted: "identity". */
function judgeAnswer(
  who: string,
  sample: Sample,
  answer: HttpAnswer,
  as: string,
  cure: Remedy,
): Verdict<Code> | null {
  const notServed = found['not-served'](who, sample, answer, as)
  if (answer.kind === 'unreachable') {
    return finding(notServed, cure, {evidence: [answer.code]})
  }
  // The application, or what stands before it, asks who is there: nobody knows what comes then.
  if (answer.status === 401) {
    return ok(
      `${who} asks for a password before ${sample.url} (401): what comes then is not judged`,
    )
  }
  if (answer.status !== 200) return finding(notServed, cure)
  const encoded = (answer.headers['content-encoding'] ?? 'identity') !== 'identity'
  if (encoded || answer.md5 === sample.md5) return null
  return finding(found['other-bytes'](who, sample), cure, {
    evidence: [`md5 ${answer.md5}, collected ${sample.md5}`],
  })
}

/** Where nobody is told to serve static files, the message says so first. */
export function whoServes(
  {front, site, name}: Question,
  {files, tree}: StaticTree,
  url: string,
): string {
  const who = `${front.kind} for ${name}${elsewhere(site, tree.top.path, url)}`
  const isServed = staticRoute(site, url) !== undefined
  return isServed || files.whiteNoise !== false
    ? who
    : `neither the application nor ${front.kind} serves static files: ${who}`
}

/** Where the front looks for static files, when that is not where they were collected. */
function elsewhere(site: Question['site'], collected: string, url: string): string {
  const {directory, at} = staticRoute(site, url) ?? {}
  if (!directory || isBelow(collected, directory) || isBelow(directory, collected)) return ''
  const place = at ? ` (${at.file}:${at.line})` : ''
  return `, which looks in ${directory}${place} rather than in ${collected},`
}

/** A root for the whole site does not count: it is mostly there, whatever lies in it. */
function staticRoute({routes}: Question['site'], url: string): Route | undefined {
  return routes.findLast(
    ({path, directory}) => directory !== null && path.length > 1 && url.startsWith(path),
  )
}
