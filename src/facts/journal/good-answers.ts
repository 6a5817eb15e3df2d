import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {askPage, ownName} from '../http.ts'
import type {Target} from '../target/target.ts'
import {answeredIn} from './access-lines.ts'
import type {Group} from './grouped.ts'
import type {JournalLine} from './journal.ts'

/** As many pages are asked for, where no access log tells of them. */
const most = 3

/**
 * How often the pages that a fault ended were answered well after it, by the access log, else by
 * asking now; 0 unless each of them was, or where it is not known which they are.
 */
export async function goodAnswers(
  host: Host,
  target: Target,
  {paths, isTold}: Group,
  lines: readonly JournalLine[],
): Promise<number> {
  if (!isTold || paths.size === 0) return 0
  const answers = lines.flatMap(({text, at}) => {
    const answered = answeredIn(text)
    return answered ? [{...answered, at}] : []
  })
  if (answers.length === 0) return asked(host, target, [...paths.keys()])
  // A form that comes up tells nothing of one that is sent.
  const failing = new Map(
    answers.filter(({status}) => status >= 500).map(({path, method}) => [path, method]),
  )
  const good = answers.filter(({path, method, at, status}) => {
    const failed = paths.get(path)
    const isSame = (failing.get(path) ?? method) === method
    return failed !== undefined && at >= failed && status < 400 && isSame
  })
  const isWell = (path: string): boolean => good.some(each => each.path === path)
  return [...paths.keys()].every(isWell) ? good.length : 0
}

async function asked(host: Host, target: Target, paths: readonly string[]): Promise<number> {
  const {bind} = target
  if (!bind || paths.length > most) return 0
  const name = ownName(target, bind)
  const answers = await Promise.all(
    paths.map(path => ifSeen(askPage(host, target, bind, name, path))),
  )
  const isWell = answers.every(answer => answer?.kind === 'response' && answer.status < 300)
  return isWell ? answers.length : 0
}
