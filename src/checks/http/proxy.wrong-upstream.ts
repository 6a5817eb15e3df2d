import {shownPlace} from '../../facts/fronts/nginx-syntax.ts'
import type {Question} from '../../facts/fronts/questions.ts'
import {unheededAmong} from '../../facts/fronts/unheeded.ts'
import {whoIsThere} from '../../facts/fronts/who-is-there.ts'
import {type Bind, shownBind, writtenBind} from '../../facts/target/bind.ts'
import type {Target} from '../../facts/target/target.ts'
import type {Host} from '../../host/host.ts'
import {correct} from '../../remedies/front.ts'
import {type Finding, finding} from '../../report/finding.ts'
import {type Code, found, placesOf} from './proxy.findings.ts'

/** A site with the application's name, or for all names, forwards to somebody else. */
export async function wrongUpstream(
  host: Host,
  target: Target,
  question: Question,
  bind: Bind,
  status: number,
): Promise<Finding<'critical', Code>> {
  const {front, name, route} = question
  const {forward, at} = route
  const places = forward?.places ?? []
  const to = forward?.places?.map(writtenBind).join(', ') ?? forward?.written ?? ''
  const where = at === null ? '' : ` (${shownPlace(at)})`
  const who = await whoIsThere(host, question)
  const listens =
    who === 'nobody'
      ? ', where nobody listens,'
      : who === 'unknown'
        ? ''
        : `, where ${who.holder} listens,`
  const own = shownBind(bind)
  const cure = correct(target, front, {
    summary: `Correct ${forward?.how ?? 'where it forwards'}`,
    at,
    setting: {kind: 'upstream', name, url: `http://${'socketPath' in bind ? 'unix:' : ''}${own}`},
  })
  return finding(
    found['wrong-upstream'](front.kind, name, `${to}${where}${listens}`, status, own),
    cure,
    {
      evidence: placesOf(at),
      // The front obeys the unit, and the server does not.
      ...(unheededAmong(target, places) && {because: ['http/app']}),
    },
  )
}
