import type {Question} from '../../facts/fronts/questions.ts'
import {shownBind} from '../../facts/target/bind.ts'

import type {Target} from '../../facts/target/target.ts'
import {correct} from '../../remedies/front.ts'
import {remedy} from '../../remedies/remedy.ts'
import {restart} from '../../remedies/service.ts'
import type {Remedy} from '../../report/finding.ts'
import {byHand} from '../../report/step.ts'

export function restartForFiles(target: Target): Remedy {
  const summary = 'Restart the service, so that it knows its files'
  return remedy(summary, 'disruptive', [restart(target)])
}

export function correctLocation(
  target: Target,
  {front, site, name, address, tls}: Question,
  url: string,
): Remedy {
  const route = site.routes.findLast(
    ({path, directory}) => directory !== null && url.startsWith(path),
  )
  const shown = `${tls ? 'https' : 'http'}://${shownBind(address)}${url}`
  const look = byHand('curl', tls ? '-skI' : '-sI', '-H', `Host: ${name}`, shown)
  return correct(target, front, {
    summary: 'Correct the location that answers for static files',
    at: route?.at ?? site.at,
    first: [look],
  })
}
