import {type Check, critical, ok, type Verdict, warning} from '../../check.ts'
import {foreignListener, isForeign} from '../../findings/http-app.ts'
import {CannotLook, type Host, type HttpAnswer} from '../../host/host.ts'
import {blockedAt, may, type Opener, octal} from '../../probes/access.ts'
import {askPage, pagesWithSession, redirectsToHttps, shownBind} from '../../probes/http.ts'
import {findWhoListens} from '../../probes/listeners.ts'
import type {Nginx} from '../../probes/nginx.ts'
import {refusalOf, upstreamComplaint} from '../../probes/nginx-journal.ts'
import {admits, askSite, findSites, isMaintenance, isSame, restrictionOf, type Site} from '../../probes/nginx-sites.ts'
import {nginxOpener} from '../../probes/openers.ts'
import {type Component, resolvePath} from '../../probes/paths.ts'
import {isFirstStart, timestampOf} from '../../probes/systemd.ts'
import {awaitStart, hand, nixService, rebuild, remedy, restartWithEnvironment, run} from '../../remedy.ts'
import {hostsOf, type Target} from '../../target.ts'

const page = pagesWithSession[0]
const readJournal = hand('journalctl -u nginx.service -n 50 --no-pager')

export const httpProxy: Check = {
  id: 'http/proxy',
  title: 'nginx forwards its names to the application',
  fix: 'starts nginx',
  explanation: {
    why: 'Visitors come through nginx. An application that answers at its own address is no use while nginx sends them elsewhere.',
    asks: `nginx's configuration is read from its files. For each server_name that forwards to the application, or that the application
admits, the login page is asked of nginx at the address where it listens, over TLS where there is nothing else (whatever the
certificate says), and the answer is held against the application's own.`,
    findings: {
      'not-running': {
        means: 'nginx does not run, or refuses its configuration: then its own words are quoted.',
        remedy: 'Start it where somebody stopped it; else correct what it refuses, then rebuild.',
      },
      maintenance: {
        means: 'nginx is told to answer 503 itself (return 503), as while somebody works on the application.',
        remedy: 'Take the page for maintenance out of the configuration, then rebuild.',
      },
      'not-listening': {
        means: 'nginx runs and nothing takes connections where its configuration says.',
        remedy: 'Reload nginx, or see its journal.',
      },
      'wrong-upstream': {
        means:
          'nginx forwards to another address than the one where the application listens, and gets no answer there.',
        remedy: 'Correct proxy_pass, then rebuild.',
      },
      'socket-denied': {
        means: "The application's socket, or a directory above it, does not admit nginx's user.",
        remedy: 'Put nginx into the group, and give the group the permission that lacks, then rebuild.',
      },
      'bad-gateway': {
        means: `nginx forwards to the right place and gets no answer there, or too late a one. Where the application answers when it is
asked directly, what nginx says of its upstream is quoted.`,
        remedy:
          'See why the application does not answer: mostly http/app says so. Else correct what nginx complains of.',
      },
      starting: {
        means: 'nginx gets no answer yet, since the service is starting.',
        remedy: 'Wait until it has started, then look again.',
      },
      'host-not-allowed': {
        means: 'The application refuses a name that nginx serves (400): ALLOWED_HOSTS lacks it.',
        remedy: 'Add the name to ALLOWED_HOSTS, then rebuild.',
      },
      'host-not-forwarded': {
        means: `The application admits the name and refuses the request: nginx forwards the name of its upstream instead. One with an
underscore is never admitted, whatever ALLOWED_HOSTS says.`,
        remedy: 'Forward the name (proxy_set_header Host $host; recommendedProxySettings on NixOS), then rebuild.',
      },
      'redirect-loop': {
        means: 'Over TLS, too, the application redirects to https: it is not told that the visitor came over TLS.',
        remedy: 'Forward X-Forwarded-Proto and set SECURE_PROXY_SSL_HEADER, then rebuild.',
      },
      'foreign-listener': {
        means: 'Another program than nginx listens where nginx is told to, and answers in its place.',
        remedy: 'End or move that program yourself, then restart nginx.',
      },
      'answered-elsewhere': {
        means:
          'The application has the page, and nginx answers something else: another site, or another location, takes the request.',
        remedy: 'See which server block nginx chooses: the first of that name counts.',
      },
    },
    mistakenFor: `A password that nginx asks for, addresses that it denies and limits on requests turn away who asks from this
machine, and are no fault. A redirect to https where TLS ends on another machine is no fault. Names with wildcards and the default server "_"
are not asked for unless the application's own name ends up there. An expired certificate is another matter. 502 while the application itself is down is its consequence.`,
  },
  explainedBy: ['http/app', 'service/unit', 'service/active'],
  async run({host, target}) {
    const found = await findSites(host, target)
    if (!found) return ok('no nginx runs on this machine')
    const {nginx, sites, concerned} = found
    if (!nginx.active && (sites.length > 0 || concerned)) return notRunning(host, target, nginx, sites)
    if (sites.length === 0) {
      const [unread] = nginx.unread
      if (unread)
        throw new CannotLook(`${unread} of nginx's configuration may not be read`, {privilege: host.uid !== 0})
      return ok('nginx forwards nothing to the application')
    }
    const byName = new Map(sites.map(site => [site.name, site]))
    const judged = await Promise.all([...byName.values()].map(site => judge(host, target, nginx, site)))
    const said = judged.filter(verdict => verdict !== null)
    if (said.length > 0) return said
    return ok(`nginx forwards ${[...byName.keys()].join(', ')} to the application`)
  },
}

