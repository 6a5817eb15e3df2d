import type {Host} from '../../host/host.ts'
import type {Target} from '../target/target.ts'
import {askDjango} from './ask.ts'
import type {Django} from './django.ts'

/** What a page of the application raises, asked inside a process of the unit; null where it could not be asked. */
export async function askPageInside(host: Host, target: Target, path: string, name: string): Promise<Django | null> {
  if (target.django.unasked) return null
  const asked = await askDjango(host, target.unit, target.server, {depth: 'start', page: {path, host: name}})
  return asked.answer ? asked : null
}

/** A few of the pages that Django has and that need no argument; what may end a session or change something is not asked. */
export async function otherPages(host: Host, target: Target): Promise<readonly string[]> {
  if (target.django.unasked) return []
  const {answer} = await askDjango(host, target.unit, target.server, {depth: 'start'})
  const paths = (answer?.start?.paths ?? []).filter(
    path => !/log-?out|delete|remove|reset|cancel|clear|jsi18n|callback/i.test(path),
  )
  const isLogin = (path: string): boolean => /log-?in/i.test(path)
  return paths.sort((a, b) => Number(isLogin(b)) - Number(isLogin(a)) || a.length - b.length).slice(0, 4)
}
