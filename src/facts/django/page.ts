import type {Host, HttpAnswer} from '../../host/host.ts'
import {askPage, ownName, pagesOf} from '../http.ts'
import type {Bind} from '../target/bind.ts'
import type {Target} from '../target/target.ts'
import {askDjango} from './ask.ts'
import type {Django} from './django.ts'

export interface AskedPage<A extends HttpAnswer = HttpAnswer> {
  readonly path: string
  readonly answer: A
}

/** Pages of the application at its own address: the usual ones, else those that Django knows. */
export async function askPages(
  host: Host,
  target: Target,
  bind: Bind,
): Promise<readonly AskedPage[]> {
  const name = ownName(target, bind)
  const ask = async (path: string): Promise<AskedPage> => ({
    path,
    answer: await askPage(host, target, bind, name, path),
  })
  const paths = pagesOf(target)
  const usual = await Promise.all(paths.map(ask))
  if (!usual.every(({answer}) => answer.kind === 'response' && answer.status === 404)) return usual
  const others = (await otherPages(host, target)).filter(path => !paths.includes(path))
  return [...usual, ...(await Promise.all(others.map(ask)))]
}

/** A page as a new process of the unit makes it, or the exception; null if it cannot be asked. */
export async function askPageInside(
  host: Host,
  target: Target,
  path: string,
  name: string,
): Promise<Django | null> {
  if (target.django.unasked) return null
  const asked = await askDjango(host, target.unit, target.server, {
    depth: 'start',
    page: {path, host: name},
  })
  return asked.answer ? asked : null
}

/** Whether asking for a page may end a session or change something, by its name. */
export function mayChange(path: string): boolean {
  return /log-?out|delete|remove|reset|cancel|clear|jsi18n|callback|(?:un|re)?subscribe|activat|confirm|verif|accept|approve|reject|revoke|checkout|purge|destroy|trigger|webhook/i.test(
    path,
  )
}

/**
 * A few of Django's pages that need no argument; none that may end a session or change something.
 */
async function otherPages(host: Host, target: Target): Promise<readonly string[]> {
  if (target.django.unasked) return []
  const {answer} = await askDjango(host, target.unit, target.server, {depth: 'start'})
  const paths = (answer?.start?.paths ?? []).filter(path => !mayChange(path))
  const isLogin = (path: string): boolean => /log-?in/i.test(path)
  return paths
    .sort((a, b) => Number(isLogin(b)) - Number(isLogin(a)) || a.length - b.length)
    .slice(0, 4)
}
