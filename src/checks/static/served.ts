import {type Check, critical, ok, type Remedy, type Verdict, warning} from '../../check.ts'
import {CannotLook, type Host, type HttpAnswer} from '../../host/host.ts'
import {allowedHost, redirectsToHttps, shownBind} from '../../probes/http.ts'
import {askSite, findSites, isMaintenance, restrictionOf, type Site} from '../../probes/nginx-sites.ts'
import {findStaticTree, hashIn, type StaticTree} from '../../probes/static-tree.ts'
import {isFirstStart} from '../../probes/systemd.ts'
import {awaitStart, hand, rebuild, remedy, restart} from '../../remedy.ts'
import type {Target} from '../../target.ts'
import {staticManifest} from './manifest.ts'

export const staticServed: Check = {
  id: 'static/served',
  title: 'A static file comes over HTTP as it was collected',
  fix: 'restarts the service',
  explanation: {
    why: 'All files may be right on the disk while every visitor gets a page without its style.',
    asks: `One style sheet that the manifest names (or one that was collected) is asked for over HTTP: of the application where it
serves static files itself, and of nginx by each of its names. As identity and as browsers ask, compressed: a surviving .gz hides
that the original is gone. Bytes are compared by MD5, and Cache-Control of a hashed file is read.`,
    findings: {
      'not-served': {
        means:
          'The file is there and the answer is an error: a location of nginx, a wrong alias, another STATIC_URL, or a process that does not know it.',
        remedy: 'Correct the location where nginx answers; restart the service where the application does.',
      },
      starting: {
        means: 'The service is starting, and the files do not come yet.',
        remedy: 'Wait until it has started, then look again.',
      },
      'other-bytes': {
        means: 'What comes is not what lies in STATIC_ROOT: it is served from elsewhere, or from a cache.',
        remedy: 'Correct the alias, or empty the cache.',
      },
      'not-immutable': {
        means:
          'WhiteNoise serves a hashed file and lets browsers keep it for a minute only: it does not know it for one.',
        remedy: 'Restart the service; WhiteNoise reads the manifest at start.',
      },
    },
    mistakenFor: `404 for /static/ itself is normal. nginx sets no Cache-Control unless it is told to, which works. A static file that
needs no database comes even when every page fails, and the other way round.`,
  },
  needs: [staticManifest],
  explainedBy: ['static/fresh', 'static/integrity', 'state/modes', 'http/app', 'http/proxy', 'app/deploy'],
  async run({host, target}) {
    const found = await findStaticTree(host, target)
    if (!found) return ok('nothing was collected')
    const sample = sampleOf(found)
    if (!sample) return ok('no static file to ask for')
    const url = `${found.files.url}${sample.name}`
    const [byApp, byNginx] = await Promise.all([
      found.files.whiteNoise === false ? [] : askApplication(host, target, found, sample, url),
      askNginx(host, target, sample, url),
    ])
    const said = [...byApp, ...byNginx]
    const bad = said.filter(({status}) => status !== 'ok')
    if (bad.some(({status}) => status === 'critical') && isFirstStart(target.unit)) {
      const message = `${url} does not come while ${target.unit.name} is starting`
      return warning('starting', message, awaitStart(target.unit), {because: ['service/active', 'http/app']})
    }
    return bad.length > 0 ? bad : (said[0] ?? ok(`${url} comes as it was collected`))
  },
}

interface Sample {
  readonly name: string
  readonly md5: string
  readonly hashed: boolean
}

/** A style sheet if there is one: pages look broken without it. */
function sampleOf({manifest, digests, tree}: StaticTree): Sample | null {
  const names = manifest
    ? [...manifest.paths.values()]
    : tree.entries.filter(({type}) => type === 'file').map(({path}) => path)
  const known = names.filter(name => typeof digests.files[name]?.md5 === 'string' && !/\.(?:gz|br)$/.test(name))
  const name =
    known.find(each => each.endsWith('.css') && !each.startsWith('admin/')) ??
    known.find(each => each.endsWith('.css')) ??
    known[0]
  const md5 = name === undefined ? null : digests.files[name]?.md5
  return name !== undefined && md5 ? {name, md5, hashed: manifest !== null && hashIn(name) !== null} : null
}

