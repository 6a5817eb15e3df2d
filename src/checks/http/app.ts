import {type AskedPage, askPages} from '../../facts/django/page.ts'
import {unheededByServer} from '../../facts/fronts/unheeded.ts'
import {type Response, redirectsToHttps} from '../../facts/http.ts'
import {type Bind, shownBind} from '../../facts/target/bind.ts'
import type {Target} from '../../facts/target/target.ts'
import {findWhoListens, isForeign} from '../../facts/unit/listeners.ts'
import {CannotLook, type Host} from '../../host/host.ts'
import {moveAway} from '../../remedies/foreign-listener.ts'
import {remedy} from '../../remedies/remedy.ts'
import {finding, ok, type Verdict} from '../../report/finding.ts'
import {byHand} from '../../report/step.ts'
import type {CheckOf} from '../check.ts'
import {serviceUnit} from '../service/unit.ts'
import {badRequest} from './app.bad-request.ts'
import {explanation} from './app.explanation.ts'
import {appFacts} from './app.facts.ts'
import {type Code, found, ignoresVariable} from './app.findings.ts'
import {lostSocket} from './app.lost-socket.ts'
import {serverError} from './app.server-error.ts'
import {unanswered} from './app.unanswered.ts'

export const httpApp: CheckOf<Code> = {
  id: 'http/app',
  title: 'The application answers at its own address',
  fix: 'starts or restarts the service',
  explanation,
  findings: found,
  needs: [serviceUnit],
  facts: appFacts,
  async run({host, target}) {
    const {bind, unit} = target
    if (!bind)
      throw new CannotLook('where the application listens could not be read from its unit', {
        privilege: host.uid !== 0,
      })
    const who = await findWhoListens(host, unit, bind)
    const lost =
      who.ambiguous && 'socketPath' in bind ? await lostSocket(host, target, bind.socketPath) : null
    if (lost) return lost
    if (isForeign(unit, who))
      return finding(found['foreign-listener'](unit, bind, who), moveAway(unit, bind, who.unit))
    const unheeded = await unheededByServer(host, target)
    if (unheeded) return ignoresVariable(target, unheeded)
    const verdict = await judgePages(host, target, bind)
    // Nobody but root sees whose process it is.
    return verdict.status === 'ok' && !who.processKnown
      ? {...verdict, evidence: ['who listens there could not be told: only root sees that']}
      : verdict
  },
}

async function judgePages(host: Host, target: Target, bind: Bind): Promise<Verdict<Code>> {
  const asked = await askPages(host, target, bind)
  const pages: AskedPage<Response>[] = []
  for (const {path, answer} of asked) {
    if (answer.kind === 'unreachable') return unanswered(host, target, bind, answer)
    if (answer.status >= 500) return serverError(host, target, bind, path, answer)
    pages.push({path, answer})
  }
  if (pages.every(({answer}) => answer.status === 400)) return badRequest(target, bind)
  const place = shownBind(bind)
  const shown =
    pages.find(({answer}) => answer.status < 400) ?? pages.find(({answer}) => answer.status !== 404)
  if (shown) {
    const insists = redirectsToHttps(shown.answer) ? ' and redirects to https' : ''
    return ok(`${place} answers ${shown.path} with ${shown.answer.status}${insists}`)
  }
  const paths = pages.map(({path}) => path)
  const look = byHand('systemctl', 'cat', target.unit.name)
  const cure = remedy('Make sure that this is the right application', 'manual', [look])
  return finding(found['not-found'](place, paths), cure)
}