async function judge(host: Host, target: Target, nginx: Nginx, site: Site): Promise<Verdict | null> {
  const {name, upstream, prefix} = site
  const answer = await askSite(host, site, `${prefix}${page}`)
  if (answer.kind === 'unreachable' && answer.code !== 'ECONNREFUSED') {
    return critical(
      'bad-gateway',
      `nginx gives no answer for ${name}: ${answer.message}`,
      remedy('See why the application does not answer', 'manual', [readJournal]),
    )
  }
  if (answer.kind === 'unreachable') {
    // Between two tries it is active for a moment.
    if (Number(nginx.unit.get('NRestarts')) > 0) return notRunning(host, target, nginx, [site])
    const {address} = site
    return critical(
      'not-listening',
      `nginx is told to listen at ${shownBind(address)} for ${name}, and does not answer there: ${answer.message}`,
      remedy('See what nginx says, then reload it', 'manual', [
        readJournal,
        run('systemctl', 'reload', 'nginx.service'),
      ]),
      {because: []},
    )
  }
  const restriction = restrictionOf(site, answer.status)
  if (restriction) return ok(`nginx turns this machine away for ${name} with ${answer.status} (${restriction})`)
  if (isMaintenance(site, answer.status)) return maintenance(target, name)
  if ([500, 502, 503, 504].includes(answer.status)) return badGateway(host, target, nginx, site, answer.status)
  if (answer.status === 400) {
    if (!admits(target.hosts, name)) return hostNotAllowed(target, name)
    const direct = await askDirectly(host, target, name)
    if (direct?.kind === 'response' && direct.status === 400) return null
    return critical(
      'host-not-forwarded',
      `the application refuses ${name} behind nginx (400) and admits it itself: nginx forwards the name ${upstream}`,
      remedy(
        'Forward the name that the visitor asked for, then rebuild',
        'manual',
        [rebuild(target)],
        'services.nginx.recommendedProxySettings = true;',
      ),
      {because: []},
    )
  }
  if (redirectsToHttps(answer)) return site.tls ? redirectLoop(target, name, answer) : null
  const direct = await askDirectly(host, target, name)
  // Below a path of its own the application need not be the only one, nor have its login there.
  if (prefix !== '' && answer.status === 404) return null
  const works = direct?.kind === 'response' && direct.status < 400
  if (!works || answer.status < 400) return null
  const who = await findWhoListens(host, nginx.unit, site.address)
  if (isForeign(nginx, who)) return foreignListener(nginx, site.address, who)
  return critical(
    'answered-elsewhere',
    `nginx answers ${name}${prefix}${page} with ${answer.status}, and the application with ${direct.status}: something else takes the request`,
    remedy('See which server and location nginx chooses', 'manual', [
      hand(`curl -sI -H 'Host: ${name}' http://${shownBind(site.address)}${prefix}${page}`),
      rebuild(target),
    ]),
    {because: []},
  )
}

async function notRunning(host: Host, target: Target, {unit}: Nginx, sites: readonly Site[]): Promise<Verdict> {
  const state = `${unit.get('ActiveState')} (${unit.get('SubState')})`
  const refused = unit.get('ActiveState') === 'inactive' ? null : await refusalOf(host, unit)
  const names = [...new Set(sites.map(({name}) => name))].join(', ') || 'the application through it'
  return critical(
    'not-running',
    refused ? `nginx does not start: ${refused.words}` : `nginx is ${state}: nobody reaches ${names}`,
    refused
      ? remedy('Correct what nginx refuses, then rebuild', 'manual', [readJournal, rebuild(target)])
      : remedy('Start nginx', 'disruptive', [run('systemctl', 'start', unit.name)]),
    {
      since: timestampOf(unit, 'InactiveEnterTimestamp'),
      evidence: [...(refused ? [refused.line] : []), `nginx.service is ${state}`],
      because: [],
    },
  )
}

function maintenance(target: Target, name: string): Verdict {
  return warning(
    'maintenance',
    `nginx answers ${name} with 503 itself (return 503), and does not ask the application`,
    remedy('Take the page for maintenance out of the configuration of nginx, then rebuild', 'manual', [
      rebuild(target),
    ]),
    {because: []},
  )
}

async function askDirectly(host: Host, target: Target, name: string): Promise<HttpAnswer | null> {
  return target.bind ? askPage(host, target.bind, name, page) : null
}

