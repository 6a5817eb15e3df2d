import {clock} from '../../host/clock.ts'
import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import type {Experiment} from '../../report/finding.ts'
import {mayChange} from '../django/page.ts'
import {askPage, ownName} from '../http.ts'
import type {Target} from '../target/target.ts'
import {type Answered, answeredIn} from './access-lines.ts'
import type {Group, Said} from './grouped.ts'
import type {JournalLine} from './journal.ts'

/** How the requests that a fault ended fared later. */
export interface Aftermath {
  /** Good answers to them since. */
  readonly good: number
  /** Good answers to them between the first failure and the last: the fault comes and goes. */
  readonly between: number
  /** Each was answered well since, and so often that it would have shown. */
  readonly isOver: boolean
  readonly experiments: readonly Experiment[]
}

/** So many pages are asked, and for so many milliseconds. */
const bounds = {pages: 3, milliseconds: 3000} as const

/** Requests of one kind that a fault ended. */
interface Failed {
  /** Null where no access log tells of it. */
  readonly method: string | null
  readonly path: string
  readonly query: string
  readonly times: readonly number[]
}

/**
 * Whether a fault is over: by the access log, and by asking for the pages that failed. An answer to
 * a form that only comes up says nothing of one that is sent, and one good answer nothing of a fault
 * that comes and goes.
 */
export async function aftermathOf(
  host: Host,
  target: Target,
  {events}: Pick<Group, 'events'>,
  lines: readonly JournalLine[],
): Promise<Aftermath> {
  const answers = lines.flatMap(({text, at}) => {
    const answered = answeredIn(text)
    return answered ? [{...answered, at}] : []
  })
  const failed = failedRequests(events)
  const open = {good: 0, between: 0, isOver: false, experiments: []}
  if (failed === null) return open
  const seen = failed.map(each => ({...each, ...fared(each, answers)}))
  const good = sum(seen.map(each => each.since))
  const between = sum(seen.map(each => each.between))
  const wanting = seen.filter(each => each.since < each.needed)
  if (wanting.length === 0) return {good, between, isOver: true, experiments: []}
  // Whichever request needs the database shows whether it is there.
  const isOfServer = events.every(each => isLost(each) || isRefused(each))
  const may = wanting.every(
    ({method, path, query}) =>
      (method === 'GET' || (method === null && isOfServer)) && query === '' && !mayChange(path),
  )
  if (!may || wanting.length > bounds.pages) return {...open, good, between}
  const asked = await askAgain(host, target, wanting)
  return {good: good + asked.good, between, isOver: asked.isOver, experiments: asked.experiments}
}

/** Null where the page of one is not known. */
function failedRequests(events: readonly Said[]): readonly Failed[] | null {
  if (events.some(({path}) => path === null)) return null
  const byRequest = Map.groupBy(events, ({answered, path}) =>
    JSON.stringify([answered?.method ?? null, path, answered?.query ?? '']),
  )
  return [...byRequest].map(([key, same]) => {
    const [method, path, query] = JSON.parse(key) as [string | null, string, string]
    return {method, path, query, times: same.map(({at}) => at)}
  })
}

function fared(
  {method, path, query, times}: Failed,
  answers: readonly (Answered & {readonly at: number})[],
): {readonly since: number; readonly between: number; readonly needed: number} {
  const first = Math.min(...times)
  const last = Math.max(...times)
  const good = answers.filter(
    answer =>
      answer.method === method &&
      answer.path === path &&
      (query === '' || answer.query === query) &&
      isGood(answer),
  )
  const between = good.filter(({at}) => at > first && at < last).length
  const since = good.filter(({at}) => at >= last).length
  return {since, between, needed: enough(times.length, between)}
}

/** Whoever is not logged in is sent to a form, whether or not the page behind it fails. */
function isGood({method, status}: Pick<Answered, 'method' | 'status'>): boolean {
  const isRead = method === 'GET' || method === 'HEAD'
  return isRead ? status < 300 || status === 304 : status < 400
}

/**
 * How many good answers in a row make it unlikely (one in twenty) that the fault goes on as it was,
 * if the next one were good: five after one failure, two after ten, 15 where it was two out of ten.
 */
function enough(failures: number, good: number): number {
  const rate = failures / (failures + good + 1)
  return Math.ceil(Math.log(0.05) / Math.log(1 - rate))
}

interface Wanting extends Failed {
  readonly since: number
  readonly needed: number
}

async function askAgain(
  host: Host,
  target: Target,
  pages: readonly Wanting[],
): Promise<Omit<Aftermath, 'between'>> {
  const {bind} = target
  if (!bind) return {good: 0, isOver: false, experiments: []}
  const name = ownName(target, bind)
  const began = clock()
  const outcomes = await Promise.all(
    pages.map(async ({path, since, needed}) => {
      let good = 0
      while (since + good < needed && clock() - began < bounds.milliseconds) {
        const answer = await ifSeen(askPage(host, target, bind, name, path, good + 1))
        const isWell = answer?.kind === 'response' && isGood({method: 'GET', status: answer.status})
        if (!isWell) return {good, asked: good + 1, isWell: false}
        good += 1
      }
      return {good, asked: good, isWell: since + good >= needed}
    }),
  )
  const isOver = outcomes.every(({isWell}) => isWell)
  const paths = pages.map(({path}) => path).join(', ')
  return {
    good: sum(outcomes.map(({good}) => good)),
    isOver,
    experiments: [
      {
        outcome: isOver
          ? `${paths} failed before and came well each time it was asked for again`
          : `${paths} failed before and did not come well each time it was asked for again`,
        rulesOut: null,
        runs: sum(outcomes.map(({asked}) => asked)),
        durationMs: clock() - began,
      },
    ],
  }
}

/** A connection was lost that the application had kept: the server was restarted in between. */
export function isLost({text}: Pick<Said, 'text'>): boolean {
  return /server closed the connection unexpectedly|terminating connection due to|connection (?:already|is) closed|the connection is lost/.test(
    text,
  )
}

/** The database did not let the service in, whatever it was about to ask. */
function isRefused({recognised}: Pick<Said, 'recognised'>): boolean {
  const because = recognised?.signature.because
  return Array.isArray(because) && because.some(id => /^database\/(?:server|login)$/.test(id))
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}
