import type {Host} from '../../host/host.ts'
import {ifSeen} from '../../host/if-seen.ts'
import {findDjangoServices} from '../program/services.ts'
import type {Target} from '../target/target.ts'
import {type Front, isSamePlace, type Route, type Site} from './front.ts'
import {isLocal, ownNames} from './names.ts'
import {mainRoute, type Question, questions} from './questions.ts'
import {namesOf} from './site-names.ts'
import {whoIsThere} from './who-is-there.ts'

/** A site that forwards elsewhere and has the application's name, or any name. */
export interface Stray extends Question {
  /** Whether the application has this name; else only that nobody answers there tells. */
  readonly isNamed: boolean
}

export function straysOf(fronts: readonly Front[], target: Target): readonly Stray[] {
  const running = fronts.filter(({active}) => active)
  return running.flatMap(front => front.sites.flatMap(site => strayOf(front, site, target)))
}

function strayOf(front: Front, site: Site, {hosts}: Target): readonly Stray[] {
  const forwards = ({forward}: Route): boolean =>
    forward?.places != null && forward.protocol !== 'other'
  const route = site.leadsHere ? null : mainRoute(site, forwards)
  if (route === null) return []
  const own = site.names.filter(
    name => hosts.some(host => host.toLowerCase() === name.toLowerCase()) && !isLocal(name),
  )
  if (own.length > 0)
    return own
      .flatMap(name => questions(front, site, route, name))
      .map(one => ({...one, isNamed: true}))
  const knowsNames = ownNames(hosts).length > 0 && !hosts.includes('*')
  const names = namesOf(front, site, hosts)
  // A name that the application does not have is somebody else's.
  if (knowsNames && site.names.length > 0 && names.every(name => site.names.includes(name)))
    return []
  const [name] = names
  return name === undefined
    ? []
    : questions(front, site, route, name).map(one => ({...one, isNamed: false}))
}

/** Whether a site is another application's, which says nothing of this one, dead or alive. */
export async function isOfOthers(
  host: Host,
  target: Target,
  stray: Stray,
  someLeadHere: boolean,
): Promise<boolean> {
  if (stray.isNamed) return false
  return (
    someLeadHere ||
    (await whoIsThere(host, stray)) !== 'nobody' ||
    (await isOfAnother(host, target, stray))
  )
}

/** Whether the site forwards to another Django service of this machine, which may be down. */
async function isOfAnother(host: Host, {unit}: Target, {route}: Question): Promise<boolean> {
  const services = (await ifSeen(findDjangoServices(host, {installed: true}))) ?? []
  const others = services
    .filter(other => other.unit.name !== unit.name)
    .flatMap(({server}) => server.binds ?? [])
  return (
    route.forward?.places?.some(place => others.some(other => isSamePlace(place, other))) === true
  )
}
