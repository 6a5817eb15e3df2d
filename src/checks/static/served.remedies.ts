import type {Question} from '../../facts/fronts/questions.ts'
import {shownBind} from '../../facts/target/bind.ts'

import type {Target} from '../../facts/target/target.ts'
import {correct} from '../../remedies/front.ts'
import {remedy} from '../../remedies/remedy.ts'
import {restart} from '../../remedies/service.ts'
import type {Remedy} from '../../report/finding.ts'
import {byHand} from '../../report/step.ts'

/** What to do about a wrong Content-Type, and about everything else. */
export interface Cures {
  readonly location: Remedy
  readonly type: Remedy
}

export function curesOfApplication(target: Target): Cures {
  const cure = restartForFiles(target)
  return {location: cure, type: cure}
}

export function restartForFiles(target: Target): Remedy {
  const summary = 'Restart the service, so that it knows its files'
  return remedy(summary, 'disruptive', [restart(target)])
}

export function curesOfFront(
  target: Target,
  {front, site, name, address, tls}: Question,
  url: string,
): Cures {
  const how = {
    nginx: 'include mime.types;',
    apache: 'mod_mime with TypesConfig',
    caddy: 'no header Content-Type',
  }[front.kind]
  const types = `Let ${front.kind} know the types of files (${how})`
  const route = site.routes.findLast(
    ({path, directory}) => directory !== null && url.startsWith(path),
  )
  const shown = `${tls ? 'https' : 'http'}://${shownBind(address)}${url}`
  const look = byHand('curl', tls ? '-skI' : '-sI', '-H', `Host: ${name}`, shown)
  return {
    location: correct(target, front, {
      summary: 'Correct the location that answers for static files',
      at: route?.at ?? site.at,
      first: [look],
    }),
    type: correct(target, front, {summary: types, at: site.at}),
  }
}
