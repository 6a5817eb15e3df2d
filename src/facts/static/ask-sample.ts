import {CannotLook, type Host, type HttpAnswer} from '../../host/host.ts'
import {findFronts} from '../fronts/find.ts'
import {pageOf} from '../fronts/pages.ts'
import {askFront, type Question, questionsOf} from '../fronts/questions.ts'
import {allowedHost, redirectsToHttps} from '../http.ts'
import type {Bind} from '../target/bind.ts'
import type {Target} from '../target/target.ts'
import type {Sample} from './sample.ts'

/** What is said to be accepted: as curl asks, and as browsers do. */
export const encodings: readonly string[] = ['identity', 'gzip, deflate, br']

/** One who was asked for a file, with an answer for each encoding. */
export interface Asked<W> {
  readonly who: W
  readonly answers: readonly HttpAnswer[]
}

/** @throws CannotLook where nobody says where the application listens. */
export async function askApplication(
  host: Host,
  {bind, hosts}: Target,
  {url}: Sample,
  accepted = encodings,
): Promise<Asked<Bind>> {
  if (!bind) throw new CannotLook('where the application listens could not be read from its unit')
  const name = allowedHost(hosts) ?? 'localhost'
  const answers = accepted.map(encoding => {
    const headers = {host: name, 'accept-encoding': encoding, 'x-forwarded-proto': 'https'}
    return host.request({address: bind, path: url, headers})
  })
  return {who: bind, answers: await Promise.all(answers)}
}

/**
 * Each front that leads to the application, by each of its names; null where there is none. One
 * whose answers say nothing of the file is left out.
 */
export async function askFronts(
  host: Host,
  target: Target,
  {url}: Sample,
): Promise<readonly Asked<Question>[] | null> {
  const questions = questionsOf(await findFronts(host, target), target)
  if (questions.length === 0) return null
  const asked = await Promise.all(
    questions.map(async who => {
      const answers = encodings.map(encoding =>
        askFront(host, who, url, {headers: {'accept-encoding': encoding}}),
      )
      return {who, answers: await Promise.all(answers)}
    }),
  )
  const told = await Promise.all(
    asked.map(async ({who, answers}) => {
      const [first] = answers.filter(answer => saysNothing(who, answer))
      return first === undefined || (await isForFilesAlone(host, target, who, first))
    }),
  )
  return asked.filter((_, at) => told[at])
}

/** Whether a front forbids files to a visitor to whom it gives the pages. */
async function isForFilesAlone(
  host: Host,
  target: Target,
  who: Question,
  answer: HttpAnswer,
): Promise<boolean> {
  if (answer.kind === 'unreachable' || answer.status !== 403) return false
  const {path} = await pageOf(host, target, who.name)
  const page = await askFront(host, who, `${who.prefix}${path}`)
  return page.kind === 'response' && page.status === 200
}

function saysNothing({site}: Question, answer: HttpAnswer): boolean {
  // Nothing answers (http/proxy says so), or what comes over TLS is not known here.
  if (answer.kind === 'unreachable' || redirectsToHttps(answer)) return true
  // The front turns it away, as it is told to.
  return site.restrictions.has(answer.status) || (answer.status === 503 && site.maintenance)
}