/** As curl asks, and as browsers do. */
const encodings = ['identity', 'gzip, deflate, br'] as const

async function askApplication(
  host: Host,
  target: Target,
  found: StaticTree,
  sample: Sample,
  url: string,
): Promise<readonly Verdict[]> {
  const {bind, hosts} = target
  if (!bind) throw new CannotLook('where the application listens could not be read from its unit')
  const name = allowedHost(hosts) ?? 'localhost'
  const answers = await Promise.all(
    encodings.map(encoding =>
      host.request({
        address: bind,
        path: url,
        headers: {host: name, 'accept-encoding': encoding, 'x-forwarded-proto': 'https'},
      }),
    ),
  )
  const cure = remedy('Restart the service, so that it knows its files', 'disruptive', [restart(target)])
  const bad = wrong(shownBind(bind), url, sample, answers, cure)
  if (bad) return [bad]
  const [plain] = answers
  if (plain?.kind !== 'response' || plain.status !== 200) return []
  const caching = plain.headers['cache-control'] ?? ''
  const lasting = /immutable/.test(caching) || Number(/max-age=(\d+)/.exec(caching)?.[1] ?? 0) >= 2_592_000
  if (!sample.hashed || lasting || found.files.whiteNoise !== true || found.files.servesUncollected) return []
  return [
    warning('not-immutable', `${url} has a hash in its name and comes with Cache-Control "${caching}"`, cure, {
      evidence: [`cache-control: ${caching}`],
    }),
  ]
}

async function askNginx(host: Host, target: Target, sample: Sample, url: string): Promise<readonly Verdict[]> {
  const found = await findSites(host, target)
  if (!found?.nginx.active) return []
  const byName = new Map(found.sites.map(site => [site.name, site]))
  const judged = await Promise.all(
    [...byName.values()].map(async site => {
      const answers = await Promise.all(
        encodings.map(encoding => askSite(host, site, url, {'accept-encoding': encoding})),
      )
      // Plain HTTP that is redirected: what comes over TLS is not known here.
      if (answers.some(redirectsToHttps) || answers.some(({kind}) => kind === 'unreachable')) return null
      if (answers.some(answer => isTurnedAway(site, answer))) return null
      const cure = remedy('Correct the location that answers, then rebuild', 'manual', [
        hand(`curl -sI -H 'Host: ${site.name}' http://${shownBind(site.address)}${url}`),
        rebuild(target),
      ])
      return wrong(`nginx for ${site.name}`, url, sample, answers, cure)
    }),
  )
  return judged.filter(verdict => verdict !== null)
}

/** By nginx itself, as it is told to: http/proxy tells of it. */
function isTurnedAway(site: Site, answer: HttpAnswer): boolean {
  return (
    answer.kind === 'response' && (restrictionOf(site, answer.status) !== null || isMaintenance(site, answer.status))
  )
}

function wrong(who: string, url: string, sample: Sample, answers: readonly HttpAnswer[], cure: Remedy): Verdict | null {
  for (const [index, answer] of answers.entries()) {
    const asked = encodings[index]
    if (answer.kind === 'unreachable') {
      return critical('not-served', `${who} does not answer ${url}: ${answer.message}`, cure, {evidence: [answer.code]})
    }
    // The application, or what stands before it, asks who is there first: nobody is told what comes then.
    if (answer.status === 401)
      return ok(`${who} asks for a password before ${url} (401): what comes then is not judged`)
    if (answer.status !== 200) {
      return critical('not-served', `${who} answers ${url} with ${answer.status} (as ${asked})`, cure)
    }
    const encoded = (answer.headers['content-encoding'] ?? 'identity') !== 'identity'
    if (!encoded && answer.md5 !== sample.md5) {
      return critical('other-bytes', `${who} answers ${url} with other bytes than were collected`, cure, {
        evidence: [`md5 ${answer.md5}, collected ${sample.md5}`],
      })
    }
  }
  return null
}