function hostNotAllowed(target: Target, name: string): Verdict {
  const declared = hostsOf(target.environment.get('ALLOWED_HOSTS'))
  const running = target.running?.get('ALLOWED_HOSTS')
  if (running !== undefined && !admits(hostsOf(running), name) && admits(declared, name)) {
    return critical(
      'host-not-allowed',
      `nginx serves ${name}, which the unit's ALLOWED_HOSTS has and the running process lacks: every visitor gets 400`,
      restartWithEnvironment(target),
      {evidence: [`ALLOWED_HOSTS=${running}`], because: []},
    )
  }
  const hosts = [...declared, name].join(',')
  return critical(
    'host-not-allowed',
    `nginx serves ${name}, which ALLOWED_HOSTS lacks: every visitor gets 400`,
    remedy(
      'Add the name to ALLOWED_HOSTS, then rebuild',
      'manual',
      [rebuild(target)],
      `${nixService(target.unit)}.environment.ALLOWED_HOSTS = "${hosts}";`,
    ),
    // With no name at all the application refuses everybody, nginx or not: http/app says so.
    {evidence: [`ALLOWED_HOSTS=${target.hosts.join(',')}`], ...(target.hosts.length > 0 && {because: []})},
  )
}

function redirectLoop(target: Target, name: string, {headers}: Extract<HttpAnswer, {kind: 'response'}>): Verdict {
  return critical(
    'redirect-loop',
    `over TLS, too, ${name} redirects to ${headers.location}: the application is not told of TLS`,
    remedy(
      'Forward X-Forwarded-Proto and let Django trust it, then rebuild',
      'manual',
      [hand("SECURE_PROXY_SSL_HEADER = ('HTTP_X_FORWARDED_PROTO', 'https')  # in the settings"), rebuild(target)],
      'services.nginx.recommendedProxySettings = true;',
    ),
    {because: []},
  )
}

async function badGateway(
  host: Host,
  target: Target,
  nginx: Nginx,
  {name, binds, upstream}: Site,
  status: number,
): Promise<Verdict> {
  const {bind} = target
  const [place = upstream] = binds
  const socketPath = place.startsWith('unix:') ? place.slice(5) : null
  if (socketPath !== null) {
    const [{components, stat}, opener] = await Promise.all([resolvePath(host, socketPath), nginxOpener(host)])
    const end = stat && {path: socketPath, stat}
    const wall = opener && (blockedAt(opener, components) ?? (end && !may(opener, 'write', end.stat) ? end : null))
    if (opener && wall) return socketDenied(target, name, status, opener, wall)
  }
  const direct = bind && (await askPage(host, bind, name, page))
  const answered = bind !== null && direct?.kind === 'response'
  const elsewhere = bind !== null && !binds.some(each => isSame(each, bind))
  if (answered && !elsewhere && direct.status < 500) {
    const complaint = await upstreamComplaint(host, nginx.unit)
    return critical(
      'bad-gateway',
      `nginx answers ${status} for ${name}, while ${shownBind(bind)} answers when it is asked directly${complaint ? `: ${complaint.words}` : ''}`,
      remedy('Correct what nginx complains of', 'manual', [readJournal]),
      {evidence: complaint ? [complaint.line] : [], because: []},
    )
  }
  // Whatever it answers: an application that fails as well is another fault.
  if (answered && elsewhere) {
    return critical(
      'wrong-upstream',
      `nginx forwards ${name} to ${place} and answers ${status}; the application listens at ${shownBind(bind)}`,
      remedy(
        'Correct proxy_pass, then rebuild',
        'manual',
        [rebuild(target)],
        `services.nginx.virtualHosts."${name}".locations."/".proxyPass = "http://${'socketPath' in bind ? 'unix:' : ''}${shownBind(bind)}";`,
      ),
      {because: []},
    )
  }
  const {unit} = target
  if (isFirstStart(unit)) {
    return warning('starting', `nginx answers ${status} for ${name} while ${unit.name} is starting`, awaitStart(unit))
  }
  return critical(
    'bad-gateway',
    `nginx answers ${status} for ${name}: ${place} does not answer it`,
    remedy('See why the application does not answer', 'manual', [readJournal]),
  )
}

function socketDenied(target: Target, name: string, status: number, opener: Opener, {path, stat}: Component): Verdict {
  const {unit, group, user} = target
  const service = `${nixService(unit)}.serviceConfig`
  const isSocket = stat.type === 'socket'
  const admitsGroup = (stat.mode & (isSocket ? 0o020 : 0o010)) !== 0
  const opened = isSocket ? `${service}.UMask = "0007";` : `${service}.RuntimeDirectoryMode = "0750";`
  const joined = `users.users.${opener.name}.extraGroups = [ "${group ?? user ?? 'prism'}" ];`
  return critical(
    'socket-denied',
    `${opener.name} may not ${isSocket ? 'open' : 'pass'} ${path} (mode ${octal(stat.mode)}): ${name} answers ${status}`,
    remedy(
      admitsGroup
        ? "Put nginx into the group of the application's socket, then rebuild"
        : "Open the application's socket to its group and put nginx into that, then rebuild",
      'manual',
      [hand(`ls -ld ${path}`), rebuild(target)],
      admitsGroup ? joined : `${opened} ${joined}`,
    ),
    {evidence: [`${octal(stat.mode)} ${stat.uid}:${stat.gid} ${path}`], because: []},
  )
}
