import type {Host, HttpAnswer, HttpRequest} from '../../host/host.ts'
import {shownBind} from '../target/bind.ts'

import type {Target} from '../target/target.ts'
import type {Front, Route, Site} from './front.ts'
import {namesOf} from './site-names.ts'
import {isTaken} from './visitors-address.ts'

/** How a visitor asks for the application: by a name, where a front listens for it. */
export interface Question {
  readonly name: string
  readonly address: {readonly host: string; readonly port: number}
  readonly tls: boolean
  readonly front: Front
  readonly site: Site
  /** Where its pages come from: a route to the application, else one that leads elsewhere. */
  readonly route: Route
  /** The application's own path below the name, as in FORCE_SCRIPT_NAME: "/prism"; mostly empty. */
  readonly prefix: string
}

/** Every way that leads to the application by the configuration of a front that runs. */
export function questionsOf(fronts: readonly Front[], {hosts}: Target): readonly Question[] {
  const all = fronts.flatMap(front =>
    front.sites.flatMap(site => {
      const route =
        site.leadsHere && front.active
          ? mainRoute(site, ({forward}) => forward?.leadsHere === true)
          : null
      return route === null
        ? []
        : namesOf(front, site, hosts).flatMap(name => questions(front, site, route, name))
    }),
  )
  return all.filter(
    (one, at) =>
      all.findIndex(other => other.name === one.name && placeAsked(other) === placeAsked(one)) ===
      at,
  )
}

function placeAsked({address, tls}: Question): string {
  return `${tls} ${shownBind(address)}`
}

/** How to ask a site by a name: over plain HTTP, and over TLS, where it listens so. */
export function questions(
  front: Front,
  site: Site,
  route: Route,
  name: string,
): readonly Question[] {
  const here = (port: number): string =>
    front.address !== undefined && isTaken(front, port) ? front.address : '127.0.0.1'
  const listens = [site.listens.find(({tls}) => !tls), site.listens.find(({tls}) => tls)].filter(
    at => at !== undefined,
  )
  return listens.map(({host, port, tls}) => ({
    name,
    address: {host: host === '' ? here(port) : host === '::' ? '::1' : host, port},
    tls,
    front,
    site,
    route,
    prefix: route.path.replace(/\/$/, ''),
  }))
}

/** Of the routes that are wanted the one for most of a site. */
export function mainRoute({routes}: Site, isWanted: (route: Route) => boolean): Route | null {
  const [main] = routes.filter(isWanted).sort((a, b) => a.path.length - b.path.length)
  return main ?? null
}

/** One page as a visitor asks for it. */
export function askFront(
  host: Host,
  {name, address, tls}: Pick<Question, 'name' | 'address' | 'tls'>,
  path: string,
  {headers, ...options}: Pick<HttpRequest, 'headers' | 'time' | 'timeout' | 'most'> = {},
): Promise<HttpAnswer> {
  const asked = {address, path, headers: {host: name, ...headers}, ...(tls && {tls: name})}
  return host.request({...asked, ...options})
}
